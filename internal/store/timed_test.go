package store_test

import (
	"context"
	"slices"
	"testing"

	"github.com/relatingfield/vault/internal/store"
)

// A query is called by its name in the program; one without a name tells nothing of
// its text.
func TestWhoTimesQueriesLearnsTheirNamesOnly(t *testing.T) {
	db := open(t)
	var begun []string
	ended := 0
	ctx := store.Timed(t.Context(), func(name string) func() { begun = append(begun, name); return func() { ended++ } })
	err := db.View(ctx, func(ctx context.Context, tx store.Tx) error {
		for _, query := range []string{"-- name: Answer :one\nSELECT 42", "SELECT 'her secret'", "-- name: broken\nSELECT 1"} {
			var v any
			if err := tx.QueryRowContext(ctx, query).Scan(&v); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil || !slices.Equal(begun, []string{"store", "store Answer", "store other", "store other"}) || ended != 4 {
		t.Errorf("%q, %d ended, %v", begun, ended, err)
	}
}
