package webhook_test

import (
	"context"
	"slices"
	"testing"

	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/webhook"
)

func (w *world) owing(partner id.ID, overdue bool) (all []webhook.Owed) {
	w.t.Helper()
	w.must(w.db.View(w.t.Context(), func(ctx context.Context, tx store.Tx) (err error) {
		if overdue {
			all, err = w.q.Overdue(ctx, tx, partner)
			return err
		}
		all, err = w.q.Owing(ctx, tx, partner, webhook.Cursor{}, 100)
		return err
	}))
	return all
}

func (w *world) acknowledge(partner, item id.ID) {
	w.t.Helper()
	w.update(func(ctx context.Context, tx store.Tx) error { return w.q.Acknowledge(ctx, tx, partner, item) })
}

// A withdrawal is owed from the moment of its transaction, with or without an endpoint,
// until its partner acknowledges it; that a receiver took it is no acknowledgement.
func TestAWithdrawalIsOwedUntilItIsAcknowledged(t *testing.T) {
	each(t, func(w *world) {
		item := w.put(webhook.Withdrawn) // nobody listens
		r := w.receive(nil)
		w.endpoint(webhook.Wish{URL: r.URL})
		second := w.put(webhook.Withdrawn)
		w.put(webhook.Taken)
		w.deliver(w.q)
		all := w.owing(w.partner, false)
		if len(all) != 2 || len(r.requests()) != 2 || all[0].Overdue {
			w.t.Fatalf("%+v, %d requests", all, len(r.requests()))
		}
		w.acknowledge(w.id(), item) // another partner's word
		if all = w.owing(w.partner, false); len(all) != 2 {
			w.t.Fatalf("%+v", all)
		}
		for range 2 {
			w.acknowledge(w.partner, item)
		}
		if all = w.owing(w.partner, false); len(all) != 1 || all[0].Item != second {
			w.t.Errorf("%+v", all)
		}
		w.acknowledge(w.partner, second)
		if all = w.owing(w.partner, false); len(all) != 0 {
			w.t.Errorf("%+v", all)
		}
	})
}

// What is not acknowledged in time is overdue, is told again and again, and shows.
func TestAWithdrawalThatIsNotAcknowledgedEscalates(t *testing.T) {
	each(t, func(w *world) {
		r := w.receive(nil)
		e := w.endpoint(webhook.Wish{URL: r.URL, Types: []webhook.Type{webhook.Overdue}})
		item := w.put(webhook.Withdrawn)
		w.later(8*day - start.Sub(start.Truncate(day)) - 1)
		w.must(w.q.Remind(w.t.Context()))
		if len(w.deliveries(e.ID)) != 0 || len(w.owing(w.partner, true)) != 0 {
			w.t.Error("it is overdue before its time")
		}
		w.later(1)
		for range 3 { // two nodes may do it at once
			w.must(w.q.Remind(w.t.Context()))
		}
		if d := w.only(e.ID); d.Type != webhook.Overdue || d.About != item {
			w.t.Errorf("%+v", d)
		}
		if all := w.owing(w.partner, true); len(all) != 1 || all[0].Item != item || !all[0].Overdue {
			w.t.Errorf("%+v", all)
		}
		w.later(8 * day)
		w.must(w.q.Remind(w.t.Context()))
		if n := len(w.deliveries(e.ID)); n != 2 {
			w.t.Errorf("%d reminders", n)
		}
		w.acknowledge(w.partner, item)
		w.later(8 * day)
		w.must(w.q.Remind(w.t.Context()))
		if n := len(w.deliveries(e.ID)); n != 2 {
			w.t.Errorf("%d reminders after it was acknowledged", n)
		}
	})
}

// Stewards see who is late, how often and since when, from the second on that it is late,
// and nothing that says of whom.
func TestALatePartnerShowsByItsIdAlone(t *testing.T) {
	each(t, func(w *world) {
		item := w.put(webhook.Withdrawn)
		w.later(3 * day)
		second := w.put(webhook.Withdrawn)
		w.put(webhook.Expired)
		w.later(5*day - start.Sub(start.Truncate(day)) - 1)
		if late := w.late(""); len(late) != 0 {
			w.t.Errorf("before its time: %+v", late)
		}
		w.later(1)
		first := start.Truncate(day).Unix()
		want := webhook.Late{Partner: w.partner, Count: 1, Since: first}
		if late := w.late(""); len(late) != 1 || late[0] != want {
			w.t.Errorf("%+v", late)
		}
		w.later(3 * day)
		if late := w.late(""); len(late) != 1 || late[0].Count != 2 || late[0].Since != first {
			w.t.Errorf("%+v", late)
		}
		if late := w.late(w.partner); len(late) != 0 {
			w.t.Errorf("a page behind the last: %+v", late)
		}
		w.acknowledge(w.partner, item)
		if late := w.late(""); len(late) != 1 || late[0].Since == first {
			w.t.Errorf("%+v", late)
		}
		w.acknowledge(w.partner, second)
		if late := w.late(""); len(late) != 0 {
			w.t.Errorf("%+v", late)
		}
	})
}

func (w *world) late(after id.ID) (all []webhook.Late) {
	w.t.Helper()
	w.must(w.db.View(w.t.Context(), func(ctx context.Context, tx store.Tx) (err error) {
		all, err = w.q.LatePartners(ctx, tx, after, 10)
		return err
	}))
	return all
}

// Events go when they are old, whether they were taken or not; what is owed stays.
func TestOldEventsAreForgotten(t *testing.T) {
	each(t, func(w *world) {
		e := w.endpoint(webhook.Wish{URL: "http://127.0.0.1:1/"})
		for range 5 {
			w.put(webhook.Expired)
		}
		owed := w.put(webhook.Withdrawn)
		w.later(30 * day)
		if n, err := w.q.Prune(w.t.Context(), 10); n != 0 || err != nil {
			w.t.Errorf("%d events went early, %v", n, err)
		}
		w.later(day)
		for _, want := range []int64{3, 2, 0} {
			if n, err := w.q.Prune(w.t.Context(), 3); n != want || err != nil {
				w.t.Errorf("%d events went, not %d, %v", n, want, err)
			}
		}
		if d := w.only(e.ID); d.About != owed {
			w.t.Errorf("%+v", d)
		}
	})
}

// Lists come in pages, by day, without gap and without repetition.
func TestListsComeInPages(t *testing.T) {
	each(t, func(w *world) {
		e := w.endpoint(webhook.Wish{URL: "http://127.0.0.1:1/"})
		for range 3 {
			w.put(webhook.Withdrawn)
			w.put(webhook.Withdrawn)
			w.later(day)
		}
		var seen, owed []id.ID
		w.must(w.db.View(w.t.Context(), func(ctx context.Context, tx store.Tx) error {
			seen, owed = nil, nil
			for at := webhook.Newest(); len(seen) < 10; {
				all, err := w.q.Deliveries(ctx, tx, w.partner, e.ID, at, 4)
				if err != nil || len(all) == 0 {
					return err
				}
				for _, d := range all {
					seen, at = append(seen, d.Event), webhook.Cursor{Day: d.Day, Event: d.Event}
				}
			}
			return nil
		}))
		w.must(w.db.View(w.t.Context(), func(ctx context.Context, tx store.Tx) error {
			owed = nil
			for at := (webhook.Cursor{}); len(owed) < 10; {
				all, err := w.q.Owing(ctx, tx, w.partner, at, 4)
				if err != nil || len(all) == 0 {
					return err
				}
				for _, o := range all {
					owed, at = append(owed, o.Event), webhook.Cursor{Day: o.Day, Event: o.Event}
				}
			}
			return nil
		}))
		slices.Sort(seen)
		slices.Sort(owed)
		if len(seen) != 6 || len(slices.Compact(seen)) != 6 || !slices.Equal(seen, owed) {
			w.t.Errorf("%q and %q", seen, owed)
		}
	})
}
