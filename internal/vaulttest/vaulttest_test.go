package vaulttest_test

import (
	"crypto/rand"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"testing"

	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/pgtest"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/vaulttest"
)

// The vault is the product's: a person can enrol in it, and comes back to her
// account after it was restarted, on both engines.
func TestAVaultIsWholeOnBothEngines(t *testing.T) {
	for _, e := range []store.Engine{store.SQLite, store.PostgreSQL} {
		t.Run(string(e), func(t *testing.T) {
			v := vaulttest.New(t, vaulttest.On(e))
			keys := v.Keys()
			if err := v.Client(keys).Enrol(t.Context(), statement.Participant, ""); err != nil {
				t.Fatal(err)
			}
			v.Stop()
			v.Start()
			head, err := v.Client(keys).Head(t.Context())
			if err != nil || head.Seq != 1 {
				t.Errorf("after a restart her chain is at %d, %v", head.Seq, err)
			}
			if strings.Contains(v.Log.String(), "level=ERROR") {
				t.Errorf("the log has errors:\n%s", v.Log)
			}
		})
	}
}

// Several nodes serve one vault.
func TestNodesShareAVault(t *testing.T) {
	v := vaulttest.New(t, vaulttest.On(store.PostgreSQL))
	n := v.Node()
	keys := v.Keys()
	if err := v.Client(keys).Enrol(t.Context(), statement.Participant, ""); err != nil {
		t.Fatal(err)
	}
	if head, err := n.Client(keys).Head(t.Context()); err != nil || head.Seq != 1 || n.URL == v.URL {
		t.Errorf("the other node says %d, %v", head.Seq, err)
	}
}

// What the real program acknowledged is there after it was killed.
func TestTheProgramKeepsWhatItAcknowledged(t *testing.T) {
	b := vaulttest.Build(t)
	data := "data_dir=" + filepath.Join(t.TempDir(), "vault")
	if out, err := b.Run("found", "--practice", "--set", data); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	settings := []string{data, "listen=127.0.0.1:0", "enrolment.pow_bits=4"}
	var people []*client.Keys
	for round := range 3 {
		p := b.Serve(settings...)
		for _, keys := range people {
			if head, err := p.Client(keys).Head(t.Context()); err != nil || head.Seq != 1 {
				t.Errorf("round %d: an account is at %d, %v", round, head.Seq, err)
			}
		}
		secret, err := client.NewSecret(strings.NewReader(fmt.Sprintf("sixteen bytes %02d and more", round)))
		if err != nil {
			t.Fatal(err)
		}
		keys, err := client.KeysFor(secret, p.ID)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Client(keys).Enrol(t.Context(), statement.Participant, ""); err != nil {
			t.Fatal(err)
		}
		people = append(people, keys)
		p.Kill()
	}
	b.Serve(settings...).Stop()
}

// Two nodes serve one database that flushes; when one is killed the other goes
// on, with everything that was acknowledged.
func TestTwoNodesShareADurableDatabase(t *testing.T) {
	cluster := pgtest.New(t, pgtest.Options{})
	if err := cluster.Create(t.Context(), "vault", ""); err != nil {
		t.Fatal(err)
	}
	b := vaulttest.Build(t)
	b.Env = []string{"TESTIMONYD_STORE_URL=" + cluster.URL("vault"), "TESTIMONYD_STORE_ENGINE=postgres"}
	settings := []string{"data_dir=" + filepath.Join(t.TempDir(), "vault"), "listen=127.0.0.1:0", "enrolment.pow_bits=4"}
	if out, err := b.Run("serve", "--set", settings[0], "--set", settings[1]); err == nil || !strings.Contains(out, "testimonyd migrate") {
		t.Errorf("served a database that nobody has migrated: %v\n%s", err, out)
	}
	if out, err := b.Run("found", "--practice", "--set", settings[0]); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	one, two := b.Serve(settings...), b.Serve(append(settings, "journal.node=two")...)
	secret, err := client.NewSecret(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := client.KeysFor(secret, one.ID)
	if err != nil {
		t.Fatal(err)
	}
	if err := one.Client(keys).Enrol(t.Context(), statement.Participant, ""); err != nil {
		t.Fatal(err)
	}
	one.Kill()
	if head, err := two.Client(keys).Head(t.Context()); err != nil || head.Seq != 1 || two.ID != one.ID {
		t.Errorf("the other node says %d, %v", head.Seq, err)
	}
	two.Stop()
}

// A stopped vault answers nobody.
func TestAStoppedVaultAnswersNobody(t *testing.T) {
	v := vaulttest.New(t)
	v.Stop()
	if c, err := net.Dial("tcp", strings.TrimPrefix(v.URL, "http://")); err == nil {
		t.Error("somebody still listens")
		_ = c.Close()
	}
}
