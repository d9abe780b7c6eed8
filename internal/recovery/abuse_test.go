package recovery_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/accounttest"
	"github.com/relatingfield/vault/internal/recovery"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/store/storetest"
	"github.com/relatingfield/vault/migrations"
)

// From how many claims are left to a claimant nobody can tell whether there is such
// an account, or when its owner acts: one that she refused makes no room.
func TestARefusedClaimMakesNoRoom(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		for name, of := range map[string]*accounttest.Person{"an account that acts": w.her, "none": w.Stranger()} {
			p, _ := w.claims(of.ID)
			for range 2 {
				w.must(w.claimsAgain(p, of))
			}
			w.acts(w.her)
			if err := w.claimsAgain(p, of); !errors.Is(err, recovery.ErrClaims) {
				t.Errorf("%s: a fourth claim: %v", name, err)
			}
		}
	})
}

func (w *world) claimsAgain(p, of *accounttest.Person) error {
	_, err := w.recoveries.Claim(w.T.Context(), p.Caller, p.Sign(statement.Claim{Account: of.ID}).Compact(), nil)
	return err
}

// Claims of strangers, however many, hide nobody's from a trustee who asks for it.
func TestClaimsOfStrangersHideNone(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		for range 25 {
			w.claims(w.her.ID)
		}
		p, claim := w.claims(w.her.ID)
		all, err := w.recoveries.Naming(t.Context(), w.trustees[0].Caller, "")
		w.must(err)
		one, err := w.recoveries.Naming(t.Context(), w.trustees[0].Caller, p.ID)
		w.must(err)
		if len(all) != 1 || len(one) != 1 || len(all[0].Claims) != 20 || len(one[0].Claims) != 1 || one[0].Claims[0].ID != claim.ID {
			t.Errorf("%d of all and of one %+v", len(all[0].Claims), one)
		}
	})
}

// A claim by a key that is not an account's first is refused: trustees compare the
// first one, and would seal to it.
func TestAClaimIsMadeByANewKey(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		p, key := w.Enrolled(statement.Participant), w.Stranger()
		changed := account.Caller{ID: p.ID, Role: statement.Participant, Key: key.ID}
		claim := key.SignAt(statement.Head{Seq: 1}, statement.Claim{Account: w.her.ID})
		if _, err := w.recoveries.Claim(t.Context(), changed, claim.Compact(), nil); !errors.Is(err, recovery.ErrClaimant) {
			t.Errorf("%v", err)
		}
	})
}

const (
	rounds  = 8
	fetches = 6
)

// In any race between a claimant and an act of hers, all shares left before it.
func TestNoSharesLeaveAfterAnAct(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		w.races(w.recoveries)
	})
}

// So it is on two nodes over one database.
func TestNoSharesLeaveAfterAnActAtAnotherNode(t *testing.T) {
	cfg := storetest.Fresh(t, store.PostgreSQL, migrations.Files)
	w := newWorld(t, storetest.Open(t, cfg))
	other := *w.recoveries
	other.DB = storetest.Open(t, cfg)
	w.races(w.recoveries, &other)
}

// races has a claimant fetch shares on all nodes, as often as they come, while she
// acts on the first.
func (w *world) races(nodes ...*recovery.Recoveries) {
	w.T.Helper()
	for round := range rounds {
		p, claim := w.claims(w.her.ID)
		w.must(w.gives(0, claim, p))
		w.must(w.gives(1, claim, p))
		w.Clock.Forward(w.until(w.Clock.Now()))
		before, after := w.race(p, claim, nodes)
		if before != after || after == 0 {
			w.T.Errorf("round %d: shares had left %d times when her act was accepted, and %d times in the end", round, before, after)
		}
		if _, err := w.got(p, claim); !errors.Is(err, recovery.ErrNotFound) {
			w.T.Errorf("round %d: after her act: %v", round, err)
		}
	}
}

// race counts how often shares had left when the transaction of her act held her
// row, and how often in the end: each fetch writes that row too, so whoever holds
// it to commit has seen all that came before.
func (w *world) race(p *accounttest.Person, claim *statement.Statement, nodes []*recovery.Recoveries) (before, after int64) {
	act := w.her.Sign(statement.CheckIn{})
	in := make(chan struct{})
	var first sync.Once
	var all sync.WaitGroup
	for _, n := range nodes {
		all.Go(func() {
			for range fetches {
				_, err := n.Shares(w.T.Context(), p.Caller, claim.ID)
				if err != nil && !errors.Is(err, recovery.ErrNotFound) {
					w.T.Errorf("fetch: %v", err)
				}
				first.Do(func() { close(in) })
			}
		})
	}
	all.Go(func() {
		<-in
		if err := w.DB.Update(w.T.Context(), func(ctx context.Context, tx store.Tx) (err error) {
			if err := w.append(act)(ctx, tx); err != nil {
				return err
			}
			before, err = asked(ctx, tx, claim)
			return err
		}); err != nil {
			w.T.Errorf("her act: %v", err)
		}
	})
	all.Wait()
	w.must(w.DB.View(w.T.Context(), func(ctx context.Context, tx store.Tx) (err error) {
		after, err = asked(ctx, tx, claim)
		return err
	}))
	return before, after
}

// asked is how many times shares have left for a claim.
func asked(ctx context.Context, tx store.Tx, claim *statement.Statement) (n int64, err error) {
	err = tx.QueryRowContext(ctx, "SELECT asked FROM claims WHERE id = $1", string(claim.ID)).Scan(&n)
	return n, err
}
