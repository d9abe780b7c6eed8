package restoretest_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/nodetest"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
)

// Back up, take away, lose the database, restore the backup: before the first
// request is answered, all is taken away again.
func TestARestoreCannotUnRevoke(t *testing.T) {
	engines(t, func(t *testing.T, e store.Engine) {
		w := newWorld(t, e)
		for _, what := range []string{"kept", "revoked", "erased", "suspended", "paused", "narrowed"} {
			w.tell(what)
			w.reads(what, http.StatusOK)
		}
		w.tellFor("counted", 1)
		w.admit()
		backup := w.vault.Backup()
		w.takeAway()
		w.node.Kill()
		w.vault.Restore(backup)
		w.comesBackWithoutAJournal()
		w.start("a")
		w.staysTaken()
		w.reads("counted", http.StatusNotFound)  // used up, and its session is lost
		w.reads("narrowed", http.StatusNotFound) // held: nobody knows to what she had narrowed it
		w.goesOn()
		w.node.Stop()
		w.start("a") // what she did since is not undone by what was applied before
		w.reads("paused", http.StatusOK)
		w.reads("narrowed", http.StatusOK)
	})
}

// takeAway is everything that restricts.
func (w *world) takeAway() {
	w.t.Helper()
	ctx := w.t.Context()
	_, err := w.her.Revoke(ctx, w.readers["revoked"].testimony, w.readers["revoked"].grant)
	w.must(err)
	w.must(w.her.Erase(ctx, w.readers["erased"].testimony))
	w.must(w.guard.Suspend(ctx, w.readers["suspended"].Account()))
	w.must(w.her.Pause(ctx, w.readers["paused"].testimony))
	_, err = w.her.Narrow(ctx, w.readers["narrowed"].testimony, w.readers["narrowed"].grant, func(t api.Terms) (api.Terms, error) {
		t.Access = statement.View
		return t, nil
	})
	w.must(err)
	w.remove()
	w.staysTaken()
	w.reads("counted", http.StatusOK)
	w.reads("narrowed", http.StatusOK)
}

// staysTaken is what everybody sees afterwards.
func (w *world) staysTaken() {
	w.t.Helper()
	w.reads("kept", http.StatusOK)
	for _, what := range []string{"revoked", "erased", "suspended", "paused"} {
		w.reads(what, http.StatusNotFound)
	}
	w.shows("revoked", http.StatusOK)
	w.shows("erased", http.StatusNotFound)
	if n := w.stewards(); n != 1 {
		w.t.Errorf("there are %d stewards, the second was removed", n)
	}
}

// comesBackWithoutAJournal makes sure that the backup alone would have opened all
// of it again: what follows proves something.
func (w *world) comesBackWithoutAJournal() {
	w.t.Helper()
	for query, want := range map[string]int{
		"SELECT COUNT(*) FROM grants WHERE revoked_day IS NULL":                                                        7,
		"SELECT COUNT(*) FROM shred_keys":                                                                              7,
		"SELECT COUNT(*) FROM accreditations WHERE suspended_day IS NULL":                                              7,
		"SELECT COUNT(*) FROM pauses":                                                                                  0,
		"SELECT COUNT(*) FROM grants WHERE terms_seq > 0":                                                              0,
		"SELECT COUNT(*) FROM grant_parts WHERE reads > 0 AND grant_id IN (SELECT id FROM grants WHERE max_reads > 0)": 0,
		"SELECT COUNT(*) FROM rosters":                                                                                 2,
	} {
		if n := w.asks(query); n != want {
			w.t.Errorf("the backup: %s: %d, want %d", query, n, want)
		}
	}
}

// goesOn is what she can do with a vault that has lost hours. With no head that
// was kept, her client takes her signed erasure for the statements that are gone;
// with one it says that her chain was cut.
func (w *world) goesOn() {
	w.t.Helper()
	report, err := w.her.Verify(w.t.Context(), true)
	w.must(err)
	if len(report.Findings) > 0 || report.Testimonies != 6 {
		w.t.Errorf("her vault after the restore: %+v", report)
	}
	w.must(w.her.Lift(w.t.Context(), w.readers["paused"].testimony))
	w.reads("paused", http.StatusOK)
	n := w.readers["narrowed"]
	_, err = w.her.Renew(w.t.Context(), client.Renewal{Testimony: n.testimony, Grant: n.grant})
	w.must(err)
	w.reads("narrowed", http.StatusOK)
	r := w.readers["revoked"]
	r.grant = w.give(r, 0)
	w.opens(r)
	if n := w.asks("SELECT COUNT(*) FROM shred_keys"); n != 6 {
		w.t.Errorf("%d shred keys are left", n)
	}
}

// What was not restricting is lost with the database, and her client that kept a
// head says so. Where nothing else was lost, her chain is whole again.
func TestAKeptHeadOfHersFindsTheRestore(t *testing.T) {
	engines(t, func(t *testing.T, e store.Engine) {
		w := newWorld(t, e)
		w.tell("revoked")
		backup := w.vault.Backup()
		_, err := w.her.Revoke(t.Context(), w.readers["revoked"].testimony, w.readers["revoked"].grant)
		w.must(err)
		if got := w.afterRestore(backup); got != nil {
			t.Errorf("only a revocation came after the backup, and her client says %v", got)
		}
		w.tell("lost")
		if got := w.afterRestore(backup); !errors.Is(got, client.ErrTailCut) {
			t.Errorf("a testimony came after the backup, and her client says %v", got)
		}
	})
}

// afterRestore is what her client says that kept its newest head.
func (w *world) afterRestore(b nodetest.Backup) error {
	w.t.Helper()
	kept, err := w.her.Head(w.t.Context())
	w.must(err)
	w.node.Stop()
	w.vault.Restore(b)
	w.start("a")
	c, err := client.New(client.Config{Server: w.node.URL, Vault: w.vault.ID, Keys: w.her.Keys, Kept: kept})
	w.must(err)
	_, err = c.Head(w.t.Context())
	return err
}
