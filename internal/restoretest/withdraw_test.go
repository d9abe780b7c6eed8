package restoretest_test

import (
	"fmt"
	"net/http"
	"path/filepath"
	"testing"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/nodetest"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
)

// A part that she withdrew, and everything that she withdrew, stay withdrawn; with
// nothing but the withdrawal lost, it is done again as a whole: she sees what ended
// and the reader owes an answer.
func TestARestoreDoesNotUndoAWithdrawal(t *testing.T) {
	engines(t, func(t *testing.T, e store.Engine) {
		for name, scope := range map[string]func(*reader) client.Scope{
			"a part":     func(r *reader) client.Scope { return client.Scope{Testimony: r.testimony, Part: 1} },
			"everything": func(*reader) client.Scope { return client.Scope{} },
		} {
			t.Run(name, func(t *testing.T) {
				w := newWorld(t, e)
				w.tell("withdrawn")
				r := w.readers["withdrawn"]
				backup := w.vault.Backup()
				_, err := w.her.Withdraw(t.Context(), scope(r))
				w.must(err)
				w.restored(backup)
				w.part(r, 1, http.StatusNotFound)
				w.part(r, 2, map[string]int{"a part": http.StatusOK, "everything": http.StatusNotFound}[name])
				w.owes(r)
			})
		}
	})
}

// What she did between backup and withdrawal has taken the statement's place: nothing
// says any more that she withdrew, and all of it stays shut. She can seal the part
// anew, say it again, and then the reader owes an answer.
func TestAWithdrawalThatLostItsPlaceStaysAndCanBeSaidAgain(t *testing.T) {
	engines(t, func(t *testing.T, e store.Engine) {
		w := newWorld(t, e)
		w.tell("part")
		w.tell("revoked")
		w.tell("erased")
		part, revoked := w.readers["part"], w.readers["revoked"]
		backup := w.vault.Backup()
		w.must(w.her.CheckIn(t.Context()))
		_, err := w.her.Create(t.Context(), client.Testimony{Title: "lost", Parts: []client.Content{client.Bytes("a.txt", "", []byte("a"))}})
		w.must(err)
		_, err = w.her.Withdraw(t.Context(), client.Scope{Testimony: part.testimony, Part: 1})
		w.must(err)
		_, err = w.her.Revoke(t.Context(), revoked.testimony, revoked.grant)
		w.must(err)
		w.must(w.her.Erase(t.Context(), w.readers["erased"].testimony))
		w.restored(backup)
		w.part(part, 1, http.StatusNotFound)
		w.part(part, 2, http.StatusOK)
		w.reads("revoked", http.StatusNotFound)
		for _, r := range []*reader{part, revoked} {
			_, err = w.her.Relock(t.Context(), r.testimony, 1)
			w.must(err)
			w.part(r, 1, http.StatusNotFound)
		}
		w.takesOut()
		_, err = w.her.Withdraw(t.Context(), client.Scope{})
		w.must(err)
		for _, r := range w.readers {
			w.part(r, 2, http.StatusNotFound)
			w.owes(r)
		}
		w.restored(w.vault.Backup())
	})
}

// restored puts the backup back in the place of a vault that was killed.
func (w *world) restored(b nodetest.Backup) {
	w.t.Helper()
	w.node.Kill()
	w.vault.Restore(b)
	w.start("a")
}

// part is how a reader fares with one part.
func (w *world) part(r *reader, n int, want int) {
	w.t.Helper()
	if got := w.status(r.Person, fmt.Sprintf("/v1/inbox/%s/parts/%d/content", r.grant, n)); got != want {
		w.t.Errorf("the reader of part %d gets %d, want %d", n, got, want)
	}
}

// owes wants the end of a grant to stand with her and with its reader, and takes the
// reader's answer.
func (w *world) owes(r *reader) {
	w.t.Helper()
	mine, err := w.her.Withdrawn(w.t.Context(), r.grant)
	w.must(err)
	endings, err := r.Endings(w.t.Context())
	w.must(err)
	if len(mine) != 1 || mine[0].State != api.ClosureNotified || len(endings) != 1 || endings[0].Err != nil {
		w.t.Fatalf("she sees %+v, the reader %+v", mine, endings)
	}
	w.must(r.Reply(w.t.Context(), client.Answer{Grant: r.grant, Say: statement.Acknowledged}))
}

// takesOut wants a takeout of hers to be whole when it is read again, although the
// statement that erased has no place in her chain.
func (w *world) takesOut() {
	w.t.Helper()
	dir := filepath.Join(w.t.TempDir(), "out")
	_, err := w.her.TakeOut(w.t.Context(), dir, "en", nil)
	w.must(err)
	if _, err := client.OpenTakeout(dir, w.her.Keys); err != nil {
		w.t.Errorf("what she took out after the restore: %v", err)
	}
}
