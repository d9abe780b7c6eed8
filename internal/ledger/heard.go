package ledger

import (
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

// LastHeard is the day of the account's last accepted statement, whatever its act,
// or ErrNotEnrolled.
func (l *Ledger) LastHeard(ctx context.Context, tx store.Tx, account id.Thumbprint) (int64, error) {
	day, err := ledgerdb.New(tx).LastDay(ctx, string(account))
	if errors.Is(err, sql.ErrNoRows) {
		return 0, ErrNotEnrolled
	}
	if err != nil {
		return 0, fmt.Errorf("read day of last statement: %w", err)
	}
	return day, nil
}

// RelyOnSilence is for a transaction that is about to do what only her silence
// allows. It writes the row that every statement of hers writes as well: of the
// two transactions one commits before the other begins to count, so that no
// opening commits behind an act that would have forbidden it. Reading alone would
// not do: a serializable database may put a reader before a writer that has
// committed already.
func (l *Ledger) RelyOnSilence(ctx context.Context, tx store.Tx, account id.Thumbprint) error {
	if err := ledgerdb.New(tx).AskAfter(ctx, string(account)); err != nil {
		return fmt.Errorf("ask after an account: %w", err)
	}
	return nil
}

// Watch makes the journal remember from here on, day by day, that the account was
// heard: a restored backup must not make her silent.
func (l *Ledger) Watch(ctx context.Context, tx store.Tx, account id.Thumbprint) error {
	if err := ledgerdb.New(tx).Watch(ctx, string(account)); err != nil {
		return fmt.Errorf("watch an account: %w", err)
	}
	return nil
}

// heard tells the journal once a day. It does so before the transaction commits,
// and other writes may follow: should it fail after all, she has signed all the
// same, and counting her as heard only restricts.
func (l *Ledger) heard(ctx context.Context, tx store.Tx, account id.Thumbprint, watched sql.NullInt64) error {
	today := statement.DayOf(l.Now())
	if !watched.Valid || watched.Int64 >= today {
		return nil
	}
	if err := ledgerdb.New(tx).SetWatched(ctx, ledgerdb.SetWatchedParams{Day: today, Iss: string(account)}); err != nil {
		return fmt.Errorf("watch an account: %w", err)
	}
	return l.Journal.Write(ctx, tx, journal.Entry{Kind: journal.CheckedIn, Account: account, N: today})
}

// HearAgain makes the account heard on the day that the journal says: a backup
// knows less.
func (l *Ledger) HearAgain(ctx context.Context, tx store.Tx, _ int64, e journal.Entry) error {
	if err := ledgerdb.New(tx).HeardOn(ctx, ledgerdb.HeardOnParams{Day: e.N, Iss: string(e.Account)}); err != nil {
		return fmt.Errorf("hear an account again: %w", err)
	}
	return nil
}
