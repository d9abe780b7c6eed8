package account_test

import (
	"context"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/accounttest"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/shred"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/store/storetest"
)

// A key is nobody until it enrols and from then on what it enrolled as, also when
// it was looked for before, here and on a node that never met it.
func TestFindingOutWhoAsks(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := accounttest.New(t, db, 1, 1)
		p := w.Stranger()
		nodes := map[string]*account.Accounts{"here": w.Accounts, "elsewhere": {DB: db}}
		for name, node := range nodes {
			if c, err := node.Find(t.Context(), p.ID); err != nil || c.Role != "" || c.Signer() != p.ID || c.ID == p.ID {
				t.Errorf("%s, before: %+v, %v", name, c, err)
			}
		}
		p.Enrol(statement.Researcher, account.Request{Invitation: w.Invite(w.Stewards[0], statement.Researcher)})
		for name, node := range nodes {
			for range 2 {
				if c, err := node.Find(t.Context(), p.ID); err != nil || c != (account.Caller{ID: p.ID, Role: statement.Researcher}) {
					t.Errorf("%s, afterwards: %+v, %v", name, c, err)
				}
			}
		}
	})
}

// rekey hands a person's account, which has no testimonies, over to new keys.
func rekey(t *testing.T, w *accounttest.World, p *accounttest.Person) *accounttest.Person {
	t.Helper()
	next := w.Stranger()
	err := w.DB.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
		head, err := w.Ledger.Head(ctx, tx, p.ID)
		if err != nil {
			return err
		}
		body, err := statement.Prove(next.PrivateKey(), next.Recipient, w.Vault, p.ID, head)
		if err != nil {
			return err
		}
		return w.Ledger.Rekey(ctx, tx, p.ID, func(id.ID) (*shred.Key, error) { return nil, nil }, p.SignAt(head, body))
	})
	if err != nil {
		t.Fatal(err)
	}
	return next
}

// A key that was given up is honoured for a second after it was last asked about,
// on a node that heard of nothing, and not a moment longer; where it was given up,
// not at all. Time is what the node's own clock says.
func TestAVoidKeyIsForgottenWithinASecond(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := accounttest.New(t, db, 1, 1)
		now := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
		node := func() *account.Accounts { return &account.Accounts{DB: db, Tick: func() time.Time { return now }} }
		here, elsewhere, fresh := node(), node(), node()
		p := w.Enrolled(statement.Participant)
		for _, n := range []*account.Accounts{here, elsewhere} {
			if c, err := n.Find(t.Context(), p.ID); err != nil || c.ID != p.ID {
				t.Fatalf("before: %+v, %v", c, err)
			}
		}
		next := rekey(t, w, p)
		here.Forget(p.ID)
		for _, step := range []struct {
			after time.Duration
			stale bool
		}{{0, true}, {account.Stale - time.Nanosecond, true}, {account.Stale, false}, {time.Hour, false}} {
			now = time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC).Add(step.after)
			for name, n := range map[string]*account.Accounts{"here": here, "elsewhere": elsewhere, "fresh": fresh} {
				c, err := n.Find(t.Context(), p.ID)
				if good := c.Role != ""; err != nil || good != (step.stale && name == "elsewhere") || !good && c.ID == p.ID {
					t.Errorf("%s, %s later: %+v, %v", name, step.after, c, err)
				}
				if c, err := n.Find(t.Context(), next.ID); err != nil || c != (account.Caller{ID: p.ID, Role: statement.Participant, Key: next.ID}) {
					t.Errorf("the new key, %s, %s later: %+v, %v", name, step.after, c, err)
				}
			}
		}
	})
}
