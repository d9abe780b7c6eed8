package accreditation_test

import (
	"errors"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/accounttest"
	"github.com/relatingfield/vault/internal/accreditation"
	"github.com/relatingfield/vault/internal/ledger"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/store/storetest"
)

// One steward of three is enough to suspend, at once and for good: the same body
// cannot be signed any more, another term can.
func TestOneStewardSuspendsForGood(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db, 3, 2)
		body := d.body(d.researcher)
		name := d.effective(body, d.Stewards[0], d.Stewards[1])
		if out, err := d.suspend(d.Stewards[2], d.researcher, name); err != nil || out.Effective || out.Accreditation != name {
			t.Fatalf("%+v, %v", out, err)
		}
		if d.live(d.researcher, name) {
			t.Error("it counts although it was suspended")
		}
		if _, err := d.accredit(d.Stewards[2], body); !errors.Is(err, accreditation.ErrSuspended) {
			t.Errorf("the same body again: %v, want ErrSuspended", err)
		}
		d.Approve(d.Change(1, d.Stewards[0]), d.Stewards[:2]...)
		if d.live(d.researcher, name) {
			t.Error("the suspension left the roster with its steward")
		}
		body.Until--
		if anew := d.effective(body, d.Stewards[0]); !d.live(d.researcher, anew) || d.live(d.researcher, name) {
			t.Error("another term does not count, or revived the suspended one")
		}
	})
}

// A first voice that should not find a second can be suspended as well.
func TestAnUndecidedAccreditationCanBeSuspended(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db, 3, 2)
		body := d.body(d.researcher)
		first, err := d.accredit(d.Stewards[0], body)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.suspend(d.Stewards[1], d.researcher, first.Accreditation); err != nil {
			t.Fatal(err)
		}
		if _, err := d.accredit(d.Stewards[2], body); !errors.Is(err, accreditation.ErrSuspended) {
			t.Errorf("the second voice: %v, want ErrSuspended", err)
		}
	})
}

// Whoever is no steward, or names what is not there, suspends nothing.
func TestSuspensionsThatAreRefused(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db, 2, 1)
		name := d.effective(d.body(d.researcher), d.Stewards[0])
		other := d.applicant("Dr. Oksana")
		one := d.Stewards[0]
		said := statement.Suspend{Account: d.researcher.ID, Accreditation: statement.B64(name[:])}
		if _, err := d.suspend(other, d.researcher, name); !errors.Is(err, account.ErrNotFound) {
			t.Errorf("another researcher: %v, want ErrNotFound", err)
		}
		if _, err := d.suspend(one, d.researcher, accreditation.ID{1}); !errors.Is(err, account.ErrNotFound) {
			t.Errorf("what is not there: %v, want ErrNotFound", err)
		}
		if _, err := d.suspend(one, other, name); !errors.Is(err, account.ErrNotFound) {
			t.Errorf("another's: %v, want ErrNotFound", err)
		}
		for what, c := range map[string]struct {
			compact string
			want    error
		}{
			"another's statement": {d.Stewards[1].Sign(said).Compact(), statement.ErrRefused},
			"another act":         {one.Sign(d.body(d.researcher)).Compact(), statement.ErrRefused},
			"another vault":       {one.For(statement.B64(make([]byte, 32))).Sign(said).Compact(), ledger.ErrVault},
		} {
			if _, err := d.Accreditations.Suspend(t.Context(), one.Caller, c.compact, nil); !errors.Is(err, c.want) {
				t.Errorf("%s: %v, want %v", what, err, c.want)
			}
		}
		if !d.live(d.researcher, name) {
			t.Fatal("a refused suspension suspended")
		}
		for i, want := range []error{nil, accreditation.ErrSpoken} {
			if _, err := d.suspend(one, d.researcher, name); !errors.Is(err, want) {
				t.Errorf("suspension %d: %v, want %v", i+1, err, want)
			}
		}
		if _, err := d.suspend(d.Stewards[1], d.researcher, name); err != nil {
			t.Errorf("another steward's suspension beside it: %v", err)
		}
	})
}

// A researcher applies with her own key; nobody else applies.
func TestApplicationsThatAreRefused(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db, 1, 1)
		participant, stranger := d.Enrolled(statement.Participant), d.Stranger()
		good := d.application(d.researcher, "Dr. Salma")
		wrongKey := good
		wrongKey.KeySHA256 = d.Vault
		unenrolled := stranger.Key(statement.Researcher)
		for name, c := range map[string]struct {
			caller *accounttest.Person
			said   *statement.Statement
			want   error
		}{
			"a participant":       {participant, participant.Sign(d.application(participant, "A")), statement.ErrRefused},
			"another key":         {d.researcher, d.researcher.Sign(wrongKey), statement.ErrRefused},
			"another's statement": {d.researcher, d.applicant("B").Sign(good), statement.ErrRefused},
			"another act":         {d.researcher, d.researcher.Sign(d.body(d.researcher)), statement.ErrRefused},
			"nobody":              {stranger, stranger.SignAt(statement.Head{Seq: 1, Hash: unenrolled.Hash()}, good), ledger.ErrNotEnrolled},
		} {
			if _, err := d.Accreditations.Apply(t.Context(), c.caller.Caller, c.said.Compact(), nil); !errors.Is(err, c.want) {
				t.Errorf("%s: %v, want %v", name, err, c.want)
			}
		}
	})
}

// Applying anew ends what was vouched for the old application: she who granted
// said yes to that one. A further year over the same application does not.
func TestANewApplicationEndsTheOldAccreditation(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db, 2, 1)
		old := d.body(d.researcher)
		name := d.effective(old, d.Stewards[0])
		renewed := old
		renewed.From, renewed.Until = old.Until, old.Until+int64(year/time.Second)
		next := d.effective(renewed, d.Stewards[0])
		if !d.live(d.researcher, name) {
			t.Error("renewing ended the year that runs")
		}
		d.apply(d.researcher, d.application(d.researcher, "Dr. Salma, Inc."))
		if d.live(d.researcher, name) {
			t.Error("the old application's accreditation still counts")
		}
		if w, err := d.Accreditations.Waiting(t.Context(), d.Stewards[0].Caller, "", 10); err != nil || len(w) != 1 || len(w[0].Accredits) != 0 {
			t.Errorf("%+v waits, %v; want the new application without the old one's voices", w, err)
		}
		if _, err := d.accredit(d.Stewards[1], old); !errors.Is(err, accreditation.ErrReapplied) {
			t.Errorf("a further voice for the old application: %v, want ErrReapplied", err)
		}
		anew := d.effective(d.body(d.researcher), d.Stewards[0])
		d.Clock.Forward(year)
		if d.live(d.researcher, next) || d.live(d.researcher, anew) {
			t.Error("the renewal of the old application counts, or the new one beyond its term")
		}
	})
}
