package testimony

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/fixity"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/testimony/testimonydb"
)

// Doubted finds a part of the caller's that she could not open, for package fixity to
// look at.
func (v *Vault) Doubted(ctx context.Context, caller account.Caller, testimony id.ID, n int64) (fixity.Part, error) {
	var out fixity.Part
	err := v.DB.View(ctx, func(ctx context.Context, tx store.Tx) error {
		if _, _, err := v.own(ctx, tx, caller, testimony); err != nil {
			return err
		}
		row, err := testimonydb.New(tx).Part(ctx, testimonydb.PartParams{Testimony: string(testimony), N: n})
		if errors.Is(err, sql.ErrNoRows) {
			return ErrNotFound
		}
		if err != nil {
			return fmt.Errorf("find part: %w", err)
		}
		out = fixity.Part{Testimony: testimony, N: n, Payload: id.ID(row.Blob.String)}
		return nil
	})
	return out, err
}
