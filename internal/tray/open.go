package tray

import (
	"context"
	"fmt"
	"io"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/delivery"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/journal"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/tray/traydb"
)

// Opened is a new tray. Code is told once.
type Opened struct {
	Tray  id.ID
	Code  string
	Until int64 // Unix seconds of the first day on which nothing more is taken
}

// Tray is a tray in her list.
type Tray struct {
	ID        id.ID
	Partner   id.ID
	OpenedDay int64
	Until     int64
	Closed    bool
	Items     int64 // that wait
}

// Open opens a tray for a partner. A partner that is not there, or may not act, is
// ErrNotFound: an account cannot ask who is one.
func (t *Trays) Open(ctx context.Context, caller account.Caller, partner id.ID, commit account.Commit[Opened]) (Opened, error) {
	if caller.Role != statement.Participant {
		return Opened{}, ErrNotFound // only participants have trays of their own making
	}
	code, err := id.New(t.Rand)
	if err != nil {
		return Opened{}, err
	}
	var out Opened
	err = t.DB.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		if err := t.live(ctx, tx, partner); err != nil {
			return err
		}
		var err error
		if out, err = t.OpenFor(ctx, tx, caller.ID, partner, string(code), t.after(t.Limits.Term)); err != nil {
			return err
		}
		return commit.Do(ctx, tx, out)
	})
	return out, err
}

// OpenInvited opens the tray of somebody who enrols with a partner's invitation:
// whoever has the invitation's code can make the tray's (delivery.TrayCode).
func (t *Trays) OpenInvited(ctx context.Context, tx store.Tx, owner id.Thumbprint, partner id.ID, invitation string) error {
	_, err := t.OpenFor(ctx, tx, owner, partner, delivery.TrayCode(invitation), t.after(t.Limits.Term))
	return err
}

// OpenFor opens a tray for an account within tx, until a day.
func (t *Trays) OpenFor(ctx context.Context, tx store.Tx, owner id.Thumbprint, partner id.ID, code string, until int64) (Opened, error) {
	open, err := q(tx).CountOpen(ctx, string(owner))
	if err != nil {
		return Opened{}, fmt.Errorf("count trays: %w", err)
	}
	if open >= t.Limits.Trays {
		return Opened{}, &account.Quota{Of: "open trays", Limit: t.Limits.Trays}
	}
	name, err := id.New(t.Rand)
	if err != nil {
		return Opened{}, err
	}
	key, err := t.Keys.Create(ctx, tx, name)
	if err != nil {
		return Opened{}, err
	}
	sealed, err := key.Seal(partnerLabel, []byte(partner))
	if err != nil {
		return Opened{}, err
	}
	err = q(tx).Open(ctx, traydb.OpenParams{ID: string(name), Account: string(owner), CodeSha256: codeHash(partner, code),
		OpenedDay: t.today(), UntilDay: until, Partner: sealed})
	if err != nil {
		return Opened{}, fmt.Errorf("open tray: %w", err)
	}
	return Opened{Tray: name, Code: code, Until: until}, nil
}

// Close ends a tray: nothing more is taken from then on, and what waits in it still
// waits for her. Its code is worthless, also after a restore.
func (t *Trays) Close(ctx context.Context, caller account.Caller, name id.ID) error {
	return t.DB.Insist(ctx, func(ctx context.Context, tx store.Tx) error {
		n, err := t.close(ctx, tx, caller.ID, name)
		if err != nil {
			return err
		}
		if n == 0 {
			return t.closedBefore(ctx, tx, caller.ID, name)
		}
		return nil
	})
}

func (t *Trays) close(ctx context.Context, tx store.Tx, owner id.Thumbprint, name id.ID) (int64, error) {
	nothing := make([]byte, 32) // found by no code
	if _, err := io.ReadFull(t.Rand, nothing); err != nil {
		return 0, fmt.Errorf("close tray: %w", err)
	}
	n, err := q(tx).Close(ctx, traydb.CloseParams{Nothing: nothing, ID: string(name), Account: string(owner)})
	if err != nil {
		return 0, fmt.Errorf("close tray: %w", err)
	}
	if n == 0 {
		return 0, nil
	}
	return n, t.Journal.Write(ctx, tx, journal.Entry{Kind: journal.TrayClosed, ID: name})
}

// closedBefore lets closing twice be closing once.
func (t *Trays) closedBefore(ctx context.Context, tx store.Tx, owner id.Thumbprint, name id.ID) error {
	row, err := q(tx).Whose(ctx, string(name))
	if err := found("find tray", err); err != nil {
		return err
	}
	if row.Account != string(owner) {
		return ErrNotFound
	}
	return nil
}

// CloseAgain closes a tray that the journal says was closed.
func (t *Trays) CloseAgain(ctx context.Context, tx store.Tx, _ int64, e journal.Entry) error {
	nothing := make([]byte, 32)
	if _, err := io.ReadFull(t.Rand, nothing); err != nil {
		return fmt.Errorf("close tray again: %w", err)
	}
	if err := q(tx).CloseAgain(ctx, traydb.CloseAgainParams{Nothing: nothing, ID: string(e.ID)}); err != nil {
		return fmt.Errorf("close tray again: %w", err)
	}
	return nil
}

// Leave ends every tray of an account whose key changes, and what waits there: it
// is sealed to the recipient that the account is giving up.
func (t *Trays) Leave(ctx context.Context, tx store.Tx, owner id.Thumbprint) error {
	items, err := q(tx).ItemsOf(ctx, string(owner))
	if err != nil {
		return fmt.Errorf("list items: %w", err)
	}
	for _, item := range items {
		if err := t.end(ctx, tx, id.ID(item), Expired); err != nil {
			return err
		}
	}
	open, err := q(tx).OpenOf(ctx, string(owner))
	if err != nil {
		return fmt.Errorf("list trays: %w", err)
	}
	for _, name := range open {
		if _, err := t.close(ctx, tx, owner, id.ID(name)); err != nil {
			return err
		}
	}
	return nil
}

// List gives at most limit of the caller's trays behind one.
func (t *Trays) List(ctx context.Context, caller account.Caller, after id.ID, limit int64) (out []Tray, err error) {
	err = t.DB.View(ctx, func(ctx context.Context, tx store.Tx) error {
		out = nil
		rows, err := q(tx).Of(ctx, traydb.OfParams{Account: string(caller.ID), After: string(after), Page: limit})
		if err != nil {
			return fmt.Errorf("list trays: %w", err)
		}
		for _, r := range rows {
			key, err := t.Keys.Of(r.ShredKey)
			if err != nil {
				return err
			}
			partner, err := key.Open(partnerLabel, r.Partner)
			if err != nil {
				return err
			}
			out = append(out, Tray{ID: id.ID(r.ID), Partner: id.ID(partner), OpenedDay: r.OpenedDay, Until: r.UntilDay,
				Closed: r.Closed == 1 || r.UntilDay <= t.today(), Items: r.Items})
		}
		return nil
	})
	return out, err
}
