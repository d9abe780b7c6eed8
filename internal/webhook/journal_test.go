package webhook_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"path/filepath"
	"testing"

	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/journal"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/webhook"
)

// An address that is given up stands in the journal, and a database of before sends
// nothing there once it has been told.
func TestARestoreDoesNotSendToAnAddressThatWasGivenUp(t *testing.T) {
	each(t, func(w *world) {
		key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))
		place := journal.Place{Dir: filepath.Join(w.t.TempDir(), "journal"), Node: "a", Vault: "v", Now: w.time, Keys: []ed25519.PublicKey{key.Public().(ed25519.PublicKey)}}
		j, err := journal.Open(place, key)
		w.must(err)
		defer func() { w.must(j.Close()) }()
		_, err = j.Recover(w.t.Context(), w.db, nil, nil)
		w.must(err)
		w.q.Journal = j
		r := w.receive(nil)
		wish := webhook.Wish{URL: r.URL}
		elsewhere := webhook.Wish{URL: r.URL + "/elsewhere"}
		off := webhook.Wish{URL: r.URL, Off: true}
		for name, act := range map[string]func(ctx context.Context, tx store.Tx, e id.ID) error{
			"elsewhere": func(ctx context.Context, tx store.Tx, e id.ID) error {
				_, err := w.q.Change(ctx, tx, w.partner, e, elsewhere)
				return err
			},
			"off": func(ctx context.Context, tx store.Tx, e id.ID) error {
				_, err := w.q.Change(ctx, tx, w.partner, e, off)
				return err
			},
			"new keys": func(ctx context.Context, tx store.Tx, e id.ID) error {
				_, err := w.q.Rotate(ctx, tx, w.partner, e, true)
				return err
			},
			"deleted": func(ctx context.Context, tx store.Tx, e id.ID) error { return w.q.Delete(ctx, tx, w.partner, e) },
		} {
			before := w.acts(place)
			e := w.endpoint(wish)
			w.update(func(ctx context.Context, tx store.Tx) error {
				_, err := w.q.Change(ctx, tx, w.partner, e.ID, wish) // takes nothing back
				return err
			})
			w.update(func(ctx context.Context, tx store.Tx) error { return act(ctx, tx, e.ID) })
			if n := w.acts(place) - before; n != 1 {
				w.t.Errorf("%s: %d entries", name, n)
			}
		}
		w.partner = w.id()
		e := w.endpoint(wish) // as it stands in a database of before
		w.update(func(ctx context.Context, tx store.Tx) error {
			return w.q.UnhookAgain(ctx, tx, 0, journal.Entry{Kind: journal.Unhooked, ID: e.ID})
		})
		n := len(r.requests())
		w.put(webhook.Expired)
		if w.deliver(w.q); w.state(e.ID) != "off" || len(r.requests()) != n {
			w.t.Errorf("%s, %d requests", w.state(e.ID), len(r.requests())-n)
		}
	})
}

// acts counts what the journal has of endpoints.
func (w *world) acts(place journal.Place) int {
	w.t.Helper()
	all, err := place.Check(nil)
	if w.must(err); len(all) != 1 {
		w.t.Fatalf("%d journals", len(all))
	}
	return all[0].Acts[journal.Unhooked]
}

func (w *world) state(endpoint id.ID) (state string) {
	w.t.Helper()
	w.must(w.db.View(w.t.Context(), func(ctx context.Context, tx store.Tx) error {
		return tx.QueryRowContext(ctx, "SELECT state FROM webhook_endpoints WHERE id = $1", string(endpoint)).Scan(&state)
	}))
	return state
}
