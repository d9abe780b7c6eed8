package ledger

import (
	"context"
	"errors"
	"fmt"

	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
)

// Revocation is the server's signed word for what ended of a grant; r names
// everything but the vault.
func (l *Ledger) Revocation(r statement.Revocation) (string, error) {
	r.Vault = l.Vault
	return statement.SignRevocation(l.ReceiptKey(), r)
}

// Entry reads one place of an account's chain. Where the statement has been
// erased, its hash is still there.
func (l *Ledger) Entry(ctx context.Context, tx store.Tx, account id.Thumbprint, seq int64) (statement.Entry, error) {
	list, err := l.Entries(ctx, tx, account, seq-1, 1)
	if err != nil {
		return statement.Entry{}, err
	}
	if len(list) != 1 || list[0].Seq != seq {
		return statement.Entry{}, fmt.Errorf("read statement %d: %w", seq, errors.New("it does not exist"))
	}
	return list[0], nil
}
