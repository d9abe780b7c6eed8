package grant

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/relatingfield/vault/internal/custody"
	"github.com/relatingfield/vault/internal/grant/grantdb"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/journal"
	"github.com/relatingfield/vault/internal/shred"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
)

// What follows applies entries of the journal to a database that does not know
// them. Each only restricts: it finds a grant less far along and brings it to where
// it was, or does nothing.

// RevokeAgain ends a grant and destroys its headers. Where nothing but the commit
// was missing, her statement and the event take their places too.
func (g *Grants) RevokeAgain(ctx context.Context, tx store.Tx, day int64, e journal.Entry) error {
	q := grantdb.New(tx)
	row, err := q.Whose(ctx, string(e.ID))
	if errors.Is(err, sql.ErrNoRows) {
		return nil // given after the backup, and so lost with it
	}
	if err != nil {
		return fmt.Errorf("find grant: %w", err)
	}
	n, err := q.RevokeAgain(ctx, grantdb.RevokeAgainParams{Day: sql.NullInt64{Int64: day, Valid: true}, ID: string(e.ID)})
	if err != nil {
		return fmt.Errorf("revoke grant: %w", err)
	}
	if n == 0 {
		return nil
	}
	if err := q.CountOut(ctx, row.Testimony); err != nil {
		return fmt.Errorf("count grant: %w", err)
	}
	if err := q.DestroyHeaders(ctx, string(e.ID)); err != nil {
		return fmt.Errorf("destroy headers: %w", err)
	}
	return g.sayAgain(ctx, tx, id.ID(row.Testimony), id.Thumbprint(row.Owner), day, e)
}

func (g *Grants) sayAgain(ctx context.Context, tx store.Tx, testimony id.ID, owner id.Thumbprint, day int64, e journal.Entry) error {
	key, err := g.Keys.Load(ctx, tx, testimony)
	if errors.Is(err, shred.ErrShredded) {
		return nil
	}
	if err != nil {
		return err
	}
	if len(e.Data) > 0 {
		s, err := statement.Parse(string(e.Data))
		if err != nil {
			return err
		}
		if _, err := g.Ledger.Resume(ctx, tx, owner, key, s); err != nil {
			return err
		}
	}
	return custody.Record(ctx, tx, testimony, key, custody.Event{Kind: custody.Revoked, At: day, Actor: owner, Grant: e.ID})
}

// EndPartAgain destroys the header of one part of a grant.
func (g *Grants) EndPartAgain(ctx context.Context, tx store.Tx, _ int64, e journal.Entry) error {
	err := grantdb.New(tx).EndPartAgain(ctx, grantdb.EndPartAgainParams{GrantID: string(e.ID), N: e.N})
	return again("withdraw part", err)
}

// HoldAgain holds a grant whose narrower terms are lost: what they were, the
// journal does not say.
func (g *Grants) HoldAgain(ctx context.Context, tx store.Tx, _ int64, e journal.Entry) error {
	err := grantdb.New(tx).HoldAgain(ctx, grantdb.HoldAgainParams{ID: string(e.ID), Before: e.N})
	return again("hold grant", err)
}

// ReadAgain counts what had been read.
func (g *Grants) ReadAgain(ctx context.Context, tx store.Tx, _ int64, e journal.Entry) error {
	err := grantdb.New(tx).ReadAgain(ctx, grantdb.ReadAgainParams{Reads: e.Value, GrantID: string(e.ID), N: e.N})
	return again("count reads", err)
}

// HoldAll holds every grant until its owner renews it, and says how many: for a
// vault whose journal is lost, so that nobody knows what had been taken back.
func (g *Grants) HoldAll(ctx context.Context, tx store.Tx) (int64, error) {
	n, err := grantdb.New(tx).HoldAll(ctx)
	return n, again("hold every grant", err)
}

func again(what string, err error) error {
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}
