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
	g.gate.wakeAll(owner)
	return g.settle(ctx, func(ctx context.Context) (left []grantdb.CondemnedRow, err error) {
		err = g.DB.View(ctx, func(ctx context.Context, tx store.Tx) error {
			rows, err := grantdb.New(tx).CondemnedOf(ctx, string(owner))
			left = make([]grantdb.CondemnedRow, len(rows))
			for i, r := range rows {
				left[i] = grantdb.CondemnedRow(r)
			}
			return err
		})
		return left, err
	})
}
