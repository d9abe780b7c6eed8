package openrosa

import (
	"context"
	"errors"
	"fmt"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/journal"
	"github.com/relatingfield/vault/internal/openrosa/openrosadb"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/tray"
)

// Issued is a collector's new token, which is told once.
type Issued struct {
	Collector id.ID
	Token     string
	Until     int64 // Unix seconds of the first day on which it is good no more
}

// Collector is somebody who may send forms, in a partner's list.
type Collector struct {
	ID      id.ID
	Tray    id.ID
	MadeDay int64
	Until   int64
	Over    bool // revoked or ended
}

// AddCollector lets one more phone send forms to the collection whose tray has this
// code, until a day; 0 is as long as may be.
func (i *Intake) AddCollector(ctx context.Context, by tray.Bringer, code string, until int64, commit account.Commit[Issued]) (Issued, error) {
	out, err := i.issue(until)
	if err != nil {
		return Issued{}, err
	}
	if out.Collector, err = i.id(); err != nil {
		return Issued{}, err
	}
	err = i.DB.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		at, err := i.place(ctx, tx, by.Partner, code)
		if err != nil {
			return err
		}
		n, err := q(tx).CountCollectors(ctx, openrosadb.CountCollectorsParams{Partner: string(by.Partner), Today: i.today()})
		if err != nil {
			return fmt.Errorf("count collectors: %w", err)
		}
		if n >= i.Limits.Collectors {
			return &account.Quota{Of: "collectors", Limit: i.Limits.Collectors}
		}
		err = q(tx).AddCollector(ctx, openrosadb.AddCollectorParams{ID: string(out.Collector), Partner: string(by.Partner), Tray: string(at),
			TokenSha256: tokenHash(out.Token), FormerSha256: tokenHash(""), MadeDay: i.today(), UntilDay: out.Until})
		if err != nil {
			return fmt.Errorf("add collector: %w", err)
		}
		return commit.Do(ctx, tx, out)
	})
	return out, err
}

// issue draws a token. An end in the past, or too far away, is refused.
func (i *Intake) issue(until int64) (Issued, error) {
	last := i.after(i.Limits.Term)
	if until == 0 {
		until = last
	}
	if until <= i.today() || until > last || until%statement.Day != 0 {
		return Issued{}, fmt.Errorf("%w: the end of a collector is a whole day, and at most %s away", ErrTerm, i.Limits.Term)
	}
	token, err := i.id()
	return Issued{Token: string(token), Until: until}, err
}

// ErrTerm says that an end is none that can be had.
var ErrTerm = errors.New("the term is not possible; nothing was changed")

// tokenHash is how a token is stored. It has 128 random bits, so nobody finds it by
// trying; the hash of no token is found by no token.
func tokenHash(token string) []byte { return named("token", token) }

// Rotate gives a collector a new token, and a new end. The one before is good for a
// few days more, until somebody has scanned the new picture.
func (i *Intake) Rotate(ctx context.Context, by tray.Bringer, collector id.ID, until int64, commit account.Commit[Issued]) (Issued, error) {
	out, err := i.issue(until)
	if err != nil {
		return Issued{}, err
	}
	out.Collector = collector
	return out, i.DB.Insist(ctx, func(ctx context.Context, tx store.Tx) error {
		row, err := q(tx).Collector(ctx, openrosadb.CollectorParams{ID: string(collector), Partner: string(by.Partner)})
		if err := found("find collector", err, ErrNotFound); err != nil {
			return err
		}
		if row.Revoked != 0 || row.UntilDay <= i.today() {
			return ErrNotFound
		}
		former := min(i.after(i.Limits.Overlap), row.UntilDay)
		err = q(tx).Rotate(ctx, openrosadb.RotateParams{ID: string(collector), TokenSha256: tokenHash(out.Token), FormerSha256: row.TokenSha256,
			FormerDay: former, UntilDay: out.Until})
		if err != nil {
			return fmt.Errorf("rotate token: %w", err)
		}
		// A restored backup knows the old token and not the new one: then neither counts.
		if err := i.Journal.Write(ctx, tx, journal.Entry{Kind: journal.CollectorEnded, ID: collector}); err != nil {
			return err
		}
		return commit.Do(ctx, tx, out)
	})
}

// Revoke ends a collector's tokens at once. Doing it twice is doing it once.
func (i *Intake) Revoke(ctx context.Context, by tray.Bringer, collector id.ID) error {
	return i.DB.Insist(ctx, func(ctx context.Context, tx store.Tx) error {
		n, err := q(tx).Revoke(ctx, openrosadb.RevokeParams{ID: string(collector), Partner: string(by.Partner)})
		if err != nil {
			return fmt.Errorf("revoke collector: %w", err)
		}
		if n == 0 {
			_, err := q(tx).Collector(ctx, openrosadb.CollectorParams{ID: string(collector), Partner: string(by.Partner)})
			return found("find collector", err, ErrNotFound)
		}
		return i.Journal.Write(ctx, tx, journal.Entry{Kind: journal.CollectorEnded, ID: collector})
	})
}

// Collectors lists at most limit of a partner's behind one.
func (i *Intake) Collectors(ctx context.Context, by tray.Bringer, after id.ID, limit int64) (out []Collector, err error) {
	err = i.DB.View(ctx, func(ctx context.Context, tx store.Tx) error {
		rows, err := q(tx).Collectors(ctx, openrosadb.CollectorsParams{Partner: string(by.Partner), After: string(after), Page: limit})
		if err != nil {
			return fmt.Errorf("list collectors: %w", err)
		}
		out = make([]Collector, len(rows))
		for n, r := range rows {
			out[n] = Collector{ID: id.ID(r.ID), Tray: id.ID(r.Tray), MadeDay: r.MadeDay, Until: r.UntilDay, Over: r.Revoked != 0 || r.UntilDay <= i.today()}
		}
		return nil
	})
	return out, err
}

// sender is who sends, by a token that is good now.
type sender struct{ collector, partner, tray id.ID }

// sender finds out who sends. All that can be wrong with a token is ErrToken.
func (i *Intake) sender(ctx context.Context, tx store.Tx, token string) (sender, error) {
	row, err := q(tx).ByToken(ctx, openrosadb.ByTokenParams{TokenSha256: tokenHash(token), Today: i.today()})
	if err := found("find collector", err, ErrToken); err != nil {
		return sender{}, err
	}
	s := sender{id.ID(row.ID), id.ID(row.Partner), id.ID(row.Tray)}
	if err := i.Trays.Partners.Live(ctx, tx, s.partner); err != nil {
		return sender{}, ErrToken
	}
	return s, nil
}

// who is sender in a transaction of its own.
func (i *Intake) who(ctx context.Context, token string) (s sender, err error) {
	err = i.DB.View(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		s, err = i.sender(ctx, tx, token)
		return err
	})
	return s, err
}

// Known says whether a token is good now: nil or ErrToken.
func (i *Intake) Known(ctx context.Context, token string) error {
	_, err := i.who(ctx, token)
	return err
}
