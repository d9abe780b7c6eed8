package ledger

import (
	"context"
	"fmt"

	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
)

// Taken is a verified statement of the caller with its receipt already signed:
// all the cryptography is done before a transaction begins, since transactions
// of one SQLite file run one after another. The receipt leaves the server only
// in an Accepted, after the transaction has committed.
type Taken struct {
	*statement.Statement
	receipt string
}

// Accepted is what the signer gets back.
type Accepted struct {
	Hash    [32]byte
	Seq     int64
	Receipt string
}

// Commit is called last within the transaction of an act, so that what the
// caller remembers of the act (an idempotent answer) is as durable as the act. It
// may run more than once, as transactions do. Nil remembers nothing.
type Commit func(ctx context.Context, tx store.Tx, accepted ...Accepted) error

// Do calls the commit hook with what was accepted.
func (c Commit) Do(ctx context.Context, tx store.Tx, taken ...*Taken) error {
	if c == nil {
		return nil
	}
	list := make([]Accepted, len(taken))
	for i, t := range taken {
		list[i] = t.Accepted()
	}
	return c(ctx, tx, list...)
}

// Accepted is the answer for one statement.
func (t *Taken) Accepted() Accepted { return Accepted{t.Hash(), t.Seq, t.receipt} }

// Take parses compact, which must be an act of body type B, signed by the caller
// for this vault.
func Take[B statement.Body](l *Ledger, caller id.Thumbprint, compact string) (*Taken, B, error) {
	var none B
	s, err := statement.Parse(compact)
	if err != nil {
		return nil, none, err
	}
	body, ok := s.Body.(B)
	if !ok {
		return nil, none, fmt.Errorf("%w: a statement of act %s does not belong in this request", statement.ErrRefused, s.Act())
	}
	if s.Issuer != caller {
		return nil, none, fmt.Errorf("%w: it is signed by another key than the one signed in", statement.ErrRefused)
	}
	if s.Vault != l.Vault {
		return nil, none, ErrVault
	}
	today := statement.DayOf(l.Now())
	if s.IssuedAt < today-statement.Day || s.IssuedAt > today+statement.Day {
		return nil, none, fmt.Errorf("%w: its day is not today; take the day from the server's time", statement.ErrRefused)
	}
	receipt, err := l.Receipt(s, today)
	return &Taken{s, receipt}, body, err
}
