// Package pause stops all reading of a testimony, or of everything somebody owns,
// until she lifts it; and lets a person she trusts do that with a code.
//
// Promises: when Pause returns nil, no node sends one more byte of what is paused
// to any reader, and none opens anything of it; a pause by code is durable when
// Knock returns nil and does the same within a second. A code can do nothing else,
// and nobody learns from using one whether it is good. Only her words lift a
// pause, however it came about.
//
// Assumes: whatever lets a header leave asks package release, which is told of
// pauses by their rows. Does not: stop what she does herself. She reads, revokes,
// narrows and erases as before; granting works, too, and what is granted is paused.
//
// Source: docs/protocol.md sections 5, 9 and 11.
package pause

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/custody"
	"github.com/relatingfield/vault/internal/grant"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/journal"
	"github.com/relatingfield/vault/internal/ledger"
	"github.com/relatingfield/vault/internal/notice"
	"github.com/relatingfield/vault/internal/pause/pausedb"
	"github.com/relatingfield/vault/internal/shred"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
)

// ErrNotFound reports a testimony that is not the caller's.
var ErrNotFound = custody.ErrNotFound

// Pauses are those of one vault. Make them with New.
type Pauses struct {
	Deps
	door door
	wake chan struct{}
}

// Deps is what Pauses are made of.
type Deps struct {
	DB      *store.DB
	Ledger  *ledger.Ledger
	Keys    shred.Keys
	Grants  *grant.Grants // whose streams end
	Journal *journal.Journal
	Now     func() time.Time // the vault's clock
	Tick    func() time.Time // this node's monotonic clock
	Log     *slog.Logger
}

// New makes the pauses; Run heeds the codes that come in.
func New(d Deps) *Pauses {
	return &Pauses{Deps: d, door: newDoor(), wake: make(chan struct{}, 1)}
}

func (p *Pauses) today() int64 { return statement.DayOf(p.Now()) }

// Pause stops the reading of the testimony that the statement names, or of
// everything. It returns when every stream has been cut. What is paused already
// stays so.
func (p *Pauses) Pause(ctx context.Context, caller account.Caller, compact string, commit ledger.Commit) (ledger.Accepted, error) {
	s, body, err := ledger.Take[*statement.Pause](p.Ledger, caller.Signer(), compact)
	if err != nil {
		return ledger.Accepted{}, err
	}
	err = p.DB.Insist(ctx, func(ctx context.Context, tx store.Tx) error {
		if err := p.accept(ctx, tx, caller, s, body.Testimony, custody.Paused, notice.Paused); err != nil {
			return err
		}
		if err := put(ctx, tx, caller.ID, body.Testimony, false); err != nil {
			return err
		}
		if err := p.Journal.Write(ctx, tx, journal.Entry{Kind: journal.Paused, Account: caller.ID, ID: body.Testimony}); err != nil {
			return err
		}
		return commit.Do(ctx, tx, s)
	})
	if err != nil {
		return ledger.Accepted{}, err
	}
	return s.Accepted(), p.Settle(ctx, caller)
}

// Settle does what follows the commit of a pause: it returns when every stream of
// what the caller has paused is over. It may be repeated.
func (p *Pauses) Settle(ctx context.Context, caller account.Caller) error {
	return p.Grants.SettlePaused(ctx, caller.ID)
}

// Lift ends the pause of the testimony that the statement names, or that of
// everything. Where there is none it changes nothing: a code may be used while she
// signs, and she need not know.
func (p *Pauses) Lift(ctx context.Context, caller account.Caller, compact string, commit ledger.Commit) (ledger.Accepted, error) {
	s, body, err := ledger.Take[*statement.Lift](p.Ledger, caller.Signer(), compact)
	if err != nil {
		return ledger.Accepted{}, err
	}
	err = p.DB.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		if err := p.accept(ctx, tx, caller, s, body.Testimony, custody.Lifted, notice.Lifted); err != nil {
			return err
		}
		err := pausedb.New(tx).Lift(ctx, pausedb.LiftParams{Account: string(caller.ID), Testimony: string(body.Testimony)})
		if err != nil {
			return fmt.Errorf("lift: %w", err)
		}
		return commit.Do(ctx, tx, s)
	})
	return s.Accepted(), err
}

// accept appends the statement and tells her: in the testimony's feed when it
// names one, else in the notices of her account. An event in each of a thousand
// feeds would hold up the very act that has to be quick.
func (p *Pauses) accept(ctx context.Context, tx store.Tx, caller account.Caller, s *ledger.Taken, testimony id.ID, event custody.Kind, note notice.Kind) error {
	if testimony == "" {
		if err := p.Ledger.Append(ctx, tx, nil, s.Statement); err != nil {
			return err
		}
		return notice.Post(ctx, tx, caller.ID, note, p.today())
	}
	key, err := p.own(ctx, tx, caller.ID, testimony)
	if err != nil {
		return err
	}
	if err := p.Ledger.Append(ctx, tx, key, s.Statement); err != nil {
		return err
	}
	return custody.Record(ctx, tx, testimony, key, custody.Event{Kind: event, At: p.today(), Actor: caller.ID})
}

// own proves that the account owns the testimony and gives its key.
func (p *Pauses) own(ctx context.Context, tx store.Tx, owner id.Thumbprint, testimony id.ID) (*shred.Key, error) {
	_, err := pausedb.New(tx).Owned(ctx, pausedb.OwnedParams{ID: string(testimony), Owner: string(owner)})
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("find testimony: %w", err)
	}
	key, err := p.Keys.Load(ctx, tx, testimony)
	if errors.Is(err, shred.ErrShredded) {
		return nil, ErrNotFound
	}
	return key, err
}

// put writes the row that is the pause. A pause that stands stays as it came
// about.
func put(ctx context.Context, tx store.Tx, owner id.Thumbprint, testimony id.ID, byCode bool) error {
	row := pausedb.PauseParams{Account: string(owner), Testimony: string(testimony)}
	if byCode {
		row.ByCode = 1
	}
	if err := pausedb.New(tx).Pause(ctx, row); err != nil {
		return fmt.Errorf("pause: %w", err)
	}
	return nil
}
