package snippettest_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/relatingfield/vault/internal/stockagetest"
	"github.com/relatingfield/vault/internal/vaulttest"
)

// walk is an operator's shell on the machine of a vault.
type walk struct {
	t    *testing.T
	dir  string
	env  []string
	said string
}

// run runs pieces of shell, with what was exported before.
func (w *walk) run(script string) {
	w.t.Helper()
	cmd := exec.Command("bash", "-c", "set -eu -o pipefail\n[ ! -e exported ] || . ./exported\n"+script+"\nexport -p | { grep TESTIMONYD_BACKUPS || true; } > exported\n")
	cmd.Dir, cmd.Env = w.dir, w.env
	out, err := cmd.CombinedOutput()
	if w.said += string(out); err != nil {
		w.t.Fatalf("%s\n%v\n%s", script, err, out)
	}
}

// page gives the shell blocks of a page.
func page(t *testing.T, file string) (out string) {
	t.Helper()
	for _, b := range blocks(t) {
		if b.File == file && b.Lang == "bash" {
			out += b.Text
		}
	}
	if out == "" {
		t.Fatalf("%s has no commands", file)
	}
	return out
}

// The pages on backups, keys and restoring, walked as they stand: a backup of a vault
// that serves, a drill, the keys exported and rotated; then all is lost but the journal,
// and comes back.
func TestTheWalkOfBackupsIsTrue(t *testing.T) {
	dir := t.TempDir()
	data := filepath.Join(dir, "data")
	program := vaulttest.Build(t)
	config := filepath.Join(dir, "vault.yaml")
	if err := os.WriteFile(config, []byte("data_dir: "+data+"\nlisten: 127.0.0.1:0\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	path := strings.Join([]string{filepath.Dir(vaulttest.Program(t, "testimonyd")), filepath.Dir(stockagetest.Binary(t)), filepath.Dir(stockagetest.Keygen(t)), os.Getenv("PATH")}, ":")
	w := &walk{t: t, dir: dir, env: []string{"PATH=" + path, "HOME=" + dir, "TESTIMONYD_CONFIG=" + config, "JOURNAL=" + filepath.Join(data, "journal")}}
	w.run("testimonyd found --practice")
	served := program.Serve("data_dir="+data, "listen=127.0.0.1:0")
	w.run(page(t, "docs/operate/backup.md"))
	w.run(page(t, "docs/operate/keys.md"))
	served.Stop()
	w.run("rm -rf data/keys data/blobs data/vault.db*")
	w.run(page(t, "docs/operate/restore.md"))
	// The export of the walk is older than the rotation, as a forgotten one would be.
	served = program.Serve("data_dir="+data, "listen=127.0.0.1:0")
	served.Stop()
	w.run("testimonyd fixity run --even-if-nothing-is-there")
	for _, want := range []string{"is finished", "is what was written", "The place is destroyed", "No backup has expired", "sealed", "in force", "Every journal is whole", "Now start one node"} {
		if !strings.Contains(w.said, want) {
			t.Errorf("it does not say %q:\n%s", want, w.said)
		}
	}
}
