package canarytest_test

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/relatingfield/vault/internal/canarytest"
	"github.com/relatingfield/vault/internal/nodetest"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/vaulttest"
)

// Promise P1: plaintext never reaches a disk, a log or a database, also when the
// server seals on arrival, when bodies break off and when requests are refused;
// and promise P7: what devices and proxies say of themselves is not kept.
func TestNothingThatTheServerLeavesBehindHoldsAMark(t *testing.T) {
	for _, engine := range []store.Engine{store.SQLite, store.PostgreSQL} {
		t.Run(string(engine), func(t *testing.T) {
			v, s := nodetest.New(t, engine), newSecrets(t)
			known := "Institute " + word(t) // what is no secret must be found: the search reaches the database
			node := v.Start()
			door := v.Door(node)
			door.HTTP = &http.Client{Transport: marked{s.headers, http.DefaultTransport}}
			st := tell(t, door, s, known)
			st.breakOff()
			st.refuse()
			whileABodyIsUnderWay(t, v, st, node)
			dump := dumped(t, v)
			node.Kill() // as a crash leaves it: logs not yet folded into their tables
			searched(t, v, node, s.scanner(), dump)
			reaches(t, v, scanner(t, canarytest.Mark{Name: "the institution", Data: []byte(known)}), dump)
			quiet(t, v, node, st)
			node = v.Start()
			node.Stop() // and as an orderly end leaves it
			searched(t, v, node, s.scanner(), dump)
		})
	}
}

// dumped is a file with everything in the PostgreSQL database; SQLite's is its
// own dump.
func dumped(t *testing.T, v *nodetest.Vault) string {
	t.Helper()
	if v.Cluster == nil {
		return ""
	}
	path := filepath.Join(t.TempDir(), "dump.sql")
	program, err := exec.LookPath("pg_dump")
	if err != nil {
		t.Fatal("pg_dump is missing: install it with: apt-get install postgresql-client")
	}
	if out, err := exec.Command(program, "--file", path, v.Cluster.URL(nodetest.Database)).CombinedOutput(); err != nil {
		t.Fatalf("pg_dump: %v\n%s", err, out)
	}
	return path
}

// searched looks everywhere.
func searched(t *testing.T, v *nodetest.Vault, node *vaulttest.Process, s *canarytest.Scanner, dump string) {
	t.Helper()
	found, size := search(t, v, s, dump)
	log, err := s.Read("the log", strings.NewReader(node.Log.String()))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range append(found, log...) {
		t.Error(f)
	}
	if least := int64(900 << 10); size < least {
		t.Errorf("only %d bytes were searched: what was stored is not there", size)
	}
}

func search(t *testing.T, v *nodetest.Vault, s *canarytest.Scanner, dump string) (found []canarytest.Find, size int64) {
	t.Helper()
	places := []string{v.Dir}
	if v.Cluster != nil {
		if err := v.Cluster.Kill(); err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := v.Cluster.Restart(t.Context()); err != nil {
				t.Fatal(err)
			}
		}()
		places = append(places, v.Cluster.DataDir(), filepath.Dir(dump), filepath.Join(v.Cluster.Dir(), "log"))
	}
	for _, p := range places {
		in, n, err := s.Tree(p)
		if err != nil {
			t.Fatal(err)
		}
		found, size = append(found, in...), size+n
	}
	return found, size
}

// reaches wants a thing that is known to everybody found in the database, in its
// log and in the dump: a search that does not look there would find no mark.
func reaches(t *testing.T, v *nodetest.Vault, s *canarytest.Scanner, dump string) {
	t.Helper()
	found, _ := search(t, v, s, dump)
	places := []string{filepath.Join(v.Data, "vault.db-wal")}
	if v.Cluster != nil {
		places = []string{filepath.Join(v.Cluster.DataDir(), "base"), filepath.Join(v.Cluster.DataDir(), "pg_wal"), dump}
	}
	for _, p := range places {
		if !strings.Contains(report(found), p) {
			t.Errorf("the search did not reach %s: it found\n%s", p, report(found))
		}
	}
}

func report(found []canarytest.Find) string {
	var b strings.Builder
	for _, f := range found {
		b.WriteString(f.String() + "\n")
	}
	return b.String()
}

// records are the lines of the log, without what the program says to people.
func records(node *vaulttest.Process) string {
	var b strings.Builder
	for line := range strings.Lines(node.Log.String()) {
		if strings.HasPrefix(line, "time=") {
			b.WriteString(line)
		}
	}
	return b.String()
}

// quiet wants a log of every request that names nobody and nothing, and empty
// temporary and home folders.
func quiet(t *testing.T, v *nodetest.Vault, node *vaulttest.Process, st *story) {
	t.Helper()
	log := records(node)
	if n := strings.Count(log, "msg=request"); n < 80 {
		t.Errorf("the log has %d requests: it is not the log of this story", n)
	}
	for what, name := range map[string]string{"her account": string(st.her.Account()), "the reader's account": string(st.reader.Account()),
		"the testimony": string(st.testimony), "the grant": string(st.grant), "an address": "127.0.0.1"} {
		if strings.Contains(log, name) {
			t.Errorf("the log names %s", what)
		}
	}
	for dir, empty := range map[string]int{v.Home: 1, filepath.Join(v.Home, "tmp"): 0} {
		if left, err := os.ReadDir(dir); err != nil || len(left) > empty {
			t.Errorf("the server left %v where it ran (%v)", left, err)
		}
	}
}
