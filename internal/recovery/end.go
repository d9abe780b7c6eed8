package recovery

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/journal"
	"github.com/relatingfield/vault/internal/recovery/recoverydb"
	"github.com/relatingfield/vault/internal/store"
)

// end forgets her recovery, if there is one, and tells the journal: people whom
// she trusts no longer must not hold her words again because a backup was restored.
//
// A change of her words ends a recovery too and does not come here. A restored
// backup that knows nothing of the change is sealed to the old words, which open
// nothing here by themselves; trustees who give them back are her only way on if
// she has destroyed that paper.
func (r *Recoveries) end(ctx context.Context, tx store.Tx, who id.Thumbprint) error {
	name, err := recoverydb.New(tx).OfAccount(ctx, string(who))
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("find recovery: %w", err)
	}
	if err := r.Ledger.EndRecovery(ctx, tx, who); err != nil {
		return err
	}
	return r.Journal.Write(ctx, tx, journal.Entry{Kind: journal.Unshared, ID: id.ID(name)})
}

// EndAgain forgets a recovery because the journal says that she ended it.
func (r *Recoveries) EndAgain(ctx context.Context, tx store.Tx, _ int64, e journal.Entry) error {
	q := recoverydb.New(tx)
	if err := errors.Join(q.DropNamed(ctx, string(e.ID)), q.Drop(ctx, string(e.ID))); err != nil {
		return fmt.Errorf("end recovery again: %w", err)
	}
	return nil
}
