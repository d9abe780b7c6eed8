package turn_test

import (
	"sync"
	"sync/atomic"
	"testing"

	"github.com/relatingfield/vault/internal/turn"
)

// A turn that was put down is the next request's at that node, as it stands in the
// database: nobody else's meanwhile, and in a moment nobody's.
func TestATurnThatWasPutDownIsTakenUp(t *testing.T) {
	each(t, func(w *world) {
		taken := false
		for range 20 { // a busy machine may take longer than a turn lingers
			first := w.take(w.a, func() {})
			holder := w.holder()
			first.PutDown()
			second := w.take(w.a, func() {})
			taken = taken || w.holder() == holder
			second.PutDown()
		}
		if !taken {
			t.Error("no turn was ever taken up")
		}
		w.awaitNone()
		w.take(w.b, func() {}).End()
	})
}

// Requests that come to two nodes by turns each get theirs; and nodes that hear of
// each other let no turn linger.
func TestNodesThatShareAnUploadLetNothingLinger(t *testing.T) {
	each(t, func(w *world) {
		for range 3 {
			for _, at := range []*turn.Turns{w.a, w.b} {
				w.take(at, func() {}).PutDown()
			}
		}
		if left := w.rows(); left != 0 {
			t.Errorf("%d rows are left of turns that were put down", left)
		}
	})
}

// However requests at two nodes contend, and put down or end what they have, never
// do two have the turn.
func TestTwoNeverHaveATurn(t *testing.T) {
	each(t, func(w *world) {
		var holders atomic.Int32
		var all sync.WaitGroup
		for i := range 4 {
			all.Go(func() {
				for range 5 {
					held := w.take([]*turn.Turns{w.a, w.b}[i/2], func() {})
					if holders.Add(1) != 1 {
						t.Error("two have the turn")
					}
					holders.Add(-1)
					if i%2 == 0 {
						held.PutDown()
					} else {
						held.End()
					}
				}
			})
		}
		all.Wait()
	})
}

// A node that goes leaves no turn behind.
func TestANodeThatClosesEndsWhatLingers(t *testing.T) {
	each(t, func(w *world) {
		w.take(w.a, func() {}).PutDown()
		w.a.Close()
		if left := w.rows(); left != 0 {
			t.Errorf("%d rows are left", left)
		}
	})
}
