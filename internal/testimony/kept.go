package testimony

import (
	"context"
	"errors"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/agefile"
	"github.com/relatingfield/vault/internal/blob"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/payload"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/testimony/testimonydb"
)

// Kept gives the caller the bytes of an upload that are kept so far: ciphertext, as
// it came. The caller closes it.
func (v *Vault) Kept(ctx context.Context, caller account.Caller, testimony id.ID, n int64) (*agefile.File, error) {
	var slot testimonydb.SlotContentRow
	var tail []byte
	var end int64
	err := v.DB.View(ctx, func(ctx context.Context, tx store.Tx) error {
		_, key, err := v.own(ctx, tx, caller, testimony)
		if err != nil {
			return err
		}
		if slot, err = v.slotContent(ctx, tx, testimony, n); err != nil {
			return err
		}
		if slot.Payload != nil {
			tail, err = key.Open(payloadLabel(slot.PayloadSha256), slot.Payload)
			return err
		}
		if tail, err = readTail(ctx, tx, key, testimony, n, slot.HeaderSha256); err != nil {
			return err
		}
		last, err := payload.Last(ctx, tx, id.ID(slot.Blob.String))
		end = last.End()
		return err
	})
	if err != nil {
		return nil, err
	}
	if end == 0 {
		return agefile.Partial(slot.HeaderSha256, nil, tail), nil
	}
	stored, err := v.Payloads.Open(ctx, id.ID(slot.Blob.String), end)
	if errors.Is(err, blob.ErrNotFound) { // given up since
		return nil, ErrNotFound
	}
	if errors.Is(err, blob.ErrDamaged) { // grown since
		return nil, ErrChanged
	}
	if err != nil {
		return nil, err
	}
	return agefile.Partial(slot.HeaderSha256, stored, tail), nil
}
