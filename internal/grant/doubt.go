package grant

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/fixity"
	"github.com/relatingfield/vault/internal/grant/grantdb"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/release"
	"github.com/relatingfield/vault/internal/store"
)

// Doubted finds a part that the caller could open now and could not read, for package
// fixity to look at. It opens nothing and counts as no read; whoever may not open the
// part gets ErrNotFound.
func (g *Grants) Doubted(ctx context.Context, caller account.Caller, grant id.ID, n int64) (fixity.Part, error) {
	var out fixity.Part
	err := g.DB.View(ctx, func(ctx context.Context, tx store.Tx) error {
		row, err := grantdb.New(tx).ToOpen(ctx, grantdb.ToOpenParams{ID: string(grant), Grantee: string(caller.ID), N: n})
		if errors.Is(err, sql.ErrNoRows) {
			return ErrNotFound
		}
		if err != nil {
			return fmt.Errorf("find granted part: %w", err)
		}
		session, err := g.session(ctx, tx, sessionTag(row, false), grant, n)
		if err != nil {
			return err
		}
		f, err := g.facts(ctx, tx, grant)
		if err != nil {
			return err
		}
		f.Reads, f.InSession = row.Reads, session != ""
		if release.Decide(f, g.Now().Unix()) != release.Live {
			return ErrNotFound
		}
		out = fixity.Part{Testimony: id.ID(row.Testimony), N: n, Payload: id.ID(row.Blob.String)}
		return nil
	})
	return out, err
}
