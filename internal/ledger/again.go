package ledger

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/journal"
	"github.com/relatingfield/vault/internal/ledger/ledgerdb"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
)

// Said says whether this very statement stands in its chain already: then a
// repetition is answered as the first time, and nothing happens twice.
func (l *Ledger) Said(ctx context.Context, tx store.Tx, account id.Thumbprint, s *statement.Statement) (bool, error) {
	row, err := ledgerdb.New(tx).Entry(ctx, ledgerdb.EntryParams{Iss: string(account), Seq: s.Seq})
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look for statement: %w", err)
	}
	hash := s.Hash()
	return bytes.Equal(row.Sha256, hash[:]), nil
}

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

// SwitchAgain makes the key good that the journal says took over, and so the old
// one void, unless the chain goes on to where that was said: then it knows itself.
func (l *Ledger) SwitchAgain(ctx context.Context, tx store.Tx, _ int64, e journal.Entry) error {
	head, err := l.Head(ctx, tx, e.Account)
	if errors.Is(err, ErrNotEnrolled) || err == nil && head.Seq >= e.N {
		return nil
	}
	if err != nil {
		return err
	}
	return l.Switch(ctx, tx, e.Account, e.Key)
}
