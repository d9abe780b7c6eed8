package nodetest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/relatingfield/vault/internal/pgtest"
	"github.com/relatingfield/vault/internal/stockagetest"
	"github.com/relatingfield/vault/internal/store"
)

// Backups is the folder of the vault's own backups.
func (v *Vault) Backups() string { return filepath.Join(v.Dir, "backups") }

// Identity is the file of the identity that opens them.
func (v *Vault) Identity() string { return filepath.Join(v.Dir, "operator.txt") }

// KeepBackups makes an operator's identity, post-quantum or classic, and lets the vault
// make backups of its own.
func (v *Vault) KeepBackups(pq bool) {
	v.t.Helper()
	args := []string{"-o", v.Identity()}
	if pq {
		args = append(args, "-pq")
	}
	if out, err := exec.Command(stockagetest.Keygen(v.t), args...).CombinedOutput(); err != nil {
		v.t.Fatalf("age-keygen: %v\n%s", err, out)
	}
	text, err := os.ReadFile(v.Identity())
	v.must(err)
	_, rest, _ := strings.Cut(string(text), "public key: ")
	public, _, _ := strings.Cut(rest, "\n")
	v.settings = append(v.settings, "backups.dir="+v.Backups(), "backups.recipients="+public)
}

// Must runs a command that has to go well, and gives what it said.
func (v *Vault) Must(args ...string) string {
	v.t.Helper()
	out, err := v.Run(args...)
	if err != nil {
		v.t.Fatalf("testimonyd %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return out
}

// Lose destroys database and payloads of a vault that is not served. Its journal and
// its keys stay.
func (v *Vault) Lose() {
	v.t.Helper()
	v.must(os.RemoveAll(filepath.Join(v.Data, "blobs")))
	for _, end := range []string{"", "-wal", "-shm"} {
		v.must(os.RemoveAll(filepath.Join(v.Data, "vault.db"+end)))
	}
	if v.Cluster != nil {
		v.must(v.Cluster.Drop(v.t.Context(), Database))
		v.must(v.Cluster.Create(v.t.Context(), Database, ""))
	}
}

// Move gives a vault that has lost its database an empty one of another engine.
func (v *Vault) Move(to store.Engine) {
	v.t.Helper()
	var kept []string
	for _, s := range v.settings {
		if !strings.HasPrefix(s, "store.") {
			kept = append(kept, s)
		}
	}
	v.settings, v.Cluster = append(kept, "store.engine="+string(to)), nil
	if to == store.PostgreSQL {
		v.Cluster = pgtest.New(v.t, pgtest.Options{})
		v.must(v.Cluster.Create(v.t.Context(), Database, ""))
		v.settings = append(v.settings, "store.url_file="+v.write("database-moved", v.Cluster.URL(Database)))
	}
}

// Begin starts a command and does not wait for its end.
func (v *Vault) Begin(args ...string) *exec.Cmd {
	v.t.Helper()
	for _, s := range v.settings {
		args = append(args, "--set", s)
	}
	return v.program.Begin(args...)
}
