package pause

import (
	"context"

	"github.com/relatingfield/vault/internal/journal"
	"github.com/relatingfield/vault/internal/store"
)

// Again pauses what the journal says was paused: a testimony or, without one,
// everything of hers. That she has lifted it since is lost with the database; she
// lifts it once more.
func (p *Pauses) Again(ctx context.Context, tx store.Tx, _ int64, e journal.Entry) error {
	return put(ctx, tx, e.Account, e.ID, false)
}
