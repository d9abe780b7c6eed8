package restoretest_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/peopletest"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
)

// longAgo makes a database look like the backup of a hundred days ago. Who was
// heard last is all that differs in it.
const longAgo = "UPDATE chains SET day = day - 8640000, watched = watched - 8640000 WHERE watched IS NOT NULL"

// A backup that knows of no act of hers for a hundred days does not make her
// silent: the journal knows of her check-in. Nor does it bring a trustee's yes back
// who has said no since.
func TestARestoreDoesNotMakeHerSilent(t *testing.T) {
	engines(t, func(t *testing.T, e store.Engine) {
		w := newWorld(t, e)
		trustee := w.door.Participant()
		policy := w.tellInSilence("silent", trustee)
		w.must(trustee.Agree(t.Context(), policy))
		w.reads("silent", http.StatusNotFound)
		backup := w.vault.Backup()
		w.node.Stop()
		w.alters("UPDATE chains SET watched = 0 WHERE watched IS NOT NULL") // another day has begun
		w.start("a")
		w.must(w.her.CheckIn(t.Context()))
		w.must(trustee.At(w.door).Decline(t.Context(), policy))
		w.node.Kill()
		w.vault.Restore(backup)
		w.alters(longAgo)
		w.start("a")
		w.reads("silent", http.StatusNotFound)
		if n := w.asks("SELECT COUNT(*) FROM policy_trustees WHERE answer = 'declined'"); n != 1 {
			t.Errorf("%d trustees have declined", n)
		}
		w.node.Stop()
		w.alters(longAgo) // and nothing in the journal that the database does not know
		w.start("a")
		w.reads("silent", http.StatusOK)
	})
}

// tellInSilence gives a testimony to a reader for when she has been silent. A second
// policy names a trustee.
func (w *world) tellInSilence(what string, trustee *peopletest.Person) (asked api.ID) {
	w.t.Helper()
	w.tell(what)
	r := w.readers[what]
	_, err := w.her.Revoke(w.t.Context(), r.testimony, r.grant)
	w.must(err)
	quiet, err := w.her.SetPolicy(w.t.Context(), client.PolicyTerms{Testimony: r.testimony, To: r.Account(), Silence: 7, Wait: 7})
	w.must(err)
	g, err := w.her.Grant(w.t.Context(), client.Offer{Testimony: r.testimony, Parts: []int64{1, 2}, To: r.Account(), Policy: quiet.ID,
		Terms: api.Terms{Purposes: []statement.Purpose{"Research"}, Attribution: statement.Background, Access: statement.Download}})
	w.must(err)
	r.grant = g.ID
	other := w.door.Participant()
	w.must(errors.Join(trustee.Introduce(w.t.Context(), true), other.Introduce(w.t.Context(), true)))
	people, err := w.her.SetPolicy(w.t.Context(), client.PolicyTerms{Testimony: r.testimony, To: r.Account(), Threshold: 2, Trustees: []api.Account{trustee.Account(), other.Account()}})
	w.must(err)
	return people.ID
}
