package ledger

import (
	"context"
	"fmt"

	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/ledger/ledgerdb"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
)

// Next says whether a statement that the journal kept is the next of its chain: a
// crash came between the journal and the database. Where the chain stands
// elsewhere, in a database that was restored, its place is lost.
func (l *Ledger) Next(ctx context.Context, tx store.Tx, account id.Thumbprint, s *statement.Statement) (bool, error) {
	head, err := l.Head(ctx, tx, account)
	return err == nil && head.Follows(s), err
}

// Explain keeps an erase statement that lost its place. Her client takes it as the
// reason why statements on that testimony are empty: she signed it, for that
// testimony, and a testimony's name is never used again.
func (l *Ledger) Explain(ctx context.Context, tx store.Tx, account id.Thumbprint, testimony id.ID, s *statement.Statement) error {
	err := ledgerdb.New(tx).Explain(ctx, ledgerdb.ExplainParams{Testimony: string(testimony), Iss: string(account), Statement: s.Compact()})
	if err != nil {
		return fmt.Errorf("keep an erase statement: %w", err)
	}
	return nil
}

// Explained lists the erase statements of an account that lost their place.
func (l *Ledger) Explained(ctx context.Context, tx store.Tx, account id.Thumbprint) ([]string, error) {
	list, err := ledgerdb.New(tx).Explained(ctx, string(account))
	if err != nil {
		return nil, fmt.Errorf("list erase statements: %w", err)
	}
	return list, nil
}
