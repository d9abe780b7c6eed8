package restoretest_test

import (
	"net/http"
	"testing"

	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/store"
)

// Words that she gave up stay void: with them nothing of hers is there, although the
// backup knows no others. With her new ones she makes the change once more.
func TestARestoreDoesNotBringOldWordsBack(t *testing.T) {
	engines(t, func(t *testing.T, e store.Engine) {
		w := newWorld(t, e)
		w.tell("hers")
		backup := w.vault.Backup()
		next, err := client.KeysFor(w.door.Stranger().Secret, w.vault.ID)
		w.must(err)
		_, err = w.her.Rekey(t.Context(), next)
		w.must(err)
		w.node.Kill()
		w.vault.Restore(backup)
		w.start("a")
		w.shows("hers", http.StatusNotFound)
		her, err := w.her.Rekey(t.Context(), next)
		w.must(err)
		report, err := her.Verify(t.Context(), true)
		w.must(err)
		if len(report.Findings) > 0 || report.Testimonies != 1 {
			t.Errorf("with her new words: %+v", report)
		}
		w.reads("hers", http.StatusOK)
		w.node.Stop()
		w.start("a")
		w.shows("hers", http.StatusNotFound)
		w.reads("hers", http.StatusOK)
	})
}
