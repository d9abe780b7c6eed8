package journal

import (
	"context"
	"fmt"

	"github.com/relatingfield/vault/internal/journal/journaldb"
	"github.com/relatingfield/vault/internal/store"
)

// Settle applies what the journals of nodes that do not run hold and the database
// does not know, as Recover does at a start, while this node goes on. It is for the
// time after a failover: what a node wrote that went down with the old primary may
// have been acknowledged, and this node cannot have seen it. A node that runs answers
// for its own journal (Watch).
func (j *Journal) Settle(ctx context.Context, db *store.DB, apply map[Kind]Apply) (applied map[Kind]int, err error) {
	err = db.Alone(ctx, func(ctx context.Context, tx store.Tx) error {
		r := recovery{journal: j, apply: apply, tx: tx, voided: map[string]map[int64]bool{}}
		err := r.others(ctx)
		applied = r.out.Applied
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("settle the journals of nodes that do not run: %w", err)
	}
	return applied, nil
}

// others is run without this node's own journal and those that are being written. A
// node that starts meanwhile waits with its own Recover until this is over.
func (r *recovery) others(ctx context.Context) error {
	rows, err := journaldb.New(r.tx).Known(ctx)
	if err != nil {
		return fmt.Errorf("read what the database knows: %w", err)
	}
	known := index(rows)
	nodes, err := r.journal.place.nodes()
	if err != nil {
		return err
	}
	for _, n := range nodes {
		busy := n == r.journal.place.Node
		if !busy {
			busy, err = written(r.journal.place.folder(n))
		}
		if err == nil && !busy {
			err = r.node(n, known[n])
		}
		if err != nil {
			return err
		}
	}
	if err := r.applyAll(ctx); err != nil {
		return err
	}
	return r.floor(ctx)
}
