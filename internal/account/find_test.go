package account_test

import (
	"testing"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/accounttest"
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
