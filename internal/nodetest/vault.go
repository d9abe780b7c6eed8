// Package nodetest runs the server program itself, for attacks that need whole
// processes: several nodes over one database, a node that falls silent, the
// files that a process leaves behind.
//
// Promises: the program is built from this source tree; a vault has one folder
// with everything its processes can find by their environment (data, temporary
// folder, home, output and log), so that a search of it is complete; when the
// test ends no process is left.
//
// Assumes: Linux, the go command, and for PostgreSQL what package pgtest
// assumes. Does not: look into the processes; they are met over HTTP, as anybody
// meets them.
package nodetest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/pgtest"
	"github.com/relatingfield/vault/internal/store"
)

// Vault is a founded practice vault and what its nodes share.
type Vault struct {
	Dir     string          // holds everything below
	Data    string          // the data folder, with the server's keys and the payloads
	Engine  store.Engine    // of the database
	Cluster *pgtest.Cluster // nil on SQLite
	ID      api.Hash

	t       testing.TB
	program string
	steward client.Secret
	set     []string
	nodes   int
}

// Database is the name of the vault's database in its cluster.
const Database = "vault"

// New founds a vault on an engine. settings are configuration, as in
// "limits.stall=5s".
func New(t testing.TB, engine store.Engine, settings ...string) *Vault {
	t.Helper()
	dir := t.TempDir()
	v := &Vault{Dir: dir, Data: filepath.Join(dir, "data"), Engine: engine, t: t, program: Program(t), set: settings}
	if engine == store.PostgreSQL {
		v.Cluster = pgtest.New(t, pgtest.Options{})
		v.must(v.Cluster.Create(t.Context(), Database, ""))
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

func (v *Vault) found() {
	v.t.Helper()
	out, err := v.command(v.folder("founding"), "found", "--practice").CombinedOutput()
	if err != nil {
		v.t.Fatalf("found a vault: %v\n%s", err, out)
	}
	_, rest, _ := strings.Cut(string(out), "Vault id: ")
	name, _, _ := strings.Cut(rest, "\n")
	v.ID, err = api.ParseHash(name)
	v.must(err)
	words, err := os.ReadFile(filepath.Join(v.Data, "practice-steward.words"))
	v.must(err)
	v.steward, err = client.ParseSecret(string(words))
	v.must(err)
}

// folder makes the folder of one process, with its home and temporary folder.
func (v *Vault) folder(name string) string {
	v.t.Helper()
	dir := filepath.Join(v.Dir, name)
	for _, sub := range []string{"home", "tmp"} {
		v.must(os.MkdirAll(filepath.Join(dir, sub), 0o700))
	}
	return dir
}

// command is the server program with an environment of nothing but this vault.
func (v *Vault) command(dir string, args ...string) *exec.Cmd {
	for _, s := range append([]string{"enrolment.pow_bits=1", "log.level=debug"}, v.set...) {
		args = append(args, "--set", s)
	}
	cmd := exec.Command(v.program, args...)
	cmd.Dir = filepath.Join(dir, "home")
	cmd.Env = []string{
		"HOME=" + cmd.Dir, "TMPDIR=" + filepath.Join(dir, "tmp"),
		"TESTIMONYD_DATA_DIR=" + v.Data, "TESTIMONYD_LISTEN=127.0.0.1:0", "TESTIMONYD_STORE_ENGINE=" + string(v.Engine),
	}
	if v.Cluster != nil {
		cmd.Env = append(cmd.Env, "TESTIMONYD_STORE_URL="+v.Cluster.URL(Database))
	}
	return cmd
}

// Program builds the server for a test.
func Program(t testing.TB) string {
	t.Helper()
	return build(t, "testimonyd")
}

// Client builds the command line client for a test.
func Client(t testing.TB) string {
	t.Helper()
	return build(t, "testimony")
}

func build(t testing.TB, name string) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), name)
	cmd := exec.Command("go", "build", "-trimpath", "-o", out, "github.com/relatingfield/vault/cmd/"+name)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatal(fmt.Errorf("build %s: %w\n%s", name, err, text))
	}
	return out
}
