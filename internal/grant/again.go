package grant

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/custody"
	"github.com/relatingfield/vault/internal/grant/grantdb"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/journal"
	"github.com/relatingfield/vault/internal/ledger"
	"github.com/relatingfield/vault/internal/shred"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
)

// What follows applies entries of the journal to a database that does not know
// them. Each only restricts: it finds a grant less far along and brings it to where
// it was, or does nothing.

// RevokeAgain ends a grant and destroys its headers.
func (g *Grants) RevokeAgain(ctx context.Context, tx store.Tx, day int64, e journal.Entry) error {
	row, err := grantdb.New(tx).Whose(ctx, string(e.ID))
	if errors.Is(err, sql.ErrNoRows) {
		return nil // given after the backup, and so lost with it
	}
	if err != nil {
		return fmt.Errorf("find grant: %w", err)
	}
	if done, err := g.redo(ctx, tx, id.Thumbprint(row.Owner), e); err != nil || done {
		return err
	}
	return g.endAgain(ctx, tx, id.ID(row.Testimony), id.Thumbprint(row.Owner), day, e.ID)
}

// redo does the whole act again where its statement is the next of her chain:
// nothing but the commit was missing.
func (g *Grants) redo(ctx context.Context, tx store.Tx, owner id.Thumbprint, e journal.Entry) (bool, error) {
	if len(e.Data) == 0 {
		return false, nil
	}
	s, err := statement.Parse(string(e.Data))
	if err != nil {
		return false, err
	}
	if next, err := g.Ledger.Next(ctx, tx, owner, s); err != nil || !next {
		return false, err
	}
	caller, taken := account.Caller{ID: owner, Key: s.Issuer}, &ledger.Taken{Statement: s}
	switch body := s.Body.(type) {
	case *statement.Revoke:
		err = g.revoke(ctx, tx, caller, taken, body, remembered)
	case *statement.Withdraw:
		_, err = g.withdraw(ctx, tx, caller, taken, body)
	default:
		return false, nil
	}
	if errors.Is(err, ErrNotFound) { // its testimony was erased in the meantime
		return false, nil
	}
	return err == nil, err
}

// endAgain is what is left of a revocation whose statement has lost its place.
// Nobody waits for the reader's answer: what it answers is lost.
func (g *Grants) endAgain(ctx context.Context, tx store.Tx, testimony id.ID, owner id.Thumbprint, day int64, grant id.ID) error {
	q := grantdb.New(tx)
	n, err := q.RevokeAgain(ctx, grantdb.RevokeAgainParams{Day: sql.NullInt64{Int64: day, Valid: true}, ID: string(grant)})
	if err != nil || n == 0 {
		return again("revoke grant", err)
	}
	if err := errors.Join(q.CountOut(ctx, string(testimony)), q.DestroyHeaders(ctx, string(grant))); err != nil {
		return fmt.Errorf("destroy headers: %w", err)
	}
	key, err := g.Keys.Load(ctx, tx, testimony)
	if errors.Is(err, shred.ErrShredded) {
		return nil
	}
	if err != nil {
		return err
	}
	return custody.Record(ctx, tx, testimony, key, custody.Event{Kind: custody.Revoked, At: day, Actor: owner, Grant: grant})
}

// EndAllAgain ends every grant of a testimony whose erase statement has lost its
// place.
func (g *Grants) EndAllAgain(ctx context.Context, tx store.Tx, testimony id.ID, day int64) error {
	q := grantdb.New(tx)
	err := q.RevokeOnAgain(ctx, grantdb.RevokeOnAgainParams{Day: sql.NullInt64{Int64: day, Valid: true}, Testimony: string(testimony)})
	if err != nil {
		return fmt.Errorf("revoke grants: %w", err)
	}
	return clearOf(ctx, q, testimony)
}

// EndPartAgain destroys the header of one part of a grant.
func (g *Grants) EndPartAgain(ctx context.Context, tx store.Tx, _ int64, e journal.Entry) error {
	row, err := grantdb.New(tx).Whose(ctx, string(e.ID))
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("find grant: %w", err)
	}
	if done, err := g.redo(ctx, tx, id.Thumbprint(row.Owner), e); err != nil || done {
		return err
	}
	err = grantdb.New(tx).EndPartAgain(ctx, grantdb.EndPartAgainParams{GrantID: string(e.ID), N: e.N})
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
