// Package account keeps who may act: keys that enrolled, as what, and how much
// of the vault each may use.
//
// An account is an Ed25519 key whose first statement, act "key", was accepted
// here (docs/protocol.md sections 2 and 5). The row says the role, the day and
// two counters; it holds no name, no address and no way to reach anybody.
//
// She may give her key up for another (statement act "rekey"): the account stays
// the thumbprint of the first one, and Find says whose key is good now.
//
// Promises: a key enrols once and its role never changes; a key that was given up
// is nobody's on every node within Stale; an invitation admits
// one key, leaves nothing behind and is worth nothing once its inviter could no
// longer give it; quotas hold whatever runs at the same time. Assumes: the
// statements come from statement.Parse. Does not: sign anybody in, or say what a
// steward may do. A steward's power is to stand in the current roster, never the
// role of an account.
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

// What an operation on accounts, rosters or accreditations can answer.
var (
	// ErrNotFound is also the answer to those who may not know, or may not act.
	ErrNotFound = errors.New("there is nothing of that name here for this account")
	// ErrConflict: what is there already contradicts the request.
	ErrConflict = errors.New("it contradicts what is there already")
	// ErrRefused: the key may not enrol, or the caller may not invite it.
	ErrRefused = errors.New("enrolment is refused")
	// ErrCollection: a collection's testimonies are under the keys of a partner, so
	// nobody can be let read them in a woman's name.
	ErrCollection = errors.New("this is a collection: the partner could read it, and nobody can be let read it; it can be granted by the woman herself, after she has claimed it")
	// ErrQuota: the account has used up what it may have. The error found with
	// errors.As to *Quota has the figure.
	ErrQuota = errors.New("the quota is used up")
)

// Caller is who asks. Role is empty for a key that no account has, because it has
// not enrolled or was given up: it is answered like an account that has nothing.
type Caller struct {
	ID   id.Thumbprint // the account: the thumbprint of its first key; of a key without account, nobody's
	Role statement.Role
	Key  id.Thumbprint // that she signed in with; empty when it is the first
}

// Signer is the key whose statements are the caller's.
func (c Caller) Signer() id.Thumbprint {
	if c.Key == "" {
		return c.ID
	}
	return c.Key
}

// MayGrant is nil for whoever may let others read what is theirs.
func (c Caller) MayGrant() error {
	if c.Role == statement.Partner {
		return ErrCollection
	}
	return nil
}

// Known is how to name the caller to others: by the account, or by the key where
// there is none.
func (c Caller) Known() id.Thumbprint {
	if c.Role == "" {
		return c.Signer()
	}
	return c.ID
}

// Account is an enrolled key.
type Account struct {
	ID        id.Thumbprint
	Role      statement.Role
	KeySHA256 [sha256.Size]byte // of its key statement
}

// Load finds an account within tx, or ErrNotFound.
func Load(ctx context.Context, tx store.Tx, who id.Thumbprint) (Account, error) {
	row, err := accountdb.New(tx).Find(ctx, string(who))
	if errors.Is(err, sql.ErrNoRows) {
		return Account{}, ErrNotFound
	}
	if err != nil {
		return Account{}, fmt.Errorf("find account: %w", err)
	}
	if len(row.KeySha256) != sha256.Size {
		return Account{}, errors.New("find account: its key statement has no hash")
	}
	return Account{who, statement.Role(row.Role), [sha256.Size]byte(row.KeySha256)}, nil
}

// Commit is called last within the transaction of an act, so that what the caller
// remembers of the answer is as durable as the act. It may run more than once, as
// transactions do. Nil remembers nothing. Acts whose answer is a receipt alone
// take a ledger.Commit instead.
type Commit[T any] func(ctx context.Context, tx store.Tx, answer T) error

// Do calls the hook, if there is one.
func (c Commit[T]) Do(ctx context.Context, tx store.Tx, answer T) error {
	if c == nil {
		return nil
	}
	return c(ctx, tx, answer)
}
