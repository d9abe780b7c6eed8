package tray

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/tray/traydb"
)

// State is what became of an item. It is all that its partner is told.
type State string

// The states.
const (
	Waiting   State = "waiting"
	Taken     State = "taken"
	Refused   State = "refused"
	Expired   State = "expired"   // nobody took it in time
	Withdrawn State = "withdrawn" // she took it, and took her consent back
)

// Delivery is an item as its partner sees it.
type Delivery struct {
	Item         id.ID
	Change       int64 // its place in the partner's list
	State        State
	BroughtDay   int64
	ChangedDay   int64 // of State
	Acknowledged int64 // day on which the withdrawal was acknowledged; 0: not
}

// hers tells the states that follow from an act of hers alone. The partner sees
// them from the next day on: whoever asks every minute must not learn the minute at
// which she sat before her device. A withdrawal is told at once all the same, since
// what it ends must end.
func (s State) hers() bool { return s == Taken || s == Refused }

// become moves an item on, and shows it to the partner when it may know.
func (t *Trays) become(ctx context.Context, tx store.Tx, item id.ID, was, now State) error {
	n, err := q(tx).Become(ctx, traydb.BecomeParams{State: string(now), Day: t.today(), Item: string(item), Was: string(was)})
	if err != nil {
		return fmt.Errorf("move a delivery on: %w", err)
	}
	if n == 0 || now.hers() {
		return nil
	}
	return t.show(ctx, tx, item)
}

// show lets the partner see how an item stands, gives back its room when it waits no
// more, and tells the partner's queue.
func (t *Trays) show(ctx context.Context, tx store.Tx, item id.ID) error {
	row, err := q(tx).Delivery(ctx, string(item))
	if err := found("find delivery", err); err != nil {
		return err
	}
	if row.Shown == row.State {
		return nil
	}
	freed := int64(0)
	if row.Shown == string(Waiting) {
		freed = -row.Length
	}
	change, err := t.charge(ctx, tx, id.ID(row.Partner), freed)
	if err != nil {
		return err
	}
	if err := q(tx).Show(ctx, traydb.ShowParams{Shown: row.State, Change: change, Item: string(item)}); err != nil {
		return fmt.Errorf("show a delivery: %w", err)
	}
	return t.Partners.Tell(ctx, tx, id.ID(row.Partner), eventOf(State(row.State)), id.ID(row.Named))
}

func eventOf(s State) string {
	switch s {
	case Taken:
		return ItemTaken
	case Refused:
		return ItemRefused
	case Expired:
		return ItemExpired
	}
	return ConsentWithdrawn
}

// page is how many items one transaction of a sweep moves.
const page = 128

// Sweep ends what nobody took in time, lets partners see what women did before
// today, and drops trays that are over and empty. It may be missed and repeated.
func (t *Trays) Sweep(ctx context.Context) error {
	ended, err := t.sweep(ctx, t.expire)
	if err != nil {
		return fmt.Errorf("end items: %w", err)
	}
	for _, s := range []State{Taken, Refused} {
		if _, err := t.sweep(ctx, func(ctx context.Context, tx store.Tx) (int, error) { return t.reveal(ctx, tx, s) }); err != nil {
			return fmt.Errorf("show deliveries: %w", err)
		}
	}
	left, err := t.sweep(ctx, t.stale)
	if err != nil {
		return fmt.Errorf("give up arrivals: %w", err)
	}
	if _, err := t.sweep(ctx, t.dropEmptied); err != nil {
		return fmt.Errorf("drop trays: %w", err)
	}
	if ended+left == 0 {
		return nil
	}
	t.Payloads.Reap(ctx)
	return t.Vault.Scrub(ctx)
}

// sweep repeats a step until it finds less than a page.
func (t *Trays) sweep(ctx context.Context, step func(context.Context, store.Tx) (int, error)) (all int, err error) {
	for {
		var n int
		err := t.DB.Insist(ctx, func(ctx context.Context, tx store.Tx) (err error) {
			n, err = step(ctx, tx)
			return err
		})
		all += n
		if err != nil || n < page {
			return all, err
		}
	}
}

func (t *Trays) expire(ctx context.Context, tx store.Tx) (int, error) {
	rows, err := q(tx).Ended(ctx, traydb.EndedParams{Today: t.today(), Page: page})
	if err != nil {
		return 0, err
	}
	for _, item := range rows {
		if err := t.end(ctx, tx, id.ID(item), Expired); err != nil {
			return 0, err
		}
	}
	return len(rows), nil
}

func (t *Trays) reveal(ctx context.Context, tx store.Tx, s State) (int, error) {
	rows, err := q(tx).Unshown(ctx, traydb.UnshownParams{State: string(s), Shown: string(Waiting), Before: t.today(), Page: page})
	if err != nil {
		return 0, err
	}
	for _, r := range rows {
		if err := t.show(ctx, tx, id.ID(r)); err != nil {
			return 0, err
		}
	}
	return len(rows), nil
}

func (t *Trays) dropEmptied(ctx context.Context, tx store.Tx) (int, error) {
	rows, err := q(tx).Emptied(ctx, traydb.EmptiedParams{Today: t.today(), Page: page})
	if err != nil {
		return 0, err
	}
	for _, name := range rows {
		if err := q(tx).Drop(ctx, name); err != nil {
			return 0, err
		}
		if err := t.Keys.Destroy(ctx, tx, id.ID(name)); err != nil {
			return 0, err
		}
	}
	return len(rows), nil
}

// Deliveries gives at most limit of what a partner brought and what became of it,
// behind one change, in the order in which that changed last: whoever goes on from
// the last place it saw misses nothing and sees nothing twice.
func (t *Trays) Deliveries(ctx context.Context, by Bringer, after, limit int64) (out []Delivery, err error) {
	err = t.DB.View(ctx, func(ctx context.Context, tx store.Tx) error {
		out = nil
		rows, err := q(tx).Deliveries(ctx, traydb.DeliveriesParams{Partner: string(by.Partner), After: after, Page: limit})
		if err != nil {
			return fmt.Errorf("list deliveries: %w", err)
		}
		for _, r := range rows {
			d := Delivery{Item: id.ID(r.Named), Change: r.Change, State: State(r.Shown), BroughtDay: r.BroughtDay, ChangedDay: r.ChangedDay, Acknowledged: r.AcknowledgedDay}
			if d.State == Waiting {
				d.ChangedDay = d.BroughtDay
			}
			out = append(out, d)
		}
		return nil
	})
	return out, err
}

// Delivery gives one of them.
func (t *Trays) Delivery(ctx context.Context, by Bringer, item id.ID) (d Delivery, err error) {
	err = t.DB.View(ctx, func(ctx context.Context, tx store.Tx) error {
		row, err := q(tx).Named(ctx, traydb.NamedParams{Partner: string(by.Partner), Named: string(item)})
		if err := found("find delivery", err); err != nil {
			return err
		}
		d = Delivery{Item: item, State: State(row.Shown), BroughtDay: row.BroughtDay, ChangedDay: row.ChangedDay, Acknowledged: row.AcknowledgedDay}
		if d.State == Waiting {
			d.ChangedDay = d.BroughtDay
		}
		return nil
	})
	return d, err
}

// Acknowledge takes the partner's word that it has heard of a withdrawal. Saying it
// twice is saying it once; there is nothing to acknowledge in any other state.
func (t *Trays) Acknowledge(ctx context.Context, by Bringer, item id.ID, commit func(context.Context, store.Tx, Delivery) error) (d Delivery, err error) {
	err = t.DB.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		row, err := q(tx).Named(ctx, traydb.NamedParams{Partner: string(by.Partner), Named: string(item)})
		if err := found("find delivery", err); err != nil {
			return err
		}
		if row.State != string(Withdrawn) {
			return ErrNotWithdrawn
		}
		_, err = q(tx).Acknowledge(ctx, traydb.AcknowledgeParams{Day: t.today(), Item: row.Item, Partner: string(by.Partner)})
		if err != nil {
			return fmt.Errorf("acknowledge: %w", err)
		}
		if t.Partners.Heard != nil {
			if err := t.Partners.Heard(ctx, tx, by.Partner, item); err != nil {
				return err
			}
		}
		d = Delivery{Item: item, State: Withdrawn, BroughtDay: row.BroughtDay, ChangedDay: row.ChangedDay, Acknowledged: row.AcknowledgedDay}
		if d.Acknowledged == 0 {
			d.Acknowledged = t.today()
		}
		if commit == nil {
			return nil
		}
		return commit(ctx, tx, d)
	})
	return d, err
}

// ErrNotWithdrawn refuses to acknowledge what stands.
var ErrNotWithdrawn = errors.New("consent to this item has not been withdrawn; there is nothing to acknowledge")

// lateBefore is the day before which a withdrawal is late that nobody acknowledged.
func (t *Trays) lateBefore() int64 {
	return t.today() - int64(t.Limits.Acknowledge/time.Second)/statement.Day*statement.Day
}
