package grant

import (
	"context"

	"github.com/relatingfield/vault/internal/grant/grantdb"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/store"
)

// SettleAll is Settle for everything that an account owns: one wait, however many
// of its testimonies are being read.
func (g *Grants) SettleAll(ctx context.Context, owner id.Thumbprint) error {
	for until, first := g.Tick().Add(leaseTerm+settleSlack), true; ; first = false {
		left, err := g.condemnedOf(ctx, owner)
		if err != nil || len(left) == 0 {
			return err
		}
		if first {
			for _, l := range left {
				g.gate.wake(id.ID(l.Testimony))
			}
		}
		if g.Tick().After(until) {
			return g.bury(ctx, leases(left))
		}
		if err := pause(ctx, settlePoll); err != nil {
			return err
		}
	}
}

func (g *Grants) condemnedOf(ctx context.Context, owner id.Thumbprint) ([]grantdb.CondemnedOfRow, error) {
	var rows []grantdb.CondemnedOfRow
	err := g.DB.View(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		rows, err = grantdb.New(tx).CondemnedOf(ctx, string(owner))
		return err
	})
	return rows, err
}

func leases(rows []grantdb.CondemnedOfRow) []grantdb.CondemnedRow {
	out := make([]grantdb.CondemnedRow, len(rows))
	for i, r := range rows {
		out[i] = grantdb.CondemnedRow{ID: r.ID, OpeningID: r.OpeningID, FromB: r.FromB, ToB: r.ToB}
	}
	return out
}
