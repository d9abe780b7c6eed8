package webhook

import (
	"context"
	"fmt"

	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/webhook/webhookdb"
)

// Why this package knows of acknowledgements. They are made in package tray, which takes
// nothing more from a partner that is late and shows her that it is. Here each
// withdrawal keeps a mark until that is heard, so that its partner is told again.

// Owed is a withdrawal that a partner has not acknowledged.
type Owed struct {
	Event   id.ID
	Item    id.ID
	Day     int64 // of the withdrawal
	Overdue bool
}

// Cursor is a place in a list that is sorted by day. The zero cursor is its beginning.
type Cursor struct {
	Day   int64
	Event id.ID
}

// Owing lists what a partner has to acknowledge, oldest first, behind a cursor.
func (q *Queue) Owing(ctx context.Context, tx store.Tx, partner id.ID, after Cursor, limit int64) ([]Owed, error) {
	return q.owing(ctx, tx, webhookdb.OwedParams{Partner: string(partner), UntilDay: q.today(), Day: after.Day, Event: string(after.Event), Page: limit})
}

// mostOverdue bounds what Overdue lists: more than one would look at.
const mostOverdue = 1000

// Overdue lists what a partner should have acknowledged by now, oldest first.
func (q *Queue) Overdue(ctx context.Context, tx store.Tx, partner id.ID) ([]Owed, error) {
	return q.owing(ctx, tx, webhookdb.OwedParams{Partner: string(partner), UntilDay: q.overdueFrom(), Page: mostOverdue})
}

func (q *Queue) owing(ctx context.Context, tx store.Tx, p webhookdb.OwedParams) ([]Owed, error) {
	rows, err := webhookdb.New(tx).Owed(ctx, p)
	if err != nil {
		return nil, fmt.Errorf("list withdrawals: %w", err)
	}
	out := make([]Owed, 0, len(rows))
	for _, r := range rows {
		out = append(out, Owed{id.ID(r.ID), id.ID(r.Subject), r.Day, r.Day <= q.overdueFrom()})
	}
	return out, nil
}

// Late is a partner that has not acknowledged withdrawals in time. Whose they are, and
// of what, is nobody's to know who only has to see that it is late.
type Late struct {
	Partner id.ID
	Count   int64 // withdrawals
	Since   int64 // day of the oldest
}

// LatePartners lists the partners that should have acknowledged something by now,
// behind a partner.
func (q *Queue) LatePartners(ctx context.Context, tx store.Tx, after id.ID, limit int64) ([]Late, error) {
	rows, err := webhookdb.New(tx).OverduePartners(ctx, webhookdb.OverduePartnersParams{UntilDay: q.overdueFrom(), After: string(after), Page: limit})
	if err != nil {
		return nil, fmt.Errorf("list late partners: %w", err)
	}
	out := make([]Late, 0, len(rows))
	for _, r := range rows {
		out = append(out, Late{id.ID(r.Partner), r.Withdrawals, r.Since})
	}
	return out, nil
}

// overdueFrom is the last day whose withdrawals are overdue: the time counts from the
// end of a day, as in package tray.
func (q *Queue) overdueFrom() int64 {
	return statement.DayOf(q.Now().Add(-q.AckWithin)) - statement.Day
}

// Acknowledge notes that a partner has heeded the withdrawal of an item's consent.
func (q *Queue) Acknowledge(ctx context.Context, tx store.Tx, partner, item id.ID) error {
	err := webhookdb.New(store.Later(tx)).Acknowledge(ctx, webhookdb.AcknowledgeParams{Subject: string(item), Partner: string(partner)})
	if err != nil {
		return fmt.Errorf("acknowledge withdrawal: %w", err)
	}
	return nil
}

// remindPage is how many withdrawals one transaction reminds of.
const remindPage = 100

// Remind tells partners what they have not acknowledged in time, again after the same
// time for as long as they do not.
func (q *Queue) Remind(ctx context.Context) error {
	for {
		n, err := q.remind(ctx)
		if err != nil {
			return fmt.Errorf("remind of withdrawals: %w", err)
		}
		if n < remindPage {
			return nil
		}
	}
}

func (q *Queue) remind(ctx context.Context) (found int, err error) {
	before, today := q.overdueFrom(), q.today()
	var rows []webhookdb.ToRemindRow
	look := func(ctx context.Context, tx store.Tx) (err error) {
		rows, err = webhookdb.New(tx).ToRemind(ctx, webhookdb.ToRemindParams{Before: before, Page: remindPage})
		return err
	}
	if err := q.DB.View(ctx, look); err != nil || len(rows) == 0 { // most often
		return 0, err
	}
	err = q.DB.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		for _, r := range rows {
			n, err := webhookdb.New(tx).Reminded(ctx, webhookdb.RemindedParams{ID: r.ID, Day: today, Before: before})
			if err == nil && n == 1 {
				err = q.Put(ctx, tx, id.ID(r.Partner), Event{Overdue, id.ID(r.Subject)})
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	return len(rows), err
}

// Prune forgets at most limit events that are older than is kept, with their
// deliveries in whatever state, and reports how many. What is owed stays.
func (q *Queue) Prune(ctx context.Context, limit int64) (forgotten int64, err error) {
	before := statement.DayOf(q.Now().Add(-q.Keep))
	err = q.DB.Insist(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		forgotten, err = webhookdb.New(tx).Prune(ctx, webhookdb.PruneParams{Before: before, Most: limit})
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("forget events: %w", err)
	}
	return forgotten, nil
}
