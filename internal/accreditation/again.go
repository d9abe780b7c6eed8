package accreditation

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/relatingfield/vault/internal/accreditation/accreditationdb"
	"github.com/relatingfield/vault/internal/journal"
	"github.com/relatingfield/vault/internal/store"
)

// SuspendAgain suspends an accreditation that the journal says was suspended. The
// steward's statement is lost; her word counts.
func (a *Accreditations) SuspendAgain(ctx context.Context, tx store.Tx, day int64, e journal.Entry) error {
	err := accreditationdb.New(tx).Suspend(ctx, accreditationdb.SuspendParams{ID: e.Hash, SuspendedDay: sql.NullInt64{Int64: day, Valid: true}})
	if err != nil {
		return fmt.Errorf("suspend: %w", err)
	}
	return nil
}
