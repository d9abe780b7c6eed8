// Package nodetest is a vault of real server processes, for attacks that need
// them: several nodes over one database, a node that falls silent, the files
// that a process leaves behind.
//
// Promises: everything that a process finds by its configuration and environment
// (data, home, temporary folder) lies in one folder or in one PostgreSQL cluster,
// so that a search of both is complete.
//
// Assumes what packages vaulttest and pgtest assume. Does not: look into the
// processes; they are met over HTTP, as anybody meets them.
package nodetest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/peopletest"
	"github.com/relatingfield/vault/internal/pgtest"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/vaulttest"
)

// Database is the name of the vault's database in its cluster.
const Database = "vault"

// Vault is a founded practice vault and what its nodes share.
type Vault struct {
	Dir     string          // holds everything below
	Data    string          // the data folder, with the server's keys and the payloads
	Home    string          // of the processes; their temporary folder is in it
	Cluster *pgtest.Cluster // nil on SQLite
	ID      api.Hash
	Steward client.Secret

	t        testing.TB
	program  *vaulttest.Binary
	settings []string
	nodes    int // started so far
}

// New founds a vault on an engine. settings are configuration, as in
// "limits.stall=5s".
func New(t testing.TB, engine store.Engine, settings ...string) *Vault {
	t.Helper()
	dir := t.TempDir()
	v := &Vault{Dir: dir, Data: filepath.Join(dir, "data"), Home: filepath.Join(dir, "home"), t: t, program: vaulttest.Build(t)}
	v.program.Home = v.Home
	v.settings = append(settings, "data_dir="+v.Data, "enrolment.pow_bits=1", "log.level=debug", "store.engine="+string(engine))
	if engine == store.PostgreSQL {
		v.Cluster = pgtest.New(t, pgtest.Options{})
		v.must(v.Cluster.Create(t.Context(), Database, ""))
		v.settings = append(v.settings, "store.url_file="+v.write("database", v.Cluster.URL(Database)))
	}
	v.found()
	return v
}

func (v *Vault) must(err error) {
	v.t.Helper()
	if err != nil {
		v.t.Fatal(err)
	}
}

func (v *Vault) write(name, text string) string {
	v.t.Helper()
	path := filepath.Join(v.Dir, name)
	v.must(os.WriteFile(path, []byte(text), 0o600))
	return path
}

func (v *Vault) found() {
	v.t.Helper()
	args := []string{"found", "--practice"}
	for _, s := range v.settings {
		args = append(args, "--set", s)
	}
	out, err := v.program.Run(args...)
	if err != nil {
		v.t.Fatalf("found a vault: %v\n%s", err, out)
	}
	_, rest, _ := strings.Cut(out, "Vault id: ")
	name, _, _ := strings.Cut(rest, "\n")
	v.ID, err = api.ParseHash(name)
	v.must(err)
	words, err := os.ReadFile(filepath.Join(v.Data, "practice-steward.words"))
	v.must(err)
	v.Steward, err = client.ParseSecret(strings.TrimSpace(string(words)))
	v.must(err)
}

// Start runs one more node of the vault.
func (v *Vault) Start() *vaulttest.Process {
	v.t.Helper()
	v.nodes++
	return v.StartAs(fmt.Sprintf("node-%d", v.nodes))
}

// Door is the way in at a node.
func (v *Vault) Door(node *vaulttest.Process) *peopletest.Door {
	return &peopletest.Door{T: v.t, Origin: node.URL, Vault: v.ID, Steward: v.Steward}
}
