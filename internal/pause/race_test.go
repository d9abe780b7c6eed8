package pause_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/grant"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/store/storetest"
	"github.com/relatingfield/vault/internal/testimonytest"
	"github.com/relatingfield/vault/migrations"
)

// tries bounds the openings of one reader.
const tries = 500

// watched fails the test when something is written after the end.
type watched struct {
	t    *testing.T
	over *atomic.Bool
}

func (w watched) Write(b []byte) (int, error) {
	if w.over.Load() {
		w.t.Error("a byte left for a reader after the pause had returned")
	}
	return len(b), nil
}

// readers open through a node again and again until they are refused.
func (w *world) readers(node *grant.Grants, g id.ID, over *atomic.Bool, all *sync.WaitGroup, opened chan<- struct{}) {
	for range 4 {
		all.Go(func() {
			for range tries {
				o, err := node.Open(w.T.Context(), w.Reader.Caller, g, 1, testimonytest.Whole)
				if errors.Is(err, grant.ErrNotFound) {
					return
				}
				if errors.Is(err, store.ErrUnavailable) {
					continue // no turn came in this crowd: nothing left, and the reader asks again
				}
				if err != nil {
					w.T.Errorf("an opening failed with %v", err)
					return
				}
				opened <- struct{}{}
				line, _ := testimonytest.Line()
				err = o.Send(context.WithoutCancel(w.T.Context()), watched{w.T.(*testing.T), over}, line)
				if err != nil && !errors.Is(err, grant.ErrCut) {
					w.T.Errorf("sending failed with %v", err)
				}
			}
		})
	}
}

// Pause wins every race: whatever opens at the same moment, on either node, either
// came before it and is over when it returns, or gets nothing.
func TestAPauseWinsEveryRace(t *testing.T) {
	for name, open := range map[string]func(*testing.T) (*store.DB, *store.DB){
		"sqlite": func(t *testing.T) (*store.DB, *store.DB) {
			db := storetest.Open(t, storetest.Fresh(t, store.SQLite, migrations.Files))
			return db, db
		},
		"two nodes on postgres": func(t *testing.T) (*store.DB, *store.DB) {
			cfg := storetest.Fresh(t, store.PostgreSQL, migrations.Files)
			return storetest.Open(t, cfg), storetest.Open(t, cfg)
		},
	} {
		t.Run(name, func(t *testing.T) {
			a, b := open(t)
			w := newWorld(t, a)
			other := &grant.Grants{DB: b, Payloads: w.Payloads, Ledger: w.Ledger, Keys: w.Grants.Keys, Reader: w.Grants.Reader, PerTestimony: 100,
				Now: w.Clock.Now, Tick: time.Now, Rand: w.Grants.Rand, Log: w.Grants.Log}
			for round, on := range []id.ID{"", w.one, "", w.one, ""} {
				var over atomic.Bool
				opened := make(chan struct{}, 8*tries) // nobody ever waits to say so
				var all sync.WaitGroup
				w.readers(w.Grants, w.gOne, &over, &all, opened)
				w.readers(other, w.gOne, &over, &all, opened)
				for range round { // the race is more and more under way
					<-opened
				}
				w.pause(on)
				over.Store(true)
				all.Wait()
				w.lift(on)
			}
		})
	}
}
