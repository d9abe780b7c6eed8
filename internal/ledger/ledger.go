// Package ledger stores the chains of statements, one per account, and hands out
// receipts.
//
// Append is a compare-and-set on the chain's head: of two statements that claim
// the same place one is accepted, on whatever nodes they arrive, and the other
// learns the head. A statement about a testimony is stored sealed under the
// testimony's shred key, so that erasing leaves its hash and place only.
package ledger

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/journal"
	"github.com/relatingfield/vault/internal/ledger/ledgerdb"
	"github.com/relatingfield/vault/internal/shred"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
)

// ErrNotEnrolled reports an account without a chain: its first statement must be
// its key statement.
var ErrNotEnrolled = errors.New("this key has not enrolled here")

// ErrVault reports a statement signed for another vault.
var ErrVault = fmt.Errorf("%w: it is addressed to another vault", statement.ErrRefused)

// OutOfOrder reports a statement that does not follow the head of its chain.
// Nothing was changed; sign again after Head.
type OutOfOrder struct{ Head statement.Head }

// Error names the head, so that a person can tell which statement came before.
func (e *OutOfOrder) Error() string {
	return fmt.Sprintf("the statement does not follow the head of its chain, which is at %d", e.Head.Seq)
}

// Ledger keeps the chains of one vault.
type Ledger struct {
	Vault      string                    // base64url vault id
	ReceiptKey func() ed25519.PrivateKey // the one in force
	Keys       shred.Keys
	Journal    *journal.Journal
	Now        func() time.Time
}

// Append accepts statements, which follow one another, as the next of their
// chain. They are stored sealed under key when they concern a testimony, plain
// (key nil) when they do not or erase it. A rekey statement is for Rekey.
func (l *Ledger) Append(ctx context.Context, tx store.Tx, key *shred.Key, list ...*statement.Statement) error {
	account, err := l.Advance(ctx, tx, list...)
	if err != nil {
		return err
	}
	return l.Keep(ctx, tx, account, key, list...)
}

// Keep is the second half of Append, for what Advance has found a place for: it
// writes the statements down.
func (l *Ledger) Keep(ctx context.Context, tx store.Tx, account id.Thumbprint, key *shred.Key, list ...*statement.Statement) error {
	for _, s := range list {
		if err := l.keep(ctx, tx, account, s, key); err != nil {
			return fmt.Errorf("append statement: %w", err)
		}
	}
	return nil
}

// keep writes one statement's row.
func (l *Ledger) keep(ctx context.Context, tx store.Tx, account id.Thumbprint, s *statement.Statement, key *shred.Key) error {
	hash := s.Hash()
	row := ledgerdb.AppendStatementParams{Iss: string(account), Seq: s.Seq, Sha256: hash[:], Day: statement.DayOf(l.Now()), Body: []byte(s.Compact())}
	testimony, about := statement.SubjectOf(s.Body)
	if s.Act() == statement.ActErase {
		about = false // it has to outlive the key it destroys, to explain the holes
	}
	if about != (key != nil) {
		return fmt.Errorf("%s is stored sealed exactly when it concerns a testimony", s.Act())
	}
	if about {
		row.Testimony = sql.NullString{String: string(testimony), Valid: true}
		var err error
		if row.Body, err = key.Seal(label(account, s.Seq), row.Body); err != nil {
			return err
		}
	}
	return ledgerdb.New(store.Later(tx)).AppendStatement(ctx, row)
}

func label(account id.Thumbprint, seq int64) string {
	return fmt.Sprintf("statement %s %d", account, seq)
}

// Advance is the first half of Append: it moves the head from before the first to
// the last of list, or says where it stands. It gives the account whose chain that
// is. The same transaction must Keep them.
func (l *Ledger) Advance(ctx context.Context, tx store.Tx, list ...*statement.Statement) (id.Thumbprint, error) {
	first, last := list[0], list[len(list)-1]
	for i, s := range list {
		if s.Act() == statement.ActRekey {
			return "", fmt.Errorf("%w: a rekey statement stands in a request of its own", statement.ErrRefused)
		}
		if s.Vault != l.Vault {
			return "", ErrVault
		}
		if i > 0 && (s.Issuer != first.Issuer || !follows(list[i-1], s)) {
			return "", errLoose
		}
	}
	hash := last.Hash()
	if first.Seq == 1 {
		return first.Issuer, l.begin(ctx, tx, last)
	}
	moved, err := ledgerdb.New(tx).Advance(ctx, ledgerdb.AdvanceParams{Key: string(first.Issuer), Seq: last.Seq, Sha256: hash[:],
		Day: statement.DayOf(l.Now()), Before: first.Seq - 1, Prev: first.Prev})
	if errors.Is(err, sql.ErrNoRows) {
		return "", l.whyNot(ctx, tx, first.Issuer)
	}
	if err != nil {
		return "", fmt.Errorf("advance chain: %w", err)
	}
	account := id.Thumbprint(moved.Iss)
	if err := l.heard(ctx, tx, account, moved.Watched); err != nil {
		return account, err
	}
	return account, l.veto(ctx, tx, account, moved.Claimed)
}

var errLoose = fmt.Errorf("%w: the statements of the request do not follow one another", statement.ErrRefused)

func follows(before, s *statement.Statement) bool {
	return statement.Head{Seq: before.Seq, Hash: before.Hash()}.Follows(s)
}

// whyNot says why a statement signed by key is not the next. A key that was given
// up gets the answer of a key that was never seen.
func (l *Ledger) whyNot(ctx context.Context, tx store.Tx, key id.Thumbprint) error {
	chain, err := l.ofKey(ctx, tx, key)
	if err != nil {
		return err
	}
	if chain.signer != key {
		return ErrRekeyOwed
	}
	return &OutOfOrder{chain.head}
}

// begin makes the head of a chain that did not exist. A key that an account took
// over, or gave up, begins no chain of its own.
func (l *Ledger) begin(ctx context.Context, tx store.Tx, last *statement.Statement) error {
	if err := l.unused(ctx, tx, last.Issuer); err != nil {
		return err
	}
	hash := last.Hash()
	err := ledgerdb.New(tx).BeginChain(ctx, ledgerdb.BeginChainParams{Iss: string(last.Issuer), Seq: last.Seq, Sha256: hash[:], Day: statement.DayOf(l.Now())})
	if err != nil {
		return fmt.Errorf("begin chain: %w", err)
	}
	return nil
}

// Head is where an account's chain stands, or ErrNotEnrolled.
func (l *Ledger) Head(ctx context.Context, tx store.Tx, account id.Thumbprint) (statement.Head, error) {
	row, err := ledgerdb.New(tx).Head(ctx, string(account))
	if errors.Is(err, sql.ErrNoRows) {
		return statement.Head{}, ErrNotEnrolled
	}
	if err != nil || len(row.Sha256) != sha256.Size {
		return statement.Head{}, fmt.Errorf("read head of chain: %w", err)
	}
	return statement.Head{Seq: row.Seq, Hash: [sha256.Size]byte(row.Sha256)}, nil
}

// Receipt is the server's signed word that s was accepted on day.
func (l *Ledger) Receipt(s *statement.Statement, day int64) (string, error) {
	return statement.SignReceipt(l.ReceiptKey(), s, day)
}
