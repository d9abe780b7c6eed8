package partner

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/relatingfield/vault/internal/journal"
	"github.com/relatingfield/vault/internal/partner/partnerdb"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
)

// HaltAgain halts an agreement that the journal says was halted. The steward's
// statement is lost; her word counts, also when the agreement itself is lost and
// somebody brings it again.
func (r *Registry) HaltAgain(ctx context.Context, tx store.Tx, day int64, e journal.Entry) error {
	name, err := hashOf(e)
	if err == nil {
		err = partnerdb.New(tx).Halt(ctx, partnerdb.HaltParams{Agreement: name[:], Day: day})
	}
	if err != nil {
		return fmt.Errorf("halt: %w", err)
	}
	return nil
}

// AgreeAgain holds the place of an agreement that the database has lost: older ones
// of that partner, whose officers and scopes it may have taken back, do not return.
// Nothing is in force until the stewards have signed again.
func (r *Registry) AgreeAgain(ctx context.Context, tx store.Tx, day int64, e journal.Entry) error {
	name, err := hashOf(e)
	if err == nil {
		err = partnerdb.New(tx).HoldPlace(ctx, partnerdb.HoldPlaceParams{
			ID: name[:], Partner: string(e.ID), FromS: e.N, ReachedDay: sql.NullInt64{Int64: day, Valid: true},
		})
	}
	if err != nil {
		return fmt.Errorf("hold an agreement's place: %w", err)
	}
	return nil
}

// RetireAgain retires a key that the journal says was retired.
func (r *Registry) RetireAgain(ctx context.Context, tx store.Tx, day int64, e journal.Entry) error {
	key, err := hashOf(e)
	if err == nil {
		_, err = partnerdb.New(tx).Retire(ctx, partnerdb.RetireParams{Client: string(e.ID), Thumbprint: statement.B64(key[:]), Day: day})
	}
	if err != nil {
		return fmt.Errorf("retire: %w", err)
	}
	return nil
}

func hashOf(e journal.Entry) (Hash, error) {
	if len(e.Hash) != len(Hash{}) {
		return Hash{}, fmt.Errorf("an entry of kind %s names nothing", e.Kind)
	}
	return Hash(e.Hash), nil
}
