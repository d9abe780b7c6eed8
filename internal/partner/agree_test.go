package partner_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/accounttest"
	"github.com/relatingfield/vault/internal/journal"
	"github.com/relatingfield/vault/internal/ledger"
	"github.com/relatingfield/vault/internal/partner"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/store/storetest"
)

// An agreement counts from the voice that reaches the threshold, within its term to
// the second, and names its officers.
func TestAnAgreementCountsAtTheThresholdAndInItsTerm(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db, 3, 2)
		body := d.body()
		body.From += 3600
		first, err := d.agree(d.Stewards[0], body)
		if err != nil || first.Approvals != 1 || first.Threshold != 2 || first.Effective {
			t.Errorf("first voice: %+v, %v", first, err)
		}
		name := d.effective(body, d.Stewards[2])
		for _, c := range []struct {
			forward time.Duration
			want    bool
		}{{0, false}, {time.Hour - time.Second, false}, {time.Second, true}, {year - time.Hour - time.Second, true}, {time.Second, false}} {
			d.Clock.Forward(c.forward)
			if got := d.inForce() == name; got != c.want {
				t.Errorf("after %s more: %v", c.forward, got)
			}
			d.View(func(ctx context.Context, tx store.Tx) error {
				of, err := d.reg.Officer(ctx, tx, d.officers[1].ID)
				if got := err == nil && of.ID == d.id; got != c.want {
					t.Errorf("after %s more the officer is one: %v, %v", c.forward, got, err)
				}
				if _, err := d.reg.Officer(ctx, tx, d.officers[2].ID); !errors.Is(err, account.ErrNotFound) {
					t.Errorf("an account that is no officer: %v", err)
				}
				return nil
			})
		}
	})
}

// A steward's word is taken only as it may be given.
func TestAgreementsThatAreRefused(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db, 2, 2)
		one, two := d.Stewards[0], d.Stewards[1]
		good := d.body()
		if _, err := d.agree(two, good); err != nil {
			t.Fatal(err)
		}
		but := func(change func(*statement.Agree)) *statement.Statement {
			b := good
			change(&b)
			return one.Sign(b)
		}
		for name, c := range map[string]struct {
			caller *accounttest.Person
			said   *statement.Statement
			want   error
		}{
			"no steward":           {d.officers[0], d.officers[0].Sign(good), account.ErrNotFound},
			"another's statement":  {one, two.Sign(good), statement.ErrRefused},
			"another act":          {one, one.Sign(statement.CheckIn{}), statement.ErrRefused},
			"another vault":        {one, one.For(statement.B64(make([]byte, 32))).Sign(good), ledger.ErrVault},
			"a term that is over":  {one, but(func(b *statement.Agree) { b.From, b.Until = b.From-10, b.From }), statement.ErrRefused},
			"an officer of no one": {one, but(func(b *statement.Agree) { b.Officers = ids(d.officers[0], d.Stranger()) }), statement.ErrRefused},
			"a steward as officer": {one, but(func(b *statement.Agree) { b.Officers = ids(d.officers[0], two) }), statement.ErrRefused},
			"a second time":        {two, two.Sign(good), partner.ErrSpoken},
		} {
			if _, err := d.reg.Agree(t.Context(), c.caller.Caller, c.said.Compact(), nil); !errors.Is(err, c.want) {
				t.Errorf("%s: %v, want %v", name, err, c.want)
			}
		}
		if d.inForce() != (partner.Hash{}) {
			t.Error("something counts after one voice")
		}
		d.effective(good, one)
	})
}

// An account is an officer of one partner at a time.
func TestNobodyIsAnOfficerOfTwoPartners(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db, 1, 1)
		name := d.effective(d.body(), d.Stewards[0])
		other := d.body()
		other.Partner, other.Officers = d.draw(), ids(d.officers[1], d.officers[2])
		if _, err := d.agree(d.Stewards[0], other); !errors.Is(err, partner.ErrTaken) {
			t.Errorf("another partner: %v, want ErrTaken", err)
		}
		if _, err := d.halt(d.Stewards[0], name); err != nil {
			t.Fatal(err)
		}
		if out, err := d.agree(d.Stewards[0], other); err != nil || !out.Effective {
			t.Errorf("after the halt: %+v, %v", out, err)
		}
	})
}

// One steward halts, at once and for good; another term can be agreed on.
func TestOneStewardHaltsForGood(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db, 3, 2)
		body := d.body()
		name := d.effective(body, d.Stewards[:2]...)
		for c, want := range map[*accounttest.Person]error{d.officers[0]: account.ErrNotFound} {
			if _, err := d.halt(c, name); !errors.Is(err, want) {
				t.Errorf("by no steward: %v", err)
			}
		}
		if _, err := d.halt(d.Stewards[0], partner.Hash{1}); !errors.Is(err, account.ErrNotFound) {
			t.Errorf("an agreement that there is not: %v", err)
		}
		out, err := d.halt(d.Stewards[2], name)
		if err != nil || out.Effective || d.inForce() != (partner.Hash{}) {
			t.Fatalf("%+v, %v, in force: %v", out, err, d.inForce())
		}
		if _, err := d.halt(d.Stewards[2], name); !errors.Is(err, partner.ErrSpoken) {
			t.Errorf("again by the same steward: %v", err)
		}
		if _, err := d.halt(d.Stewards[0], name); err != nil {
			t.Errorf("by another steward: %v", err)
		}
		if _, err := d.agree(d.Stewards[2], body); !errors.Is(err, partner.ErrHalted) {
			t.Errorf("the same agreement again: %v", err)
		}
		body.Until--
		if anew := d.effective(body, d.Stewards[:2]...); (d.inForce() == anew) != (compare(anew, name) > 0) {
			t.Error("of two agreements that begin in one second, not the greater name counts")
		}
		d.Clock.Forward(time.Second)
		body.From++
		if anew := d.effective(body, d.Stewards[:2]...); d.inForce() != anew {
			t.Error("a later agreement does not count")
		}
	})
}

func compare(a, b partner.Hash) int {
	for i := range a {
		if a[i] != b[i] {
			return int(a[i]) - int(b[i])
		}
	}
	return 0
}

// The agreement that begins last counts alone: whatever becomes of it, what it took
// the place of does not come back.
func TestTheLatestAgreementCountsForGood(t *testing.T) {
	for what, end := range map[string]func(d *desk, name partner.Hash){
		"halted": func(d *desk, name partner.Hash) { _, err := d.halt(d.Stewards[0], name); d.must(err) },
		"over":   func(d *desk, _ partner.Hash) { d.Clock.Forward(24 * time.Hour) },
		"lapsed": func(d *desk, _ partner.Hash) { d.Approve(d.Change(2, d.Stewards[:2]...), d.Stewards[0], d.Stewards[1]) },
	} {
		t.Run(what, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, db *store.DB) {
				d := newDesk(t, db, 3, 2)
				old := d.effective(d.body(), d.Stewards[:2]...)
				body := d.body(partner.Deliver)
				body.From, body.Until = body.From+3600, body.From+3600+3600
				body.Officers = ids(d.officers[1], d.officers[2])
				renewed := d.effective(body, d.Stewards[1:]...)
				if d.inForce() != old {
					t.Error("before it begins, the old one does not count")
				}
				d.Clock.Forward(time.Hour)
				if d.inForce() != renewed {
					t.Error("from its beginning on it does not count")
				}
				d.View(func(ctx context.Context, tx store.Tx) error {
					if _, err := d.reg.Officer(ctx, tx, d.officers[0].ID); !errors.Is(err, account.ErrNotFound) {
						t.Errorf("an officer whom it leaves out: %v", err)
					}
					return nil
				})
				end(d, renewed)
				if got := d.inForce(); got != (partner.Hash{}) {
					t.Errorf("the old one came back: %v", got == old)
				}
			})
		})
	}
}

// A steward who leaves takes her voice along, and a voice more brings it back.
func TestAgreementsCountVoicesOfTheCurrentRoster(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db, 3, 2)
		body := d.body()
		name := d.effective(body, d.Stewards[0], d.Stewards[1])
		d.Approve(d.Change(2, d.Stewards[0], d.Stewards[2]), d.Stewards[0], d.Stewards[1])
		if d.inForce() != (partner.Hash{}) {
			t.Error("it counts with a removed steward's voice")
		}
		if out, err := d.agree(d.Stewards[2], body); err != nil || !out.Effective || d.inForce() != name {
			t.Errorf("with another's: %+v, %v", out, err)
		}
	})
}

// What the journal says holds in a database that has forgotten it: a halt finds the
// agreement when it is brought again, a place stays taken until stewards sign anew, a
// key stays retired. Saying it twice changes nothing.
func TestTheJournalRestrictsAForgetfulDatabase(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db, 1, 1)
		d.effective(d.body(), d.Stewards[0])
		g := d.registered()
		lost, halted := d.body(partner.Deliver), d.body(partner.Follow)
		lost.From++
		halted.From += 2
		name := func(b statement.Agree) partner.Hash { return d.Stewards[0].Sign(b).BodyHash() }
		gone, stopped := name(lost), name(halted)
		key, err := statement.Hash32(string(g.public.Thumbprint()))
		d.must(err)
		for range 2 {
			d.must(db.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
				return errors.Join(
					d.reg.AgreeAgain(ctx, tx, 86400, journal.Entry{Kind: journal.Agreed, Hash: gone[:], ID: d.id, N: lost.From}),
					d.reg.HaltAgain(ctx, tx, 86400, journal.Entry{Kind: journal.Halted, Hash: stopped[:]}),
					d.reg.RetireAgain(ctx, tx, 86400, journal.Entry{Kind: journal.Retired, ID: g.id, Hash: key[:]}))
			}))
		}
		d.Clock.Forward(time.Second)
		if d.inForce() != (partner.Hash{}) {
			t.Error("the agreement before the lost one is in force again")
		}
		if d.effective(lost, d.Stewards[0]) != gone || d.inForce() != gone {
			t.Error("the lost one, signed again, does not count")
		}
		d.View(func(ctx context.Context, tx store.Tx) error {
			of, err := d.reg.Officer(ctx, tx, d.officers[0].ID)
			if err != nil || len(of.Scopes) != 1 {
				t.Errorf("its officers and scopes: %+v, %v", of, err)
			}
			return nil
		})
		if _, err := g.token(d.reg); !errors.Is(err, partner.ErrClient) {
			t.Errorf("with a key that the journal says was retired: %v", err)
		}
		if _, err := d.agree(d.Stewards[0], halted); err != nil {
			t.Fatal(err)
		}
		d.Clock.Forward(time.Second)
		if d.inForce() != (partner.Hash{}) {
			t.Error("a halted agreement that was brought again counts")
		}
	})
}
