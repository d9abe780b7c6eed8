package turn_test

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/blob/blobtest"
	"github.com/relatingfield/vault/internal/custody"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/store/storetest"
	"github.com/relatingfield/vault/internal/testimony"
	"github.com/relatingfield/vault/internal/testimonytest"
	"github.com/relatingfield/vault/internal/turn"
)

// world is an upload that two nodes write to.
type world struct {
	*testimonytest.World
	t    *testing.T
	tid  id.ID
	a, b *turn.Turns
}

func each(t *testing.T, test func(w *world)) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := &world{World: testimonytest.New(t, db), t: t}
		w.tid = w.Create(w.Her)
		w.begin(1)
		w.a, w.b = w.node(), w.node()
		test(w)
	})
}

// begin begins an upload.
func (w *world) begin(n int64) {
	w.t.Helper()
	s := w.Seal(blobtest.Random(w.t, 1000), w.Her.Recipient)
	_, err := w.Vault.Put(w.t.Context(), w.Her.Caller, w.tid,
		testimony.NewPart{Statement: w.Her.Sign(testimonytest.BeginStatement(w.tid, n, s)).Compact(), Header: s.Header}, nil)
	w.must(err)
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) node() *turn.Turns {
	w.t.Helper()
	n, err := turn.New(w.DB, rand.Reader, time.Now, slog.New(slog.DiscardHandler))
	w.must(err)
	return n
}

func (w *world) take(at *turn.Turns, letGo func()) *turn.Turn {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), 30*time.Second)
	defer cancel()
	held, err := at.Take(ctx, w.tid, 1, letGo)
	w.must(err)
	return held
}

// Whoever wants the turn gets it as soon as its holder, who hears of it at any node,
// has let go; and two never have it.
func TestAHolderLetsGo(t *testing.T) {
	each(t, func(w *world) {
		var holders atomic.Int32
		for i, nodes := range [][2]*turn.Turns{{w.a, w.a}, {w.a, w.b}, {w.b, w.a}} {
			asked := make(chan struct{}, 100)
			first := w.take(nodes[0], func() {
				select {
				case asked <- struct{}{}:
				default:
				}
			})
			holders.Store(1)
			go func() {
				<-asked
				holders.Store(0)
				first.End()
			}()
			second := w.take(nodes[1], func() {})
			if holders.Load() != 0 {
				t.Errorf("%d: two have the turn", i)
			}
			second.End()
		}
	})
}

// rows counts what the database holds of turns and the nodes that hold them.
func (w *world) rows() (n int) {
	w.t.Helper()
	w.must(w.DB.View(w.t.Context(), func(ctx context.Context, tx store.Tx) error {
		return tx.QueryRowContext(ctx, "SELECT (SELECT COUNT(*) FROM turns) + (SELECT COUNT(*) FROM turn_nodes)").Scan(&n)
	}))
	return n
}

// holder is who has the turn by the database.
func (w *world) holder() (name string) {
	w.t.Helper()
	w.must(w.DB.View(w.t.Context(), func(ctx context.Context, tx store.Tx) error {
		return tx.QueryRowContext(ctx, "SELECT holder FROM turns").Scan(&name)
	}))
	return name
}

// awaitNone waits until the database holds no turn.
func (w *world) awaitNone() {
	w.t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for range 2000 {
		if w.rows() == 0 {
			return
		}
		<-tick.C
	}
	w.t.Fatalf("%d rows are left of turns that ended", w.rows())
}

// A holder that does not let go keeps its turn, as long as its node lives.
func TestAHolderThatStaysIsNotPassed(t *testing.T) {
	each(t, func(w *world) {
		for node, wait := range map[*turn.Turns]time.Duration{w.a: 300 * time.Millisecond, w.b: 2500 * time.Millisecond} {
			first := w.take(w.a, func() {})
			ctx, cancel := context.WithTimeout(t.Context(), wait)
			if held, err := node.Take(ctx, w.tid, 1, func() {}); !errors.Is(err, turn.ErrTaken) {
				t.Errorf("%v, %v", held, err)
			}
			cancel()
			first.End()
		}
		w.take(w.b, func() {}).End()
	})
}

// Where there is one node, its next process waits for nothing that the last one held.
func TestANodeThatIsAloneWaitsForNobody(t *testing.T) {
	each(t, func(w *world) {
		left := w.take(w.a, func() { t.Error("the last process was asked") })
		w.must(w.b.Alone(t.Context()))
		w.take(w.b, func() {}).End()
		left.End() // what is not there any more may be ended
	})
}

// The turns of a node that died are free after a while.
func TestADeadNodesTurnIsFree(t *testing.T) {
	each(t, func(w *world) {
		err := w.DB.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
			for _, s := range []string{"INSERT INTO turn_nodes (node, beat) VALUES ('dead', 7)",
				"INSERT INTO turns (testimony, n, holder, node, wanted) SELECT testimony, n, 'ghost', 'dead', 0 FROM uploads"} {
				if _, err := tx.ExecContext(ctx, s); err != nil {
					return err
				}
			}
			return nil
		})
		w.must(err)
		w.take(w.a, func() {}).End()
		if left := w.rows(); left != 0 {
			t.Errorf("%d rows are left of turns that ended", left)
		}
	})
}

// There is no turn at an upload that there is not.
func TestNoUploadNoTurn(t *testing.T) {
	each(t, func(w *world) {
		if _, err := w.a.Take(t.Context(), w.tid, 2, func() {}); !errors.Is(err, custody.ErrNotFound) {
			t.Errorf("%v, want ErrNotFound", err)
		}
	})
}
