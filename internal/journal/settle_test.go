package journal_test

import (
	"testing"

	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/store/storetest"
)

// After a failover that lost what a node had acknowledged which went down as well, one
// that goes on applies it. What a node that runs is writing is left to that node.
func TestWhatAnEndedNodeWroteIsAppliedByOneThatGoesOn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		a, b, c := w.opened("a"), w.opened("b"), w.opened("c")
		before := w.rows()
		w.write(a, entry(1))
		w.write(c, entry(3))
		w.write(b, entry(2))
		w.restore(before)
		w.must(a.Close())
		for range 2 {
			_, err := b.Settle(t.Context(), db, w.appliers())
			w.must(err)
		}
		w.wants("once a has ended", entry(1))
		w.must(c.Close())
		applied, err := b.Settle(t.Context(), db, w.appliers())
		if err != nil || len(applied) != 1 {
			t.Errorf("applied %v: %v", applied, err)
		}
		w.wants("once c has ended", entry(3))
		w.must(b.Close())
		w.opened("b")
		w.wants("at its own start", entry(2))
	})
}
