package testimony

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/payload"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/testimony/testimonydb"
)

// Rewind makes an upload under way go back to the byte from, where a piece begins
// that is no longer what was sent. Nothing is lost that her client cannot send again:
// it asks where to go on, as after every broken line, and whoever writes at this
// moment finds that the upload has moved and asks too.
func (v *Vault) Rewind(ctx context.Context, tx store.Tx, testimony id.ID, n, from int64) error {
	slot, err := v.slot(ctx, tx, testimony, n)
	if err != nil {
		return err
	}
	if err := payload.Cut(ctx, tx, id.ID(slot.Blob.String), from); err != nil {
		return err
	}
	q := testimonydb.New(tx)
	if err := q.DropTails(ctx, testimonydb.DropTailsParams{Testimony: string(testimony), N: n}); err != nil {
		return fmt.Errorf("rewind upload: %w", err)
	}
	name := slot.Blob
	if from == 0 {
		name = sql.NullString{} // nothing is left of it
	}
	if err := q.RewindSlot(ctx, testimonydb.RewindSlotParams{Received: from, Blob: name, Testimony: string(testimony), N: n}); err != nil {
		return fmt.Errorf("rewind upload: %w", err)
	}
	return nil
}
