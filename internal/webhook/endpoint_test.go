package webhook_test

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/webhook"
)

// everything is what stands in the tables of this package, byte for byte.
func (w *world) everything() (out string) {
	w.t.Helper()
	for _, table := range []string{"webhook_endpoints", "webhook_events", "webhook_deliveries"} {
		w.must(w.db.View(w.t.Context(), func(ctx context.Context, tx store.Tx) error {
			rows, err := tx.QueryContext(ctx, "SELECT * FROM "+table)
			if err != nil {
				return err
			}
			defer rows.Close()
			columns, err := rows.Columns()
			if err != nil {
				return err
			}
			for rows.Next() {
				row, into := make([]any, len(columns)), make([]any, len(columns))
				for i := range row {
					into[i] = &row[i]
				}
				if err := rows.Scan(into...); err != nil {
					return err
				}
				for i, v := range row {
					if b, ok := v.([]byte); ok {
						v = string(b)
					}
					out += fmt.Sprintf("%s.%s=%v\n", table, columns[i], v)
				}
			}
			return rows.Err()
		}))
	}
	return out
}

// Whoever has the database finds no address and no key in it, nor does a log say one;
// and neither says when anything happened but by the day.
func TestATheftOfTheDatabaseForgesNothing(t *testing.T) {
	each(t, func(w *world) {
		r := w.receive(nil)
		e := w.endpoint(webhook.Wish{URL: r.URL + "/canary-path?token=canary-token", HMAC: true})
		broken := w.endpoint(webhook.Wish{URL: "http://localhost:1/canary-path"})
		w.put(webhook.Withdrawn)
		w.deliver(w.q)
		if w.only(broken.ID).Outcome != "unreachable" {
			w.t.Fatalf("%+v", w.only(broken.ID))
		}
		w.q.Roots = nil
		w.put(webhook.Withdrawn)
		w.deliver(w.q) // and its complaint
		found := w.everything() + w.logged.String() + fmt.Sprintf("%v %+v %#v", e, e, w.q.Line)
		shared, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(string(e.Keys[0].Shared.Reveal()), "whsec_"))
		w.must(err)
		for _, secret := range []string{"canary", strings.TrimPrefix(r.URL, "http://"), "localhost", string(shared), string(e.Keys[0].Shared.Reveal())} {
			if strings.Contains(found, secret) {
				w.t.Errorf("%q is found", secret)
			}
		}
		public, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(e.Keys[0].Public, "whpk_"))
		w.must(err)
		for at := range len(found) - ed25519.SeedSize {
			if string(ed25519.NewKeyFromSeed([]byte(found[at : at+ed25519.SeedSize]))[32:]) == string(public) {
				w.t.Fatal("the signing key is found")
			}
		}
		for _, moment := range []string{fmt.Sprint(start.Unix()), fmt.Sprint(start.UnixMilli())} {
			if strings.Contains(w.everything(), moment) {
				w.t.Error("the second of an act stands in the database")
			}
		}
		if !strings.Contains(w.logged.String(), "cannot be read") {
			w.t.Error("nobody is told that the secret is missing")
		}
	})
}

// Two endpoints' rows cannot be mixed: what was sealed for one opens for no other.
func TestAnAddressCannotBeMoved(t *testing.T) {
	each(t, func(w *world) {
		mine, theirs := w.receive(nil), w.receive(nil)
		w.endpoint(webhook.Wish{URL: mine.URL})
		e := w.endpoint(webhook.Wish{URL: theirs.URL})
		w.update(func(ctx context.Context, tx store.Tx) error {
			_, err := tx.ExecContext(ctx, "UPDATE webhook_endpoints SET target = (SELECT target FROM webhook_endpoints WHERE id <> $1) WHERE id = $1", string(e.ID))
			return err
		})
		w.put(webhook.Expired)
		w.deliver(w.q)
		if len(mine.requests()) != 1 || len(theirs.requests()) != 0 {
			w.t.Errorf("%d and %d requests", len(mine.requests()), len(theirs.requests()))
		}
	})
}

// A partner has few endpoints, changes and deletes its own, and nobody else's.
func TestEndpointsAreTheirPartners(t *testing.T) {
	each(t, func(w *world) {
		wish := webhook.Wish{URL: "http://127.0.0.1:1/a", Types: []webhook.Type{webhook.Withdrawn, webhook.Halted}}
		var last webhook.Endpoint
		for range 8 {
			last = w.endpoint(wish)
			w.later(time.Second)
		}
		act := func(f func(ctx context.Context, tx store.Tx) error) error { return w.db.Update(w.t.Context(), f) }
		create := func(wish webhook.Wish, want error) {
			err := act(func(ctx context.Context, tx store.Tx) error {
				_, err := w.q.Create(ctx, tx, w.partner, wish)
				return err
			})
			if !errors.Is(err, want) {
				w.t.Errorf("%v, want %v", err, want)
			}
		}
		create(wish, webhook.ErrMany)
		create(webhook.Wish{URL: "http://hooks.example.org"}, webhook.ErrTarget)
		create(webhook.Wish{URL: wish.URL, Types: []webhook.Type{"x"}}, webhook.ErrTypes)
		create(webhook.Wish{URL: wish.URL, Types: []webhook.Type{webhook.Halted, webhook.Halted}}, webhook.ErrTypes)
		stranger := w.id()
		for name, f := range map[string]func(ctx context.Context, tx store.Tx, partner, endpoint id.ID) error{
			"change": func(ctx context.Context, tx store.Tx, p, e id.ID) error {
				_, err := w.q.Change(ctx, tx, p, e, webhook.Wish{URL: "http://127.0.0.1:2/b", Off: true, HMAC: true})
				return err
			},
			"rotate": func(ctx context.Context, tx store.Tx, p, e id.ID) error {
				_, err := w.q.Rotate(ctx, tx, p, e, false)
				return err
			},
			"test": func(ctx context.Context, tx store.Tx, p, e id.ID) error {
				_, err := w.q.Test(ctx, tx, p, e)
				return err
			},
			"replay dead": func(ctx context.Context, tx store.Tx, p, e id.ID) error {
				_, err := w.q.ReplayDead(ctx, tx, p, e, 0)
				return err
			},
			"deliveries": func(ctx context.Context, tx store.Tx, p, e id.ID) error {
				_, err := w.q.Deliveries(ctx, tx, p, e, webhook.Newest(), 1)
				return err
			},
		} {
			for _, other := range [][2]id.ID{{stranger, last.ID}, {w.partner, stranger}} {
				err := act(func(ctx context.Context, tx store.Tx) error { return f(ctx, tx, other[0], other[1]) })
				if !errors.Is(err, webhook.ErrNotFound) {
					w.t.Errorf("%s by a stranger: %v", name, err)
				}
			}
			w.must(act(func(ctx context.Context, tx store.Tx) error { return f(ctx, tx, w.partner, last.ID) }))
		}
		if e := w.look(last.ID); e.State != webhook.Off || string(e.URL.Reveal()) != "http://127.0.0.1:2/b" || len(e.Types) != 0 || !e.HMAC || len(e.Keys) != 2 {
			w.t.Errorf("%+v", e)
		}
		remove := func(p id.ID) error {
			return act(func(ctx context.Context, tx store.Tx) error { return w.q.Delete(ctx, tx, p, last.ID) })
		}
		if err := remove(stranger); !errors.Is(err, webhook.ErrNotFound) {
			w.t.Errorf("delete by a stranger: %v", err)
		}
		w.must(remove(w.partner))
		if err := remove(w.partner); !errors.Is(err, webhook.ErrNotFound) {
			w.t.Errorf("delete again: %v", err)
		}
		w.update(func(ctx context.Context, tx store.Tx) error {
			all, err := w.q.Endpoints(ctx, tx, w.partner)
			if len(all) != 7 {
				w.t.Errorf("%d endpoints are left", len(all))
			}
			return err
		})
	})
}

// What is put while an endpoint is off waits for it; a test comes to endpoints that
// chose other things.
func TestAnEndpointThatIsOffMissesNothing(t *testing.T) {
	each(t, func(w *world) {
		r := w.receive(nil)
		e := w.endpoint(webhook.Wish{URL: r.URL, Off: true, Types: []webhook.Type{webhook.Expired}})
		w.put(webhook.Expired)
		w.update(func(ctx context.Context, tx store.Tx) error {
			_, err := w.q.Test(ctx, tx, w.partner, e.ID)
			return err
		})
		if w.deliver(w.q); len(r.requests()) != 0 {
			w.t.Error("it gets something")
		}
		w.update(func(ctx context.Context, tx store.Tx) error {
			_, err := w.q.Change(ctx, tx, w.partner, e.ID, webhook.Wish{URL: r.URL, Types: []webhook.Type{webhook.Expired}})
			return err
		})
		if w.deliver(w.q); len(r.requests()) != 2 || !strings.Contains(fmt.Sprintf("%s", r.requests()), `"endpoint.test"`) {
			w.t.Errorf("%d requests", len(r.requests()))
		}
	})
}

// What is dead is sent again from a day on, and nothing else is.
func TestWhatIsDeadIsSentAgainFromADayOn(t *testing.T) {
	each(t, func(w *world) {
		down := true
		r := w.receive(nil)
		e := w.endpoint(webhook.Wish{URL: "http://127.0.0.1:1/"})
		w.put(webhook.Expired)
		w.later(day)
		w.put(webhook.Expired)
		for range 10 {
			w.later(27 * time.Hour)
			for range 4 {
				w.deliver(w.q)
				w.later(2 * time.Minute) // the rest that the endpoint is given
			}
		}
		for _, d := range w.deliveries(e.ID) {
			down = down && d.State == webhook.Dead
		}
		if !down {
			w.t.Fatalf("%+v", w.deliveries(e.ID))
		}
		w.update(func(ctx context.Context, tx store.Tx) error {
			if _, err := w.q.Change(ctx, tx, w.partner, e.ID, webhook.Wish{URL: r.URL}); err != nil {
				return err
			}
			n, err := w.q.ReplayDead(ctx, tx, w.partner, e.ID, start.Truncate(day).Add(day).Unix())
			if n != 1 {
				w.t.Errorf("%d are sent again", n)
			}
			return err
		})
		if w.deliver(w.q); len(r.requests()) != 1 {
			w.t.Errorf("%d requests", len(r.requests()))
		}
	})
}
