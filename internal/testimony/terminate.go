package testimony

import (
	"context"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/store"
)

// Terminate gives up an upload under way: its slot, its bytes and its share of the
// quota. Whoever is still writing to it ends with ErrNotFound.
func (v *Vault) Terminate(ctx context.Context, caller account.Caller, testimony id.ID, n int64) error {
	err := v.DB.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		if _, err := v.ownSlot(ctx, tx, caller, testimony, n); err != nil {
			return err
		}
		return v.dropSlot(ctx, tx, caller.ID, testimony, n)
	})
	if err == nil {
		v.Payloads.Reap(ctx)
	}
	return err
}
