package ledger

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"

	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/ledger/ledgerdb"
	"github.com/relatingfield/vault/internal/shred"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
)

// What can be wrong with a key.
var (
	// ErrKeyUsed: the key has, or had, a chain here.
	ErrKeyUsed = errors.New("this key was used here before: make new words")
	// ErrRekeyOwed: an older copy of the vault was restored and her rekey statement
	// was lost with what came after. The old key stays void; with the new one she
	// makes the statement again, and nothing else until then.
	ErrRekeyOwed = fmt.Errorf("%w: the vault was restored and lost the statement by which this key took over: change the words once more, from the old to these", statement.ErrRefused)
)

// chain is where a chain stands.
type chain struct {
	account, signer id.Thumbprint
	head            statement.Head
}

// ofKey is the chain whose good key this is, or ErrNotEnrolled.
func (l *Ledger) ofKey(ctx context.Context, tx store.Tx, key id.Thumbprint) (chain, error) {
	row, err := ledgerdb.New(tx).OfKey(ctx, string(key))
	if errors.Is(err, sql.ErrNoRows) {
		return chain{}, ErrNotEnrolled
	}
	if err != nil || len(row.Sha256) != sha256.Size {
		return chain{}, fmt.Errorf("read head of chain: %w", err)
	}
	return chain{id.Thumbprint(row.Iss), id.Thumbprint(row.Signer), statement.Head{Seq: row.Seq, Hash: [sha256.Size]byte(row.Sha256)}}, nil
}

// unused makes sure that no chain has, or had, the key.
func (l *Ledger) unused(ctx context.Context, tx store.Tx, key id.Thumbprint) error {
	n, err := ledgerdb.New(tx).Uses(ctx, string(key))
	if err != nil {
		return fmt.Errorf("look for key: %w", err)
	}
	if n > 0 {
		return ErrKeyUsed
	}
	return nil
}

// Sealing gives the shred key of a testimony that statements concern.
type Sealing func(testimony id.ID) (*shred.Key, error)

// Rekey accepts a rekey statement by the key that was good and, behind it,
// statements by the new one. From the commit on the old key is void, and the
// account is where it was. caller is the key signed in with: the old one or,
// where a restore has made that void already, the new one.
func (l *Ledger) Rekey(ctx context.Context, tx store.Tx, caller id.Thumbprint, keys Sealing, list ...*statement.Statement) error {
	was, err := l.ofKey(ctx, tx, caller)
	if err != nil {
		return err
	}
	next, err := l.succession(was, list)
	if err != nil {
		return err
	}
	if next != caller { // or else it stands there since the restore
		if err := l.unused(ctx, tx, next); err != nil {
			return err
		}
	}
	if err := l.handOver(ctx, tx, was, next, list); err != nil {
		return err
	}
	for _, s := range list {
		if err := l.keepUnder(ctx, tx, was.account, s, keys); err != nil {
			return err
		}
	}
	return nil
}

// succession checks the list without the database: one rekey statement by the
// signer of the chain, and then the new key alone. It gives the new key.
func (l *Ledger) succession(was chain, list []*statement.Statement) (id.Thumbprint, error) {
	rekey := list[0]
	if rekey.Act() != statement.ActRekey || rekey.Issuer != was.signer {
		return "", fmt.Errorf("%w: the first statement is not a rekey by the key that the chain goes on with", statement.ErrRefused)
	}
	next, err := rekey.Successor(was.account)
	if err != nil {
		return "", fmt.Errorf("%w: %w", statement.ErrRefused, err)
	}
	for i, s := range list {
		if s.Vault != l.Vault {
			return "", ErrVault
		}
		if i > 0 && (s.Issuer != next || s.Act() == statement.ActRekey || !follows(list[i-1], s)) {
			return "", errLoose
		}
	}
	return next, nil
}

func (l *Ledger) handOver(ctx context.Context, tx store.Tx, was chain, next id.Thumbprint, list []*statement.Statement) error {
	q, first, last := ledgerdb.New(tx), list[0], list[len(list)-1]
	hash := last.Hash()
	moved, err := q.HandOver(ctx, ledgerdb.HandOverParams{Seq: last.Seq, Sha256: hash[:], Key: string(next), Day: statement.DayOf(l.Now()),
		Iss: string(was.account), Signer: string(was.signer), Before: first.Seq - 1, Prev: first.Prev})
	if errors.Is(err, sql.ErrNoRows) {
		return &OutOfOrder{was.head}
	}
	if err != nil {
		return fmt.Errorf("hand chain over: %w", err)
	}
	if err := l.heard(ctx, tx, was.account, moved.Watched); err != nil {
		return err
	}
	if err := l.veto(ctx, tx, was.account, moved.Claimed); err != nil {
		return err
	}
	if err := l.EndRecovery(ctx, tx, was.account); err != nil { // it would bring void words back
		return err
	}
	if err := q.AddRekey(ctx, ledgerdb.AddRekeyParams{Account: string(was.account), Seq: first.Seq, Key: string(next)}); err != nil {
		return fmt.Errorf("remember new key: %w", err)
	}
	return nil
}

func (l *Ledger) keepUnder(ctx context.Context, tx store.Tx, account id.Thumbprint, s *statement.Statement, keys Sealing) error {
	var key *shred.Key
	if t, ok := statement.SubjectOf(s.Body); ok {
		var err error
		if key, err = keys(t); err != nil {
			return err
		}
	}
	if err := l.keep(ctx, tx, account, s, key); err != nil {
		return fmt.Errorf("append statement: %w", err)
	}
	return nil
}

// Switch makes another key the good one of an account whose rekey statement is
// not there: what a journal says after a restore. It only restricts, since the new
// key can do nothing but make the statement again.
func (l *Ledger) Switch(ctx context.Context, tx store.Tx, account, key id.Thumbprint) error {
	if err := ledgerdb.New(tx).SwitchKey(ctx, ledgerdb.SwitchKeyParams{Key: string(key), Iss: string(account)}); err != nil {
		return fmt.Errorf("switch key: %w", err)
	}
	return nil
}

// Rekeys are an account's rekey statements, in order.
func (l *Ledger) Rekeys(ctx context.Context, tx store.Tx, account id.Thumbprint) ([]*statement.Statement, error) {
	rows, err := ledgerdb.New(tx).Rekeys(ctx, string(account))
	if err != nil {
		return nil, fmt.Errorf("list rekey statements: %w", err)
	}
	out := make([]*statement.Statement, 0, len(rows))
	for _, seq := range rows {
		s, err := l.Statement(ctx, tx, account, seq)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

// Recipient is where to seal to for an account: the recipient of its newest key.
func (l *Ledger) Recipient(ctx context.Context, tx store.Tx, account id.Thumbprint) (string, error) {
	rekeys, err := l.Rekeys(ctx, tx, account)
	if err != nil {
		return "", err
	}
	if n := len(rekeys); n > 0 {
		if body, ok := rekeys[n-1].Body.(*statement.Rekey); ok {
			return body.Recipient, nil
		}
	}
	s, err := l.Statement(ctx, tx, account, 1)
	if err != nil {
		return "", err
	}
	key, ok := s.Body.(*statement.Key)
	if !ok {
		return "", errors.New("read recipient: the chain does not begin with a key statement")
	}
	return key.Recipient, nil
}
