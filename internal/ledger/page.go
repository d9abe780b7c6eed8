package ledger

import (
	"context"
	"errors"

	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
)

// Page reads at most limit places of an account's chain behind seq after, and
// the head of the whole chain, as they were at one moment. A key that has not
// enrolled has an empty chain.
func (l *Ledger) Page(ctx context.Context, db *store.DB, account id.Thumbprint, after, limit int64) (entries []statement.Entry, head statement.Head, err error) {
	err = db.View(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		if head, err = l.Head(ctx, tx, account); err != nil {
			return err
		}
		entries, err = l.Entries(ctx, tx, account, after, limit)
		return err
	})
	if errors.Is(err, ErrNotEnrolled) {
		return nil, statement.Head{}, nil
	}
	return entries, head, err
}

// Displaced lists the erase statements of an account that lost their place.
func (l *Ledger) Displaced(ctx context.Context, db *store.DB, account id.Thumbprint) (out []string, err error) {
	err = db.View(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		out, err = l.Explained(ctx, tx, account)
		return err
	})
	return out, err
}
