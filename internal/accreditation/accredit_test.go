package accreditation_test

import (
	"context"
	"errors"
	"sync"
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

// An accreditation counts from the voice that reaches the threshold, within its
// term to the second, for its account only.
func TestAnAccreditationCountsAtTheThresholdAndInItsTerm(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db, 3, 2)
		body := d.body(d.researcher)
		body.From += 3600
		first, err := d.accredit(d.Stewards[0], body)
		if err != nil || first.Approvals != 1 || first.Threshold != 2 || first.Effective {
			t.Errorf("first voice: %+v, %v", first, err)
		}
		second, err := d.accredit(d.Stewards[2], body)
		if err != nil || second.Approvals != 2 || !second.Effective || second.Accreditation != first.Accreditation {
			t.Errorf("second voice: %+v, %v", second, err)
		}
		name, other := second.Accreditation, d.applicant("Dr. Oksana")
		for _, c := range []struct {
			forward time.Duration
			want    bool
		}{{0, false}, {time.Hour - time.Second, false}, {time.Second, true}, {year - time.Hour - time.Second, true}, {time.Second, false}} {
			d.Clock.Forward(c.forward)
			if got := d.live(d.researcher, name); got != c.want {
				t.Errorf("after %s more: %v", c.forward, got)
			}
			if d.live(other, name) || d.live(d.researcher, accreditation.ID{}) {
				t.Errorf("after %s more: it counts for another account, or another counts for hers", c.forward)
			}
		}
	})
}

// A steward's word is taken only over what is on file, as it is on file.
func TestAccreditationsThatAreRefused(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db, 2, 2)
		one, two, other := d.Stewards[0], d.Stewards[1], d.Enrolled(statement.Researcher)
		good := d.body(d.researcher)
		if _, err := d.accredit(two, good); err != nil {
			t.Fatal(err)
		}
		but := func(change func(*statement.Accredit)) *statement.Statement {
			b := good
			change(&b)
			return one.Sign(b)
		}
		for name, c := range map[string]struct {
			caller *accounttest.Person
			said   *statement.Statement
			want   error
		}{
			"no steward":          {d.researcher, d.researcher.Sign(good), account.ErrNotFound},
			"another's statement": {one, two.Sign(good), statement.ErrRefused},
			"another act":         {one, one.Sign(statement.Suspend{Account: d.researcher.ID, Accreditation: d.Vault}), statement.ErrRefused},
			"another vault":       {one, one.For(statement.B64(make([]byte, 32))).Sign(good), ledger.ErrVault},
			"another name":        {one, but(func(b *statement.Accredit) { b.Name += "." }), statement.ErrRefused},
			"another institution": {one, but(func(b *statement.Accredit) { b.Institution = "the police" }), statement.ErrRefused},
			"another purpose":     {one, but(func(b *statement.Accredit) { b.Purpose = "p" }), statement.ErrRefused},
			"another key":         {one, but(func(b *statement.Accredit) { b.KeySHA256 = d.Vault }), statement.ErrRefused},
			"another application": {one, but(func(b *statement.Accredit) { b.ApplySHA256 = d.Vault }), accreditation.ErrReapplied},
			"no application":      {one, but(func(b *statement.Accredit) { b.Account = other.ID }), account.ErrNotFound},
			"a term that is over": {one, but(func(b *statement.Accredit) { b.From, b.Until = b.From-10, b.From }), statement.ErrRefused},
			"a second time":       {two, two.Sign(good), accreditation.ErrSpoken},
		} {
			if _, err := d.Accreditations.Accredit(t.Context(), c.caller.Caller, c.said.Compact(), nil); !errors.Is(err, c.want) {
				t.Errorf("%s: %v, want %v", name, err, c.want)
			}
		}
		if out, err := d.accredit(one, good); err != nil || !out.Effective {
			t.Errorf("the word itself, after all these: %+v, %v", out, err)
		}
	})
}

// A researcher who becomes a steward does not vouch for herself.
func TestNobodyAccreditsHerself(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db, 1, 1)
		d.Approve(d.Change(1, d.Stewards[0], d.researcher), d.Stewards[0])
		if _, err := d.accredit(d.researcher, d.body(d.researcher)); !errors.Is(err, statement.ErrRefused) {
			t.Errorf("%v, want ErrRefused", err)
		}
	})
}

// Removing a steward voids her voices at once; whoever else speaks for the same
// body revives it; a steward who returns brings her voice back.
func TestVoicesCountWhileTheirStewardIsInTheRoster(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db, 3, 2)
		all := d.Stewards
		body := d.body(d.researcher)
		name := d.effective(body, all[0], all[1])
		d.Approve(d.Change(2, all[0], all[2]), all[0], all[1])
		if d.live(d.researcher, name) {
			t.Error("it counts with a removed steward's voice")
		}
		if out, err := d.accredit(all[2], body); err != nil || out.Approvals != 2 || !out.Effective || !d.live(d.researcher, name) {
			t.Errorf("with another steward's voice: %+v, %v", out, err)
		}
		d.Approve(d.Change(3, all...), all[0], all[2])
		if !d.live(d.researcher, name) {
			t.Error("three voices of three do not count once the removed steward is back")
		}
		d.Approve(d.Change(1, all[1]), all[0], all[1], all[2])
		if !d.live(d.researcher, name) {
			t.Error("the only steward has spoken for it")
		}
	})
}

// A threshold that rises lets an accreditation lapse until further voices come.
func TestTheThresholdIsTheCurrentOne(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db, 2, 1)
		name := d.effective(d.body(d.researcher), d.Stewards[0])
		body := d.body(d.researcher)
		d.Approve(d.Change(2, d.Stewards...), d.Stewards[0])
		if d.live(d.researcher, name) {
			t.Error("one voice counts under a threshold of two")
		}
		if out, err := d.accredit(d.Stewards[1], body); err != nil || !out.Effective || !d.live(d.researcher, name) {
			t.Errorf("with the second voice: %+v, %v", out, err)
		}
	})
}

// Two stewards speak at once, for the same body: both are heard.
func TestTwoVoicesAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db, 2, 2)
		for round := range 6 {
			body := d.body(d.researcher)
			body.Until -= int64(round)
			said := [2]string{d.Stewards[0].Sign(body).Compact(), d.Stewards[1].Sign(body).Compact()}
			var outs [2]accreditation.Outcome
			var errs [2]error
			start := make(chan struct{})
			var wg sync.WaitGroup
			for i := range said {
				wg.Go(func() {
					<-start
					outs[i], errs[i] = d.Accreditations.Accredit(t.Context(), d.Stewards[i].Caller, said[i], nil)
				})
			}
			close(start)
			wg.Wait()
			if err := errors.Join(errs[:]...); err != nil {
				t.Fatalf("round %d: %v", round, err)
			}
			if outs[0].Effective == outs[1].Effective || !d.live(d.researcher, outs[0].Accreditation) {
				t.Errorf("round %d: %+v", round, outs)
			}
		}
	})
}

// Accreditations of one researcher are bounded; a further voice for one that is
// there is not a further one.
func TestAccreditationsAreBounded(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db, 2, 2)
		body := d.body(d.researcher)
		for i := range accreditation.MaxAccreditations {
			body.Until--
			if _, err := d.accredit(d.Stewards[0], body); err != nil {
				t.Fatalf("number %d: %v", i+1, err)
			}
		}
		if out, err := d.accredit(d.Stewards[1], body); err != nil || !out.Effective {
			t.Errorf("a second voice for the last one: %+v, %v", out, err)
		}
		body.Until--
		if _, err := d.accredit(d.Stewards[0], body); !errors.Is(err, account.ErrQuota) {
			t.Errorf("one more: %v, want ErrQuota", err)
		}
	})
}

// What the caller remembers of a voice is as durable as it, and no more.
func TestAVoiceAndItsMemoryAreOne(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db, 1, 1)
		said := d.Stewards[0].Sign(d.body(d.researcher)).Compact()
		lost := errors.New("no memory")
		var kept accreditation.Outcome
		_, err := d.Accreditations.Accredit(t.Context(), d.Stewards[0].Caller, said, func(_ context.Context, _ store.Tx, o accreditation.Outcome) error {
			kept = o
			return lost
		})
		if !errors.Is(err, lost) || d.live(d.researcher, kept.Accreditation) {
			t.Errorf("%v; it counts: %v", err, d.live(d.researcher, kept.Accreditation))
		}
		out, err := d.Accreditations.Accredit(t.Context(), d.Stewards[0].Caller, said, nil)
		if err != nil || out != kept || !d.live(d.researcher, out.Accreditation) {
			t.Errorf("afterwards %+v, %v, want %+v", out, err, kept)
		}
	})
}
