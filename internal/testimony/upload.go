package testimony

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/custody"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/ledger"
	"github.com/relatingfield/vault/internal/payload"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/testimony/testimonydb"
)

// nonceSize is the length of the payload nonce, the first bytes of a payload.
const nonceSize = 16

// Slot is an upload that was begun. PayloadSHA256 is nil until its payload has
// arrived whole.
type Slot struct {
	N             int64
	Length        int64
	Received      int64 // bytes that are kept
	HeaderSHA256  []byte
	Header        []byte // hers
	Nonce         []byte
	PayloadSHA256 []byte
	BegunDay      int64
}

func (v *Vault) slot(ctx context.Context, tx store.Tx, testimony id.ID, n int64) (testimonydb.SlotRow, error) {
	slot, err := testimonydb.New(tx).Slot(ctx, testimonydb.SlotParams{Testimony: string(testimony), N: n})
	if errors.Is(err, sql.ErrNoRows) {
		return slot, ErrNotFound
	}
	if err != nil {
		return slot, fmt.Errorf("find upload: %w", err)
	}
	return slot, nil
}

// stored is a payload that was sealed here: in memory when it is small, in an
// object, unnamed, when it is large.
type stored struct {
	sum    [32]byte
	length int64
	inline []byte
	object id.ID
}

// name makes the object the one piece of a payload and gives the payload's name;
// a small payload has none.
func (v *Vault) name(ctx context.Context, tx store.Tx, s stored) (sql.NullString, error) {
	if s.object == "" {
		return sql.NullString{}, nil
	}
	name, err := id.New(v.Rand)
	if err != nil {
		return sql.NullString{}, err
	}
	return sql.NullString{String: string(name), Valid: true}, payload.Append(ctx, tx, name, payload.Piece{Length: s.length, Blob: s.object})
}

// Add makes the payload that lies in a slot a part.
func (v *Vault) Add(ctx context.Context, caller account.Caller, testimony id.ID, n int64, compact string, commit ledger.Commit) (ledger.Accepted, error) {
	s, body, err := ledger.Take[*statement.Add](v.Ledger, caller.Signer(), compact)
	if err != nil {
		return ledger.Accepted{}, err
	}
	if body.Testimony != testimony || body.N != n {
		return ledger.Accepted{}, fmt.Errorf("%w: it names another part", statement.ErrRefused)
	}
	err = v.DB.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		if err := v.add(ctx, tx, caller, body, s); err != nil {
			return err
		}
		return commit.Do(ctx, tx, s)
	})
	return s.Accepted(), err
}

func (v *Vault) add(ctx context.Context, tx store.Tx, caller account.Caller, body *statement.Add, s *ledger.Taken) error {
	_, key, err := v.own(ctx, tx, caller, body.Testimony)
	if err != nil {
		return err
	}
	slot, err := v.takeSlot(ctx, tx, body.Testimony, body.N, body.Binding())
	if err != nil {
		return err
	}
	err = v.insert(ctx, tx, testimonydb.AddPartParams{
		Testimony: string(body.Testimony), N: body.N, State: "hers", Classic: slot.Classic, Length: slot.Length,
		PayloadSha256: slot.PayloadSha256, Commitment: hash(body.Commit), HeaderSha256: slot.HeaderSha256,
		Blob: slot.Blob, Header: slot.Header, Payload: slot.Payload,
	})
	if err != nil {
		return err
	}
	return v.record(ctx, tx, caller, body.Testimony, key, act{s, custody.Added, body.N})
}

// takeSlot removes a filled slot and hands over what it held, which must be what
// she signed.
func (v *Vault) takeSlot(ctx context.Context, tx store.Tx, testimony id.ID, n int64, b statement.Binding) (testimonydb.SlotContentRow, error) {
	slot, err := v.slotContent(ctx, tx, testimony, n)
	if err != nil {
		return slot, err
	}
	if slot.PayloadSha256 == nil {
		return slot, ErrMissing
	}
	same := slot.Length == b.Length && bytes.Equal(slot.PayloadSha256, hash(b.PayloadSHA256)) && bytes.Equal(slot.HeaderSha256, hash(b.HeaderSHA256))
	if !same {
		return slot, ErrDigest
	}
	if err := testimonydb.New(tx).DropSlot(ctx, testimonydb.DropSlotParams{Testimony: string(testimony), N: n}); err != nil {
		return slot, fmt.Errorf("adopt upload: %w", err)
	}
	return slot, nil
}

func (v *Vault) slotContent(ctx context.Context, tx store.Tx, testimony id.ID, n int64) (testimonydb.SlotContentRow, error) {
	slot, err := testimonydb.New(tx).SlotContent(ctx, testimonydb.SlotContentParams{Testimony: string(testimony), N: n})
	if errors.Is(err, sql.ErrNoRows) {
		return slot, ErrNotFound
	}
	if err != nil {
		return slot, fmt.Errorf("find upload: %w", err)
	}
	return slot, nil
}
