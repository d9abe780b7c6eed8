package account

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/relatingfield/vault/internal/account/accountdb"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/store"
)

// Quota reports which limit was reached; errors.Is finds ErrQuota in it.
type Quota struct {
	Of    string // what is counted
	Limit int64  // the most there may be
}

// Error says which limit, so that a person knows what to make room for.
func (q *Quota) Error() string {
	return fmt.Sprintf("the quota of %s is used up: %d are the most", q.Of, q.Limit)
}

// Unwrap makes every Quota an ErrQuota.
func (q *Quota) Unwrap() error { return ErrQuota }

// Charge counts bytes against the account's stored bytes, of which there may be
// limit. Test and count are one statement, so that requests at the same time
// cannot pass the limit together. Negative bytes give back what is stored no
// more, whatever the limit has become since.
func Charge(ctx context.Context, tx store.Tx, who id.Thumbprint, bytes, limit int64) error {
	_, err := accountdb.New(tx).Charge(ctx, accountdb.ChargeParams{ID: string(who), Amount: bytes, Most: limit})
	if errors.Is(err, sql.ErrNoRows) {
		return &Quota{"stored bytes", limit}
	}
	if err != nil {
		return fmt.Errorf("charge account: %w", err)
	}
	return nil
}

// NextOrdinal counts one more testimony of the account, of which there may ever
// be limit, and gives its number, from 1. Erasing does not give numbers back, or
// the order of her list would change.
func NextOrdinal(ctx context.Context, tx store.Tx, who id.Thumbprint, limit int64) (int64, error) {
	n, err := accountdb.New(tx).NextOrdinal(ctx, accountdb.NextOrdinalParams{ID: string(who), Most: limit})
	if errors.Is(err, sql.ErrNoRows) {
		return 0, &Quota{"testimonies", limit}
	}
	if err != nil {
		return 0, fmt.Errorf("count testimony: %w", err)
	}
	return n, nil
}
