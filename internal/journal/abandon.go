package journal

import (
	"context"
	"fmt"

	"github.com/relatingfield/vault/internal/journal/journaldb"
	"github.com/relatingfield/vault/internal/store"
)

// Abandon makes the database forget the journal of a node, once its folder is
// empty, and restricts everything meanwhile in the same transaction: what the
// journal would have taken back again, nobody knows.
func (p Place) Abandon(ctx context.Context, db *store.DB, node string, restrict store.Work) error {
	if !NodeName(node) {
		return fmt.Errorf("abandon a journal: %q names no node", node)
	}
	files, err := p.segments(node)
	if err != nil {
		return err
	}
	if len(files) > 0 {
		return fmt.Errorf("abandon the journal of node %s: it is in %s; move that folder away, and keep it: somebody may be able to read it", node, p.folder(node))
	}
	err = db.Alone(ctx, func(ctx context.Context, tx store.Tx) error {
		if err := restrict(ctx, tx); err != nil {
			return err
		}
		return journaldb.New(tx).ForgetNode(ctx, node)
	})
	if err != nil {
		return fmt.Errorf("abandon the journal of node %s: %w", node, err)
	}
	return nil
}
