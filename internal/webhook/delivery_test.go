package webhook_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/webhook"
)

// A request says a type, a day and an opaque id, and nothing else.
func TestARequestIsThin(t *testing.T) {
	each(t, func(w *world) {
		r := w.receive(nil)
		e := w.endpoint(webhook.Wish{URL: r.URL + "/hook?token=x"})
		about := w.put(webhook.Taken)
		w.deliver(w.q)
		all := r.requests()
		if len(all) != 1 {
			w.t.Fatalf("%d requests", len(all))
		}
		want := fmt.Sprintf(`{"type":"item.taken","timestamp":"2026-05-17T00:00:00Z","data":{"id":"%s"}}`, about)
		if string(all[0].body) != want || all[0].path != "/hook?token=x" {
			w.t.Errorf("%s: %s, want %s", all[0].path, all[0].body, want)
		}
		allowed := []string{"Content-Length", "Content-Type", "User-Agent", "Webhook-Id", "Webhook-Signature", "Webhook-Timestamp"}
		for name := range all[0].header {
			if !slices.Contains(allowed, name) {
				w.t.Errorf("header %s", name)
			}
		}
		got := w.only(e.ID)
		got.Event = ""
		if want := (webhook.Delivery{Type: webhook.Taken, About: about, Day: start.Truncate(day).Unix(), State: webhook.Delivered, Attempts: 1, Outcome: "answered", Status: 204}); got != want {
			w.t.Errorf("%+v, want %+v", got, want)
		}
	})
}

// An event is there exactly when what it tells has happened.
func TestAnEventSharesTheFateOfItsTransaction(t *testing.T) {
	each(t, func(w *world) {
		r := w.receive(nil)
		w.endpoint(webhook.Wish{URL: r.URL})
		broken := errors.New("the effect fails")
		err := w.db.Update(w.t.Context(), func(ctx context.Context, tx store.Tx) error {
			return errors.Join(w.q.Put(ctx, tx, w.partner, webhook.Event{Type: webhook.Expired, ID: w.id()}), broken)
		})
		if !errors.Is(err, broken) {
			w.t.Fatal(err)
		}
		w.deliver(w.q)
		if n := len(r.requests()); n != 0 {
			w.t.Errorf("%d requests tell what did not happen", n)
		}
	})
}

// An endpoint gets what it has chosen, its own partner's only, and anything else is no
// event.
func TestAnEndpointGetsWhatItHasChosen(t *testing.T) {
	each(t, func(w *world) {
		r := w.receive(nil)
		all := w.endpoint(webhook.Wish{URL: r.URL})
		some := w.endpoint(webhook.Wish{URL: r.URL, Types: []webhook.Type{webhook.Withdrawn, webhook.Halted}})
		mine := w.partner
		w.partner = w.id()
		other := w.endpoint(webhook.Wish{URL: r.URL})
		w.partner = mine
		for _, kind := range webhook.Types() {
			w.put(kind)
		}
		if n := len(w.deliveries(all.ID)); n != len(webhook.Types()) {
			w.t.Errorf("all: %d", n)
		}
		if n := len(w.deliveries(some.ID)); n != 2 {
			w.t.Errorf("two types: %d", n)
		}
		w.partner = w.id()
		err := w.db.View(w.t.Context(), func(ctx context.Context, tx store.Tx) error {
			_, err := w.q.Endpoint(ctx, tx, mine, other.ID)
			return err
		})
		if !errors.Is(err, webhook.ErrNotFound) {
			w.t.Errorf("another partner's endpoint: %v", err)
		}
		for _, e := range []webhook.Event{{Type: "item.looked-at", ID: w.id()}, {Type: webhook.Ping, ID: w.id()}, {Type: webhook.Taken, ID: `","x":"`}, {Type: webhook.Taken}} {
			if err := w.db.Update(w.t.Context(), func(ctx context.Context, tx store.Tx) error { return w.q.Put(ctx, tx, mine, e) }); err == nil {
				w.t.Errorf("%q was put", e)
			}
		}
	})
}

// What fails is tried ten times over about 75 hours, never sooner than a tenth before
// its time, and is dead then. It is kept to be sent again, as if for the first time.
func TestWhatFailsIsTriedForThreeDays(t *testing.T) {
	each(t, func(w *world) {
		status := http.StatusInternalServerError
		r := w.receive(func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(status) })
		e := w.endpoint(webhook.Wish{URL: r.URL})
		w.put(webhook.Expired)
		waits := []time.Duration{0, 5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour}
		for n, wait := range waits {
			if wait > 0 {
				w.later(wait * 89 / 100)
				if w.deliver(w.q); len(r.requests()) != n {
					w.t.Fatalf("attempt %d came early", n+1)
				}
				w.later(wait*22/100 + 2*time.Second)
			}
			if w.deliver(w.q); len(r.requests()) != n+1 {
				w.t.Fatalf("attempt %d did not come", n+1)
			}
		}
		if d := w.only(e.ID); d.State != webhook.Dead || d.Attempts != 10 || d.Status != 500 {
			w.t.Errorf("%+v", d)
		}
		if f := w.look(e.ID).FailingDay; f != start.Truncate(day).Unix() {
			w.t.Errorf("failing since %d", f)
		}
		w.later(3 * day)
		if w.deliver(w.q); len(r.requests()) != 10 {
			w.t.Error("what is dead was sent")
		}
		status = http.StatusOK
		dead := w.only(e.ID).Event
		w.update(func(ctx context.Context, tx store.Tx) error {
			return w.q.Replay(ctx, tx, w.partner, e.ID, dead)
		})
		w.deliver(w.q)
		if d := w.only(e.ID); d.State != webhook.Delivered || d.Attempts != 1 || w.look(e.ID).FailingDay != 0 {
			w.t.Errorf("after a replay: %+v", d)
		}
		if len(r.times()) != 1 {
			w.t.Error("one event came under several webhook-ids")
		}
	})
}

// A receiver that asks for time gets it, up to a day.
func TestAReceiverCanAskForTime(t *testing.T) {
	each(t, func(w *world) {
		for asked, first := range map[string]time.Duration{"600": 10 * time.Minute, "4000000000": day, "-5": 0, "soon": 0, "1e3": 0} {
			r := w.receive(func(rw http.ResponseWriter, _ *http.Request) {
				rw.Header().Set("Retry-After", asked)
				rw.WriteHeader(http.StatusTooManyRequests)
			})
			w.endpoint(webhook.Wish{URL: r.URL})
			w.put(webhook.Expired)
			w.deliver(w.q)
			w.later(max(first-time.Second, 0))
			if w.deliver(w.q); len(r.requests()) != 1 {
				w.t.Errorf("%q: it came early", asked)
			}
			w.later(10 * time.Second)
			if w.deliver(w.q); len(r.requests()) != 2 {
				w.t.Errorf("%q: %d requests", asked, len(r.requests()))
			}
			w.partner = w.id()
		}
	})
}

// A receiver that answers 410 is not asked again until the partner says so; what came
// meanwhile is not lost.
func TestAReceiverThatIsGoneIsLeftAlone(t *testing.T) {
	each(t, func(w *world) {
		status := http.StatusGone
		r := w.receive(func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(status) })
		e := w.endpoint(webhook.Wish{URL: r.URL})
		w.put(webhook.Expired)
		w.deliver(w.q)
		w.put(webhook.Halted)
		w.later(day)
		if w.deliver(w.q); len(r.requests()) != 1 || w.look(e.ID).State != webhook.Gone {
			w.t.Errorf("%d requests, %s", len(r.requests()), w.look(e.ID).State)
		}
		status = http.StatusAccepted
		w.update(func(ctx context.Context, tx store.Tx) error {
			_, err := w.q.Change(ctx, tx, w.partner, e.ID, webhook.Wish{URL: r.URL})
			return err
		})
		w.deliver(w.q)
		for _, d := range w.deliveries(e.ID) {
			if d.State != webhook.Delivered {
				w.t.Errorf("%+v", d)
			}
		}
	})
}

// Only 2xx is a success; a redirect is followed nowhere.
func TestARedirectIsNotFollowed(t *testing.T) {
	each(t, func(w *world) {
		elsewhere := w.receive(nil)
		for _, status := range []int{301, 302, 303, 307, 308, 304, 400, 404, 429, 500} {
			r := w.receive(func(rw http.ResponseWriter, _ *http.Request) {
				rw.Header().Set("Location", elsewhere.URL)
				rw.WriteHeader(status)
			})
			e := w.endpoint(webhook.Wish{URL: r.URL})
			w.put(webhook.Expired)
			w.deliver(w.q)
			if d := w.only(e.ID); d.State != webhook.Waiting || d.Status != int64(status) {
				w.t.Errorf("%d: %+v", status, d)
			}
			w.partner = w.id()
		}
		if n := len(elsewhere.requests()); n != 0 {
			w.t.Errorf("%d requests came where redirects led", n)
		}
	})
}
