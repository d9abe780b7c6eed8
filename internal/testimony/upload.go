package testimony

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"io"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/blob"
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
	HeaderSHA256  []byte
	Nonce         []byte
	PayloadSHA256 []byte
	BegunDay      int64
}

// Fill takes the payload of a begun upload: exactly the begun length, beginning
// with the begun nonce. It returns the payload's SHA-256 once it is durable. A
// body that ends early or late leaves nothing; a repetition replaces.
func (v *Vault) Fill(ctx context.Context, caller account.Caller, testimony id.ID, n int64, length int64, body io.Reader) ([32]byte, error) {
	var slot testimonydb.SlotRow
	err := v.DB.View(ctx, func(ctx context.Context, tx store.Tx) error {
		if _, _, err := v.own(ctx, tx, caller, testimony); err != nil {
			return err
		}
		var err error
		slot, err = v.slot(ctx, tx, testimony, n)
		return err
	})
	if err != nil {
		return [32]byte{}, err
	}
	if length != slot.Length {
		return [32]byte{}, fmt.Errorf("%w: %d bytes were begun, %d are sent", ErrDigest, slot.Length, length)
	}
	stored, err := v.take(ctx, body, slot)
	if err != nil {
		return [32]byte{}, err
	}
	err = v.DB.Update(ctx, func(ctx context.Context, tx store.Tx) error { return v.fill(ctx, tx, caller, testimony, slot, stored) })
	return stored.sum, v.Payloads.Discard(ctx, stored.object, err)
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

// stored is a payload that was received whole: in memory when it is small, in an
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

// take receives a payload, hashing while it is written.
func (v *Vault) take(ctx context.Context, body io.Reader, slot testimonydb.SlotRow) (stored, error) {
	head := make([]byte, nonceSize)
	if _, err := io.ReadFull(body, head); err != nil {
		return stored{}, fmt.Errorf("receive payload: %w", errors.Join(ErrDigest, err))
	}
	if !bytes.Equal(head, slot.Nonce) {
		return stored{}, fmt.Errorf("%w: the payload does not begin with the nonce that was begun", ErrDigest)
	}
	whole := io.MultiReader(bytes.NewReader(head), body)
	if slot.Length <= v.Limits.InlineMax {
		return takeInline(whole, slot.Length)
	}
	return v.takeObject(ctx, whole, slot.Length)
}

func takeInline(body io.Reader, length int64) (stored, error) {
	b := make([]byte, length)
	if _, err := io.ReadFull(body, b); err != nil {
		return stored{}, fmt.Errorf("receive payload: %w", err)
	}
	return stored{sum: sha256.Sum256(b), length: length, inline: b}, nil
}

func (v *Vault) takeObject(ctx context.Context, body io.Reader, length int64) (stored, error) {
	key, err := id.New(v.Rand)
	if err != nil {
		return stored{}, err
	}
	h := blob.NewHashing(body)
	defer h.Close()
	if err := v.Payloads.Blobs.Put(ctx, key, length, h); err != nil {
		return stored{}, fmt.Errorf("store payload: %w", err)
	}
	sum, err := h.Sum()
	return stored{sum: sum, length: length, object: key}, err
}

// fill names the stored payload in its slot, if the slot is still the one that
// was begun.
func (v *Vault) fill(ctx context.Context, tx store.Tx, caller account.Caller, testimony id.ID, begun testimonydb.SlotRow, s stored) error {
	_, key, err := v.own(ctx, tx, caller, testimony)
	if err != nil {
		return err
	}
	now, err := v.slot(ctx, tx, testimony, begun.N)
	if err != nil {
		return err
	}
	if err := v.release(ctx, tx, caller.ID, now.Length, now.PayloadSha256 != nil, now.Blob); err != nil {
		return err
	}
	if err := account.Charge(ctx, tx, caller.ID, begun.Length, v.Limits.Bytes); err != nil {
		return err
	}
	name, err := v.name(ctx, tx, s)
	if err != nil {
		return err
	}
	row := testimonydb.FillSlotParams{
		PayloadSha256: s.sum[:], Blob: name, Testimony: string(testimony), N: begun.N,
		HeaderSha256: begun.HeaderSha256, Nonce: begun.Nonce,
	}
	if s.inline != nil {
		if row.Payload, err = key.Seal(payloadLabel(s.sum[:]), s.inline); err != nil {
			return err
		}
	}
	changed, err := testimonydb.New(tx).FillSlot(ctx, row)
	if err != nil {
		return fmt.Errorf("store payload: %w", err)
	}
	if changed == 0 {
		return ErrChanged
	}
	return nil
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
	q := testimonydb.New(tx)
	slot, err := q.SlotContent(ctx, testimonydb.SlotContentParams{Testimony: string(testimony), N: n})
	if errors.Is(err, sql.ErrNoRows) {
		return slot, ErrNotFound
	}
	if err != nil {
		return slot, fmt.Errorf("find upload: %w", err)
	}
	if slot.PayloadSha256 == nil {
		return slot, ErrMissing
	}
	same := slot.Length == b.Length && bytes.Equal(slot.PayloadSha256, hash(b.PayloadSHA256)) && bytes.Equal(slot.HeaderSha256, hash(b.HeaderSHA256))
	if !same {
		return slot, ErrDigest
	}
	if err := q.DropSlot(ctx, testimonydb.DropSlotParams{Testimony: string(testimony), N: n}); err != nil {
		return slot, fmt.Errorf("adopt upload: %w", err)
	}
	return slot, nil
}
