package nodetest

import (
	"database/sql"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/relatingfield/vault/internal/vaulttest"
)

// StartAs runs a node of the vault under a name, which is that of its journal.
func (v *Vault) StartAs(node string, more ...string) *vaulttest.Process {
	v.t.Helper()
	return v.program.Serve(v.as(node, more)...)
}

// Refused starts a node and wants it to refuse: its exit code and its words.
func (v *Vault) Refused(node string, more ...string) (code int, words string) {
	v.t.Helper()
	return v.program.Refused(v.as(node, more)...)
}

func (v *Vault) as(node string, more []string) []string {
	return append(append([]string{"listen=127.0.0.1:0", "journal.node=" + node}, v.settings...), more...)
}

// Run runs another command of the program on this vault.
func (v *Vault) Run(args ...string) (string, error) {
	v.t.Helper()
	for _, s := range v.settings {
		args = append(args, "--set", s)
	}
	return v.program.Run(args...)
}

// Journal is the folder of a node's journal.
func (v *Vault) Journal(node string) string { return filepath.Join(v.Data, "journal", node) }

// Backup is a copy of the database and the payloads of one hour.
type Backup struct{ database, payloads string }

// Backup copies a vault that is served meanwhile, as docs/operate/backup.md says.
func (v *Vault) Backup() Backup {
	v.t.Helper()
	dir := v.t.TempDir()
	b := Backup{filepath.Join(dir, "database"), filepath.Join(dir, "blobs")}
	if v.Cluster != nil {
		v.tool("pg_dump", "--format=custom", "--file", b.database, v.Cluster.URL(Database))
	} else {
		db, err := sql.Open("sqlite", "file:"+filepath.Join(v.Data, "vault.db"))
		v.must(err)
		_, err = db.ExecContext(v.t.Context(), "VACUUM INTO ?", b.database)
		v.must(err)
		v.must(db.Close())
	}
	v.must(os.CopyFS(b.payloads, os.DirFS(filepath.Join(v.Data, "blobs"))))
	return b
}

// Restore puts a backup in the place of a vault that is not served.
func (v *Vault) Restore(b Backup) {
	v.t.Helper()
	blobs := filepath.Join(v.Data, "blobs")
	v.must(os.RemoveAll(blobs))
	v.must(os.CopyFS(blobs, os.DirFS(b.payloads)))
	if v.Cluster != nil {
		v.must(v.Cluster.Drop(v.t.Context(), Database))
		v.must(v.Cluster.Create(v.t.Context(), Database, ""))
		v.tool("pg_restore", "--no-owner", "--dbname", v.Cluster.URL(Database), b.database)
		return
	}
	for _, end := range []string{"", "-wal", "-shm"} {
		v.must(os.RemoveAll(filepath.Join(v.Data, "vault.db"+end)))
	}
	copied, err := os.ReadFile(b.database)
	v.must(err)
	v.must(os.WriteFile(filepath.Join(v.Data, "vault.db"), copied, 0o600))
}

// tool runs one of PostgreSQL's programs.
func (v *Vault) tool(name string, args ...string) {
	v.t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		v.t.Fatalf("%s is missing: install it with: apt-get install postgresql-client", name)
	}
	if out, err := exec.Command(path, args...).CombinedOutput(); err != nil {
		v.t.Fatalf("%s: %v\n%s", name, err, out)
	}
}
