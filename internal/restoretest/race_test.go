package restoretest_test

import (
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/relatingfield/vault/internal/store"
)

// She erases and takes back while a backup is at her recordings. It is finished all the
// same, says what it came too late for, and brings nothing of hers back.
func TestErasingWhileABackupCopies(t *testing.T) {
	engines(t, func(t *testing.T, e store.Engine) {
		w := newWorld(t, e)
		w.vault.KeepBackups(true)
		for _, what := range []string{"kept", "erased", "also erased", "revoked"} {
			w.tell(what)
		}
		again := w.stuck()
		cmd := w.vault.Begin("backup")
		w.copying() // the snapshot of the database has all four
		ctx := t.Context()
		for _, what := range []string{"erased", "also erased"} {
			w.must(w.her.Erase(ctx, w.readers[what].testimony))
		}
		_, err := w.her.Revoke(ctx, w.readers["revoked"].testimony, w.readers["revoked"].grant)
		w.must(err)
		w.must(cmd.Process.Signal(syscall.SIGKILL))
		_ = cmd.Wait() // it was killed
		if w.waits() {
			again()
		}
		out := w.vault.Must("backup")
		says(t, out, "cut off has been finished")
		says(t, w.vault.Must("backup", "check"), "is what was written")
		w.node.Stop()
		w.vault.Lose()
		says(t, w.vault.Must("restore", "--identity", w.vault.Identity()), "erased           2", "revoked          1")
		w.start("a")
		w.reads("kept", http.StatusOK)
		for _, what := range []string{"erased", "also erased", "revoked"} {
			w.reads(what, http.StatusNotFound)
		}
		if n := w.asks("SELECT COUNT(*) FROM shred_keys"); n != 2 {
			t.Errorf("%d shred keys came back, of two testimonies", n)
		}
		says(t, w.vault.Must("fsck", "--deep"), "fits")
	})
}

// waits says whether the object that is stuck still belongs to anything.
func (w *world) waits() (there bool) {
	w.t.Helper()
	w.must(filepath.WalkDir(filepath.Join(w.vault.Data, "blobs", "objects"), func(_ string, d os.DirEntry, err error) error {
		there = there || err == nil && d.Type()&os.ModeNamedPipe != 0
		return err
	}))
	return there
}
