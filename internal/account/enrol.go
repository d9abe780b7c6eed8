package account

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/relatingfield/vault/internal/account/accountdb"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/ledger"
	"github.com/relatingfield/vault/internal/proofofwork"
	"github.com/relatingfield/vault/internal/roster"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
)

// Mode says how participants and researchers enrol.
type Mode string

// The modes. Invitations are good in each of them. Code and Partners admit the
// same keys, since only stewards and partners can invite; the word tells a
// participant whether to look for a code or for an organisation.
const (
	Open     Mode = "open"     // with a proof of work, or an invitation
	Code     Mode = "code"     // with an invitation
	Partners Mode = "partners" // with a partner's or a steward's invitation
)

// Accounts enrols keys and invites them.
type Accounts struct {
	DB     *store.DB
	Ledger *ledger.Ledger
	Roster func(context.Context, store.Tx) (*roster.Roster, error) // the current one
	Work   *proofofwork.Issuer                                     // nil unless Mode is Open
	Mode   Mode
	PerDay int64     // accounts of one UTC day, beyond which proof of work admits nobody
	Rand   io.Reader // for invitations
	Now    func() time.Time
}

// Request is a key that wants to enrol, with what admits it: a solved challenge,
// or an invitation, or, for a steward, nothing but the roster.
type Request struct {
	Statement           *statement.Statement // act key
	Challenge, Solution string
	Invitation          string
}

// Enrol makes an account. The same statement twice is one enrolment; another
// statement of an enrolled key is ErrConflict. Otherwise the errors wrap
// statement.ErrRefused or ErrRefused.
func (a *Accounts) Enrol(ctx context.Context, req Request) error {
	if err := a.checkKey(req.Statement); err != nil {
		return err
	}
	err := a.enrol(ctx, req)
	if errors.Is(err, store.ErrConflict) {
		// The row appeared between our look and our insert, so it is there for a
		// second look, which decides whether it was this statement or another.
		err = a.enrol(ctx, req)
	}
	return err
}

// checkKey refuses what no retry and no invitation can make good, before the
// database is asked.
func (a *Accounts) checkKey(s *statement.Statement) error {
	key, err := Said[statement.Key](Caller{ID: s.Issuer}, s)
	if err != nil {
		return err
	}
	if s.Vault != a.Ledger.Vault {
		return ledger.ErrVault
	}
	if _, pq, err := envelope.ParseRecipient(key.Recipient); err != nil || !pq {
		return fmt.Errorf("%w: its recipient is not a post-quantum age recipient (age1pq1…)", statement.ErrRefused)
	}
	return nil
}

func (a *Accounts) enrol(ctx context.Context, req Request) error {
	return a.DB.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		known, err := Load(ctx, tx, req.Statement.Issuer)
		switch {
		case err == nil && known.KeySHA256 == req.Statement.Hash():
			return nil
		case err == nil:
			return fmt.Errorf("%w: this key has enrolled with another key statement: use that one", ErrConflict)
		case !errors.Is(err, ErrNotFound):
			return err
		}
		if err := a.admit(ctx, tx, req); err != nil {
			return err
		}
		return a.open(ctx, tx, req.Statement)
	})
}

// open writes the account and the first statement of its chain.
func (a *Accounts) open(ctx context.Context, tx store.Tx, s *statement.Statement) error {
	hash := s.Hash()
	err := accountdb.New(tx).Open(ctx, accountdb.OpenParams{
		ID: string(s.Issuer), Role: string(s.Body.(*statement.Key).Role), KeySha256: hash[:], EnrolledDay: statement.DayOf(a.Now()),
	})
	if err != nil {
		return fmt.Errorf("open account: %w", err)
	}
	return a.Ledger.Append(ctx, tx, s, nil)
}

// Find says who a key is. A key that has not enrolled is a Caller without role.
func (a *Accounts) Find(ctx context.Context, who id.Thumbprint) (Caller, error) {
	c := Caller{ID: who}
	err := a.DB.View(ctx, func(ctx context.Context, tx store.Tx) error {
		found, err := Load(ctx, tx, who)
		if errors.Is(err, ErrNotFound) {
			return nil
		}
		c.Role = found.Role
		return err
	})
	return c, err
}
