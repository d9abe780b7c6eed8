package client_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/partnertest"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/vaulttest"
)

// stage is what an example has in place of a test: a vault of its own, in a folder that
// goes with it.
type stage struct {
	testing.TB
	dir  string
	ends []func()
}

func (s *stage) Helper()                   {}
func (s *stage) Context() context.Context  { return context.Background() }
func (s *stage) Cleanup(do func())         { s.ends = append(s.ends, do) }
func (s *stage) Fatal(args ...any)         { log.Fatal(args...) }
func (s *stage) Fatalf(f string, a ...any) { log.Fatalf(f, a...) }
func (s *stage) Error(args ...any)         { log.Fatal(args...) }
func (s *stage) Errorf(f string, a ...any) { log.Fatalf(f, a...) }

func (s *stage) TempDir() string {
	dir, err := os.MkdirTemp(s.dir, "")
	check(err)
	return dir
}

func (s *stage) end() {
	slices.Reverse(s.ends)
	for _, do := range s.ends {
		do()
	}
	check(os.RemoveAll(s.dir))
}

// live is a practice vault that is served, its address and id as they stand on a card,
// a folder to work in, and an accredited reader.
func live() (server string, vault api.Hash, dir string, reader *client.Client, end func()) {
	dir, err := os.MkdirTemp("", "")
	check(err)
	s := &stage{dir: dir}
	v := vaulttest.New(s)
	steward := v.StewardClient()
	check(steward.Enrol(s.Context(), statement.Steward, ""))
	reader = v.Client(v.Keys())
	check(reader.Enrol(s.Context(), statement.Researcher, ""))
	check(reader.Apply(s.Context(), "Dr. Leyla", "Institute for Listening", "to listen"))
	_, err = steward.Accredit(s.Context(), reader.Account(), 90)
	check(err)
	return v.URL, v.ID, dir, reader, s.end
}

// partnership is a practice vault that has an agreement with an organisation, and the id
// and key of one of its programs, which two officers have registered.
func partnership() (server string, vault api.Hash, program api.ID, key ed25519.PrivateKey, end func()) {
	dir, err := os.MkdirTemp("", "")
	check(err)
	s := &stage{dir: dir}
	v := vaulttest.New(s)
	g := partnertest.New(v).Partner().Program()
	return v.URL, v.ID, g.ID, g.Key.(ed25519.PrivateKey), s.end
}

// somebody has told something in the vault: her client, and the testimony.
func somebody(server string, vault api.Hash) (*client.Client, api.ID) {
	ctx := context.Background()
	secret, err := client.NewSecret(rand.Reader)
	check(err)
	keys, err := client.KeysFor(secret, vault)
	check(err)
	her, err := client.New(client.Config{Server: server, Vault: vault, Keys: keys})
	check(err)
	check(her.Enrol(ctx, "participant", ""))
	testimony, err := her.Create(ctx, client.Testimony{Title: "Winter", Language: "en", Parts: []client.Content{client.Bytes("winter.txt", "", []byte("They took the men at the bridge."))}})
	check(err)
	return her, testimony
}

// film is a file of a few megabytes.
func film(dir string) string {
	path := filepath.Join(dir, "film.mp4")
	check(os.WriteFile(path, noise(5<<20), 0o600))
	return path
}

func say(format string, args ...any) { fmt.Printf(format+"\n", args...) }
