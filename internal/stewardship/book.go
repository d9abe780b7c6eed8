// Package stewardship keeps the vault's roster: the chain of documents, who has
// approved which, and the roster that is in force.
//
// Promises: the founding document never changes; a roster is in force from the
// instant its last needed approval is stored, in the same transaction; the
// roster that Current gives was verified from the founding document and the
// stewards' signatures, so a row written into the database by hand gives nobody
// a steward's power. Assumes: statements come from statement.Parse. Does not:
// pass proposals around. A steward who proposes a roster hands the document to
// the others outside the vault, where they can also ask why.
//
// Format of documents: package roster. Statements: docs/protocol.md section 2,
// act "roster".
package stewardship

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/journal"
	"github.com/relatingfield/vault/internal/ledger"
	"github.com/relatingfield/vault/internal/roster"
	"github.com/relatingfield/vault/internal/stewardship/stewardshipdb"
	"github.com/relatingfield/vault/internal/store"
)

// ErrNotFounded reports a database without a founding roster.
var ErrNotFounded = errors.New("this vault has not been founded: run `testimonyd found` first")

// ErrFounded reports a second founding. The id of a vault is in every key and
// statement, so there is no changing it.
var ErrFounded = fmt.Errorf("%w: this vault has been founded already, with another roster", account.ErrConflict)

// Book is the roster as it is stored. Vault, Current and Links read it; Ledger is
// needed for Approve only.
type Book struct {
	DB      *store.DB
	Ledger  *ledger.Ledger
	Journal *journal.Journal
	latest  atomic.Pointer[roster.Roster]
}

// Found stores the founding document. The same document again changes nothing,
// so a founding that was interrupted can be repeated.
func (b *Book) Found(ctx context.Context, document []byte) error {
	founding, err := roster.Verify(roster.ID(document), []roster.Link{{Document: document}})
	if err != nil {
		return fmt.Errorf("found: %w", err)
	}
	head := founding.Head()
	return b.DB.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		q := stewardshipdb.New(tx)
		stored, err := q.Founding(ctx)
		switch {
		case err == nil && string(stored) == string(document):
			return nil
		case err == nil:
			return ErrFounded
		case !errors.Is(err, sql.ErrNoRows):
			return fmt.Errorf("found: %w", err)
		}
		return q.AddRoster(ctx, stewardshipdb.AddRosterParams{Seq: 0, Sha256: head[:], Document: document})
	})
}

// Vault is the id of the vault that this database holds, or ErrNotFounded.
func (b *Book) Vault(ctx context.Context) (roster.VaultID, error) {
	var vault roster.VaultID
	err := b.DB.View(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		vault, err = founded(ctx, tx)
		return err
	})
	return vault, err
}

func founded(ctx context.Context, tx store.Tx) (roster.VaultID, error) {
	document, err := stewardshipdb.New(tx).Founding(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return roster.VaultID{}, ErrNotFounded
	}
	if err != nil {
		return roster.VaultID{}, fmt.Errorf("read founding roster: %w", err)
	}
	return roster.ID(document), nil
}

// Current is the roster in force as tx sees it. It costs one read of a hash
// while the roster stays the same.
func (b *Book) Current(ctx context.Context, tx store.Tx) (*roster.Roster, error) {
	head, err := stewardshipdb.New(tx).Newest(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrNotFounded
	}
	if err != nil {
		return nil, fmt.Errorf("read roster: %w", err)
	}
	return b.At(ctx, tx, head)
}

// Latest is the roster that was in force when this process last looked (Look); nil
// before the first look.
func (b *Book) Latest() *roster.Roster { return b.latest.Load() }

// Look finds out which roster is in force, for Latest. Another node may have changed it.
func (b *Book) Look(ctx context.Context) error {
	return b.DB.View(ctx, func(ctx context.Context, tx store.Tx) error {
		_, err := b.Current(ctx, tx)
		return err
	})
}

// At is Current for a caller that has read the newest roster's hash in a query
// of its own.
//
// The cache is safe although transactions roll back and run side by side: what
// it holds is named by its hash, which commits to the whole chain, so an entry
// can be useless for a transaction but never wrong.
func (b *Book) At(ctx context.Context, tx store.Tx, head []byte) (*roster.Roster, error) {
	if r := b.latest.Load(); r != nil && holds(r, head) {
		return r, nil
	}
	links, err := links(ctx, tx)
	if err != nil {
		return nil, err
	}
	r, err := verify(links)
	if err != nil {
		return nil, err
	}
	if !holds(r, head) {
		return nil, errors.New("read roster: the stored documents do not lead to the newest one")
	}
	b.latest.Store(r)
	return r, nil
}

func holds(r *roster.Roster, head []byte) bool {
	have := r.Head()
	return string(have[:]) == string(head)
}
