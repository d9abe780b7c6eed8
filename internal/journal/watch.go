package journal

import (
	"context"
	"fmt"
	"maps"

	"github.com/relatingfield/vault/internal/journal/journaldb"
	"github.com/relatingfield/vault/internal/store"
)

// Watch returns ErrBehind when the database knows less of any node's journal than
// it did before: it was restored while this node was running. Rows are never taken
// away but below a higher one, so the highest never falls.
func (j *Journal) Watch(ctx context.Context, db *store.DB) error {
	j.mu.Lock()
	before := maps.Clone(j.seen)
	j.mu.Unlock()
	now := map[string]int64{}
	err := db.View(ctx, func(ctx context.Context, tx store.Tx) error {
		rows, err := journaldb.New(tx).Highest(ctx)
		clear(now)
		for _, r := range rows {
			now[r.Node] = r.Seq
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("watch the journal: %w", err)
	}
	for node, seq := range before {
		if now[node] < seq {
			return fmt.Errorf("node %s: the database knows line %d and has known %d: %w", node, now[node], seq, ErrBehind)
		}
	}
	for node, seq := range now {
		j.saw(node, seq)
	}
	return nil
}

// Prune writes down which lines came to nothing, and removes rows that say no more
// than the newest of those below which everything has ended.
func (j *Journal) Prune(ctx context.Context, db *store.DB) error {
	if err := j.tape.void(); err != nil {
		return fmt.Errorf("prune journal: %w", err)
	}
	// Read before the transaction begins: whatever sees this pruning also sees all
	// that had ended before it.
	closed := j.tape.closed()
	return db.Insist(ctx, func(ctx context.Context, tx store.Tx) error {
		q := journaldb.New(tx)
		newest, err := q.NewestBelow(ctx, journaldb.NewestBelowParams{Node: j.place.Node, Before: closed})
		if err == nil {
			err = forgetBelow(ctx, q, j.place.Node, newest)
		}
		if err != nil {
			return fmt.Errorf("prune journal: %w", err)
		}
		return nil
	})
}
