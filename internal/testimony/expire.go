package testimony

import (
	"context"
	"fmt"
	"time"

	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/testimony/testimonydb"
)

// expirePage is how many uploads one transaction gives up.
const expirePage = 256

// Expire gives up uploads whose last day that brought bytes is more than age ago.
func (v *Vault) Expire(ctx context.Context, age time.Duration) error {
	before := statement.DayOf(v.Now().Add(-age))
	for {
		var n int
		err := v.DB.Update(ctx, func(ctx context.Context, tx store.Tx) error {
			rows, err := testimonydb.New(tx).StaleSlots(ctx, testimonydb.StaleSlotsParams{Before: before, Page: expirePage})
			if err != nil {
				return fmt.Errorf("find stale uploads: %w", err)
			}
			n = len(rows)
			for _, r := range rows {
				if err := v.dropSlot(ctx, tx, id.Thumbprint(r.Owner), id.ID(r.Testimony), r.N); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil || n < expirePage {
			return err
		}
	}
}
