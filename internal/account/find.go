package account

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"

	"github.com/relatingfield/vault/internal/account/accountdb"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
)

// Find says who a key is: the account that it is good for now. A key that has not
// enrolled is a Caller without role, and so is one that was given up for another:
// from the answers nobody can tell the two apart. The answer may be as old as
// Stale, not older.
func (a *Accounts) Find(ctx context.Context, key id.Thumbprint) (Caller, error) {
	if a.Tick == nil {
		return a.Ask(ctx, key)
	}
	// What is remembered counts from before the database was asked: a key that
	// was given up after that is honoured for Stale and no longer.
	began := a.Tick()
	if caller, ok := a.known.at(began, key); ok {
		return caller, nil
	}
	caller, err := a.Ask(ctx, key)
	if err == nil && caller.Role != "" {
		a.known.remember(began, key, caller)
	}
	return caller, err
}

// Forget makes this node ask again at once: it knows that the key was given up.
func (a *Accounts) Forget(key id.Thumbprint) { a.known.forget(key) }

// Ask is Find without memory.
func (a *Accounts) Ask(ctx context.Context, key id.Thumbprint) (Caller, error) {
	var caller Caller
	err := a.DB.View(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		caller, err = ofKey(ctx, tx, key)
		return err
	})
	return caller, err
}

// ofKey finds the caller within tx.
func ofKey(ctx context.Context, tx store.Tx, key id.Thumbprint) (Caller, error) {
	row, err := accountdb.New(tx).OfKey(ctx, string(key))
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nobody(key), nil
	case err != nil:
		return Caller{}, fmt.Errorf("find account of key: %w", err)
	case row.ID == string(key):
		return Caller{ID: key, Role: statement.Role(row.Role)}, nil
	}
	return Caller{ID: id.Thumbprint(row.ID), Role: statement.Role(row.Role), Key: key}, nil
}

// nobody is the caller for a key that no account has. Its ID is not the key's
// own thumbprint: where the key is an account's first one and was given up, that
// would be the account. It is spelled like an account and can be none, since
// nobody finds a key with this thumbprint.
func nobody(key id.Thumbprint) Caller {
	sum := sha256.Sum256([]byte("testimony-vault/v1/nobody\n" + key))
	return Caller{ID: id.Thumbprint(statement.B64(sum[:])), Key: key}
}
