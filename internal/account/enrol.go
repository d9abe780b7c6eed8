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
	Tick   func() time.Time // this node's monotonic clock; nil asks the database each time

	// InvitesFor gives the partner in whose name an officer may invite now, or none.
	// Nil: there are no officers.
	InvitesFor func(ctx context.Context, tx store.Tx, who id.Thumbprint) (partner id.ID, err error)
	// Brings says whether a partner's programs may invite now; nil: none may.
	Brings func(ctx context.Context, tx store.Tx, partner id.ID) (bool, error)
	// Brought is called in the transaction in which somebody enrols with the invitation
	// of a partner; it may be nil.
	Brought func(ctx context.Context, tx store.Tx, who id.Thumbprint, partner id.ID, code string) error

	// Worked is told that good work was brought; it may be nil.
	Worked func()

	known known
}

// Request is a key that wants to enrol, with what admits it: a solved challenge,
// or an invitation, or, for a steward, nothing but the roster.
type Request struct {
	Statement           string // act key
	Challenge, Solution string
	Invitation          string
}

// Enrol makes an account. The same statement again is answered with the same
// receipt, on any day and without anything that admits; another statement of an
// enrolled key is ErrConflict. Otherwise errors wrap statement.ErrRefused or
// ErrRefused.
func (a *Accounts) Enrol(ctx context.Context, req Request, commit ledger.Commit) (ledger.Accepted, error) {
	s, err := statement.Parse(req.Statement)
	if err != nil {
		return ledger.Accepted{}, err
	}
	if out, err := a.again(ctx, s); !errors.Is(err, ErrNotFound) {
		return out, err
	}
	taken, err := a.take(s)
	if err != nil {
		return ledger.Accepted{}, err
	}
	err = a.DB.Update(ctx, func(ctx context.Context, tx store.Tx) error { return a.enrol(ctx, tx, taken, req, commit) })
	if errors.Is(err, errTwice) || errors.Is(err, store.ErrConflict) {
		return a.again(ctx, s)
	}
	return taken.Accepted(), err
}

// errTwice reports that the account appeared since it was looked for: somebody
// sent two requests at once, and the other one came first.
var errTwice = errors.New("this key has enrolled meanwhile")

// again answers for a key that has enrolled already; ErrNotFound if it has not.
func (a *Accounts) again(ctx context.Context, s *statement.Statement) (ledger.Accepted, error) {
	var day int64
	err := a.DB.View(ctx, func(ctx context.Context, tx store.Tx) error {
		known, err := Load(ctx, tx, s.Issuer)
		if err != nil {
			return err
		}
		if good, err := ofKey(ctx, tx, s.Issuer); err != nil || good.ID != s.Issuer {
			return errors.Join(ledger.ErrKeyUsed, err)
		}
		if known.KeySHA256 != s.Hash() {
			return fmt.Errorf("%w: this key has enrolled with another key statement: use that one", ErrConflict)
		}
		day, err = a.Ledger.Day(ctx, tx, s.Issuer, s.Seq)
		return err
	})
	if err != nil {
		return ledger.Accepted{}, err
	}
	receipt, err := a.Ledger.Receipt(s, day)
	return ledger.Accepted{Hash: s.Hash(), Seq: s.Seq, Receipt: receipt}, err
}

// take refuses what nothing that admits could make good.
func (a *Accounts) take(s *statement.Statement) (*ledger.Taken, error) {
	taken, key, err := ledger.Take[*statement.Key](a.Ledger, s.Issuer, s.Compact())
	if err != nil {
		return nil, err
	}
	if _, pq, err := envelope.ParseRecipient(key.Recipient); err != nil || !pq {
		return nil, fmt.Errorf("%w: its recipient is not a post-quantum age recipient (age1pq1…)", statement.ErrRefused)
	}
	return taken, nil
}

// enrol admits the key and makes its account.
func (a *Accounts) enrol(ctx context.Context, tx store.Tx, s *ledger.Taken, req Request, commit ledger.Commit) error {
	if _, err := Load(ctx, tx, s.Issuer); err == nil {
		return errTwice
	} else if !errors.Is(err, ErrNotFound) {
		return err
	}
	role := s.Body.(*statement.Key).Role
	by, err := a.admit(ctx, tx, s.Issuer, role, req)
	if err != nil {
		return err
	}
	if err := a.open(ctx, tx, s); err != nil {
		return err
	}
	if inviter, err := id.Parse(by); err == nil && a.Brought != nil {
		if err := a.Brought(ctx, tx, s.Issuer, inviter, req.Invitation); err != nil {
			return err
		}
	}
	return commit.Do(ctx, tx, s)
}

// open writes the account and the first statement of its chain.
func (a *Accounts) open(ctx context.Context, tx store.Tx, s *ledger.Taken) error {
	hash := s.Hash()
	err := accountdb.New(tx).Open(ctx, accountdb.OpenParams{
		ID: string(s.Issuer), Role: string(s.Body.(*statement.Key).Role), KeySha256: hash[:], EnrolledDay: statement.DayOf(a.Now()),
	})
	if err != nil {
		return fmt.Errorf("open account: %w", err)
	}
	return a.Ledger.Append(ctx, tx, nil, s.Statement)
}

// Vouched checks a key statement of somebody whom another act is going to admit.
func (a *Accounts) Vouched(compact string) (*ledger.Taken, error) {
	s, err := statement.Parse(compact)
	if err != nil {
		return nil, err
	}
	return a.take(s)
}

// Admit makes an account of a vouched key within the transaction of whoever answers
// for it. A key that has enrolled is ErrConflict.
func (a *Accounts) Admit(ctx context.Context, tx store.Tx, s *ledger.Taken) error {
	if _, err := Load(ctx, tx, s.Issuer); err == nil {
		return fmt.Errorf("%w: this key has enrolled already", ErrConflict)
	} else if !errors.Is(err, ErrNotFound) {
		return err
	}
	return a.open(ctx, tx, s)
}
