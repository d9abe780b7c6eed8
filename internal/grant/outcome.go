package grant

import (
	"context"
	"fmt"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/closure"
	"github.com/relatingfield/vault/internal/grant/grantdb"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/store"
)

// Outcome is what the end of a grant, or of some of its parts, came to.
type Outcome struct {
	Fetched []Fetched // under the grant, the oldest opening first
	Closed  []Closed  // the first statement first
}

// Outcome is Settle, and then what had been fetched under a grant of hers that has
// ended and the vault's word for its end. The look that finds nothing being sent any
// more finds the rest as well: nothing can be added to it afterwards. A grant that
// has not ended, or is another's, is ErrNotFound.
func (g *Grants) Outcome(ctx context.Context, caller account.Caller, testimony, grant id.ID) (Outcome, error) {
	g.gate.wake(testimony)
	var out *Outcome
	err := g.settle(ctx, func(ctx context.Context) (left []grantdb.CondemnedRow, err error) {
		err = g.DB.View(ctx, func(ctx context.Context, tx store.Tx) (err error) {
			left, out, err = g.look(ctx, tx, caller, testimony, grant)
			return err
		})
		return left, err
	})
	if err != nil {
		return Outcome{}, err
	}
	if out == nil { // a node that was silent had to be spoken for
		err = g.DB.View(ctx, func(ctx context.Context, tx store.Tx) (err error) {
			_, out, err = g.look(ctx, tx, caller, testimony, grant)
			return err
		})
	}
	if err != nil {
		return Outcome{}, err
	}
	if out == nil {
		return Outcome{}, fmt.Errorf("a lease under what has ended came back: %w", store.ErrUnavailable)
	}
	return *out, nil
}

// look gives the leases that nothing may be sent under any more or, where there are
// none, the outcome.
func (g *Grants) look(ctx context.Context, tx store.Tx, caller account.Caller, testimony, grant id.ID) ([]grantdb.CondemnedRow, *Outcome, error) {
	var leases condemned
	var rows []closure.Row
	out := &Outcome{}
	err := store.Together(ctx, tx, append(leases.looks(g, testimony),
		func(ctx context.Context, tx store.Tx) (err error) {
			rows, err = closure.OfGrant(ctx, tx, grant)
			if err == nil && (len(rows) == 0 || rows[0].Owner != caller.ID || rows[0].Testimony != testimony) {
				err = ErrNotFound
			}
			return err
		},
		func(ctx context.Context, tx store.Tx) (err error) {
			out.Fetched, err = g.fetched(ctx, tx, grant)
			return err
		})...)
	if left := leases.leases(); err != nil || len(left) > 0 {
		return left, nil, err
	}
	out.Closed, err = g.closeAll(ctx, tx, rows, func(context.Context, store.Tx, id.ID) ([]Fetched, error) { return out.Fetched, nil })
	return nil, out, err
}
