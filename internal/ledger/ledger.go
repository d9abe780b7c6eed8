// Package ledger stores the chains of statements, one per account, and hands out
// receipts.
//
// Append is a compare-and-set on the chain's head: of two statements that claim
// the same place one is accepted, on whatever nodes they arrive, and the other
// learns the head. A statement about a testimony is stored sealed under the
// testimony's shred key, so that erasing leaves its hash and place only.
package ledger

import (
	"bytes"
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
	"github.com/relatingfield/vault/internal/secret"
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
	Vault      string       // base64url vault id
	ReceiptKey secret.Bytes // an Ed25519 private key, 64 bytes
	Keys       shred.Keys
	Journal    *journal.Journal
	Now        func() time.Time
}

// Append accepts statements, which follow one another, as the next of their
// chain. They are stored sealed under key when they concern a testimony, plain
// (key nil) when they do not or erase it.
func (l *Ledger) Append(ctx context.Context, tx store.Tx, key *shred.Key, list ...*statement.Statement) error {
	if err := l.advance(ctx, tx, list); err != nil {
		return err
	}
	for _, s := range list {
		if err := l.keep(ctx, tx, s, key); err != nil {
			return fmt.Errorf("append statement: %w", err)
		}
	}
	return nil
}

// keep writes one statement's row.
func (l *Ledger) keep(ctx context.Context, tx store.Tx, s *statement.Statement, key *shred.Key) error {
	hash := s.Hash()
	row := ledgerdb.AppendStatementParams{Iss: string(s.Issuer), Seq: s.Seq, Sha256: hash[:], Day: statement.DayOf(l.Now()), Body: []byte(s.Compact())}
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
		if row.Body, err = key.Seal(label(s.Issuer, s.Seq), row.Body); err != nil {
			return err
		}
	}
	return ledgerdb.New(tx).AppendStatement(ctx, row)
}

func label(iss id.Thumbprint, seq int64) string { return fmt.Sprintf("statement %s %d", iss, seq) }

// advance moves the head from before the first to the last of list, or says
// where it stands.
func (l *Ledger) advance(ctx context.Context, tx store.Tx, list []*statement.Statement) error {
	first, last := list[0], list[len(list)-1]
	for i, s := range list {
		if s.Vault != l.Vault {
			return ErrVault
		}
		if i > 0 && (s.Issuer != first.Issuer || !(statement.Head{Seq: list[i-1].Seq, Hash: list[i-1].Hash()}).Follows(s)) {
			return fmt.Errorf("%w: the statements of the request do not follow one another", statement.ErrRefused)
		}
	}
	hash := last.Hash()
	if first.Seq == 1 {
		return l.begin(ctx, tx, last)
	}
	watched, err := ledgerdb.New(tx).Advance(ctx, ledgerdb.AdvanceParams{Iss: string(first.Issuer), Seq: last.Seq, Sha256: hash[:],
		Day: statement.DayOf(l.Now()), Before: first.Seq - 1, Prev: first.Prev})
	if err == nil {
		return l.heard(ctx, tx, first.Issuer, watched)
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("advance chain: %w", err)
	}
	head, err := l.Head(ctx, tx, first.Issuer)
	if err != nil {
		return err
	}
	return &OutOfOrder{head}
}

// begin makes the head of a chain that did not exist.
func (l *Ledger) begin(ctx context.Context, tx store.Tx, last *statement.Statement) error {
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

// Accepted says whether this very statement stands in its chain already: then a
// repetition is answered as the first time, and nothing happens twice.
func (l *Ledger) Accepted(ctx context.Context, tx store.Tx, s *statement.Statement) (bool, error) {
	row, err := ledgerdb.New(tx).Entry(ctx, ledgerdb.EntryParams{Iss: string(s.Issuer), Seq: s.Seq})
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look for statement: %w", err)
	}
	hash := s.Hash()
	return bytes.Equal(row.Sha256, hash[:]), nil
}

// Receipt is the server's signed word that s was accepted on day.
func (l *Ledger) Receipt(s *statement.Statement, day int64) (string, error) {
	return statement.SignReceipt(ed25519.PrivateKey(l.ReceiptKey.Reveal()), s, day)
}
