package accreditation_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/accreditation"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/store/storetest"
)

// Stewards see who waits, with the voices so far, until the threshold; from then
// on everybody enrolled sees the researcher, and a key that has not enrolled
// sees nobody.
func TestFromWaitingToListed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db, 2, 2)
		her, nobody := d.Enrolled(statement.Participant), d.Stranger()
		waiting := func() []accreditation.Dossier {
			list, err := d.Accreditations.Waiting(t.Context(), d.Stewards[0].Caller, "", 10)
			if err != nil {
				t.Fatal(err)
			}
			return list
		}
		if w := waiting(); len(w) != 1 || w[0].Account != d.researcher.ID || w[0].Key != d.researcher.Statement(1).Compact() ||
			w[0].Apply != d.researcher.Statement(2).Compact() || len(w[0].Accredits) != 0 {
			t.Errorf("after the application %+v waits", w)
		}
		body := d.body(d.researcher)
		if _, err := d.accredit(d.Stewards[0], body); err != nil {
			t.Fatal(err)
		}
		if w := waiting(); len(w) != 1 || len(w[0].Accredits) != 1 || w[0].Accredits[0] != d.Stewards[0].Statement(2).Compact() {
			t.Errorf("after one voice %+v waits", w)
		}
		if list := d.listed(her); len(list) != 0 {
			t.Errorf("after one voice %v is listed", list)
		}
		name := d.effective(body, d.Stewards[1])
		if w := waiting(); len(w) != 0 {
			t.Errorf("after two voices %+v waits", w)
		}
		if list := d.listed(her); !slices.Equal(list, []string{"Dr. Salma"}) {
			t.Errorf("after two voices %v is listed", list)
		}
		if list := d.listed(nobody); len(list) != 0 {
			t.Errorf("a key that has not enrolled sees %v", list)
		}
		if _, err := d.suspend(d.Stewards[0], d.researcher, name); err != nil {
			t.Fatal(err)
		}
		if list := d.listed(her); len(list) != 0 {
			t.Errorf("after the suspension %v is listed", list)
		}
		if w := waiting(); len(w) != 1 || len(w[0].Accredits) != 0 {
			t.Errorf("after the suspension %+v waits, with voices that lead nowhere", w)
		}
	})
}

// Who was accredited waits again when the term is over, for a renewal.
func TestAnEndedAccreditationWaitsForRenewal(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db, 1, 1)
		d.effective(d.body(d.researcher), d.Stewards[0])
		for _, c := range []struct {
			forward time.Duration
			want    int
		}{{year - time.Second, 0}, {time.Second, 1}} {
			d.Clock.Forward(c.forward)
			list, err := d.Accreditations.Waiting(t.Context(), d.Stewards[0].Caller, "", 10)
			if err != nil || len(list) != c.want {
				t.Errorf("after %s more %d wait, %v, want %d", c.forward, len(list), err, c.want)
			}
			if c.want == 1 && len(list) == 1 && len(list[0].Accredits) != 0 {
				t.Error("she waits with voices that have ended")
			}
		}
	})
}

// Applications are for stewards' eyes.
func TestOnlyStewardsSeeWhoWaits(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db, 1, 1)
		for _, caller := range []account.Caller{d.researcher.Caller, d.Enrolled(statement.Partner).Caller, d.Stranger().Caller} {
			if list, err := d.Accreditations.Waiting(t.Context(), caller, "", 10); !errors.Is(err, account.ErrNotFound) || list != nil {
				t.Errorf("%s sees %v, %v, want ErrNotFound", caller.Role, list, err)
			}
		}
	})
}

// One researcher can be looked up once a steward has vouched for her, with all a
// client needs to judge for itself, suspensions included; before that only by
// stewards and herself.
func TestLookingUpOneResearcher(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db, 2, 2)
		her, nobody := d.Enrolled(statement.Participant), d.Stranger()
		look := func(caller account.Caller) (accreditation.Dossier, error) {
			return d.Accreditations.Researcher(t.Context(), caller, d.researcher.ID)
		}
		for _, c := range []account.Caller{d.Stewards[0].Caller, d.researcher.Caller} {
			if got, err := look(c); err != nil || got.Apply != d.researcher.Statement(2).Compact() {
				t.Errorf("before any voice, %s: %+v, %v", c.Role, got, err)
			}
		}
		for _, c := range []account.Caller{her.Caller, nobody.Caller} {
			if got, err := look(c); !errors.Is(err, account.ErrNotFound) || got.Apply != "" {
				t.Errorf("before any voice, %q: %+v, %v", c.Role, got, err)
			}
		}
		name := d.effective(d.body(d.researcher), d.Stewards...)
		if _, err := d.suspend(d.Stewards[0], d.researcher, name); err != nil {
			t.Fatal(err)
		}
		got, err := look(her.Caller)
		if err != nil || len(got.Accredits) != 2 || len(got.Suspends) != 1 || got.Key != d.researcher.Statement(1).Compact() {
			t.Errorf("after suspension: %+v, %v", got, err)
		}
		if _, err := look(nobody.Caller); !errors.Is(err, account.ErrNotFound) {
			t.Errorf("to a key that has not enrolled: %v, want ErrNotFound", err)
		}
		d.apply(d.researcher, d.application(d.researcher, "Another"))
		if _, err := look(her.Caller); !errors.Is(err, account.ErrNotFound) {
			t.Errorf("after a new application: %v, want ErrNotFound", err)
		}
		for _, who := range []id.Thumbprint{her.ID, nobody.ID, ""} {
			if _, err := d.Accreditations.Researcher(t.Context(), her.Caller, who); !errors.Is(err, account.ErrNotFound) {
				t.Errorf("somebody who did not apply: %v, want ErrNotFound", err)
			}
		}
	})
}

// Lists come in pages that together are the whole, whatever lies between.
func TestListsComeInPages(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db, 1, 1)
		accredited, waiting := map[id.Thumbprint]bool{}, map[id.Thumbprint]bool{d.researcher.ID: true}
		for i := range 9 {
			p := d.applicant("R")
			if i%2 == 0 {
				d.effective(d.body(p), d.Stewards[0])
				accredited[p.ID] = true
			} else {
				waiting[p.ID] = true
			}
		}
		walk := func(want map[id.Thumbprint]bool, page func(after id.Thumbprint) ([]accreditation.Dossier, error)) {
			t.Helper()
			var seen []id.Thumbprint
			for range 10 {
				after := id.Thumbprint("")
				if len(seen) > 0 {
					after = seen[len(seen)-1]
				}
				list, err := page(after)
				if err != nil || len(list) > 2 {
					t.Fatalf("%d in a page of 2, %v", len(list), err)
				}
				for _, l := range list {
					seen = append(seen, l.Account)
				}
			}
			if !slices.IsSorted(seen) || len(slices.Compact(seen)) != len(want) {
				t.Errorf("saw %d, want %d", len(seen), len(want))
			}
			for _, s := range seen {
				if !want[s] {
					t.Errorf("%s does not belong in the list", s)
				}
			}
		}
		walk(accredited, func(after id.Thumbprint) ([]accreditation.Dossier, error) {
			return d.Accreditations.Researchers(t.Context(), d.Stewards[0].Caller, after, 2)
		})
		walk(waiting, func(after id.Thumbprint) ([]accreditation.Dossier, error) {
			return d.Accreditations.Waiting(t.Context(), d.Stewards[0].Caller, after, 2)
		})
	})
}
