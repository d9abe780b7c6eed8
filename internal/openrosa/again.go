package openrosa

import (
	"context"
	"errors"
	"fmt"

	"github.com/relatingfield/vault/internal/journal"
	"github.com/relatingfield/vault/internal/openrosa/openrosadb"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
)

// RevokeAgain revokes a collector that the journal says was revoked, or whose token
// was changed for one that the database has lost.
func (i *Intake) RevokeAgain(ctx context.Context, tx store.Tx, _ int64, e journal.Entry) error {
	if err := q(tx).RevokeAgain(ctx, string(e.ID)); err != nil {
		return fmt.Errorf("revoke collector again: %w", err)
	}
	return nil
}

// WithdrawAgain withdraws a form that the journal says was withdrawn.
func (i *Intake) WithdrawAgain(ctx context.Context, tx store.Tx, day int64, e journal.Entry) error {
	if err := q(tx).WithdrawAgain(ctx, openrosadb.WithdrawAgainParams{Day: day, ID: string(e.ID)}); err != nil {
		return fmt.Errorf("withdraw form again: %w", err)
	}
	return nil
}

// forgotten is how long a list shows what is over, in seconds.
const forgotten = 30 * statement.Day

// Forget deletes at most limit rows each of what is over: repetitions of filled
// forms that are no longer known as such, and withdrawn forms and ended collectors
// after a while.
func (i *Intake) Forget(ctx context.Context, limit int64) (n int64, err error) {
	err = i.DB.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		submissions, e1 := q(tx).ForgetSubmissions(ctx, openrosadb.ForgetSubmissionsParams{Today: i.today(), Page: limit})
		forms, e2 := q(tx).ForgetForms(ctx, openrosadb.ForgetFormsParams{Before: i.today() - forgotten, Page: limit})
		collectors, e3 := q(tx).ForgetCollectors(ctx, openrosadb.ForgetCollectorsParams{Before: i.today() - forgotten, Page: limit})
		if err := errors.Join(e1, e2, e3); err != nil {
			return fmt.Errorf("forget what is over: %w", err)
		}
		n = max(submissions, forms, collectors)
		return nil
	})
	return n, err
}
