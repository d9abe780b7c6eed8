package tray

import (
	"context"
	"fmt"

	"github.com/relatingfield/vault/internal/delivery"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/testimony"
	"github.com/relatingfield/vault/internal/tray/traydb"
)

// Named finds the tray of a code, if it takes something from this partner, and
// whose it is: for a domain that will put things into it later, by its name.
func (t *Trays) Named(ctx context.Context, tx store.Tx, partner id.ID, code string) (tray id.ID, owner id.Thumbprint, err error) {
	row, err := q(tx).ByCode(ctx, traydb.ByCodeParams{CodeSha256: codeHash(partner, code), Today: t.today()})
	if err := found("find tray", err); err != nil {
		return "", "", err
	}
	return id.ID(row.ID), id.Thumbprint(row.Account), nil
}

// Batch is items that the vault wraps one after the other and that go into their
// tray together or not at all: the files of one filled form. Until Commit nothing
// names them, so a crash leaves objects at most, which are swept.
type Batch struct {
	trays *Trays
	ready []arrival
	bytes int64 // of small payloads, which wait in memory
}

// Batch begins one.
func (t *Trays) Batch() *Batch { return &Batch{trays: t} }

// Wrap wraps one item to the owner of its tray as it streams in. What it was
// encrypted to before is nobody's business here; its assurance must be FieldForm.
func (b *Batch) Wrap(ctx context.Context, d Dropped) error {
	t := b.trays
	if d.Assurance != delivery.FieldForm {
		return fmt.Errorf("%w: only forms that are encrypted already are wrapped", delivery.ErrRefused)
	}
	at, recipient, err := t.dropPlace(ctx, d)
	if err != nil {
		return err
	}
	sealed, err := t.Vault.Wrap(ctx, recipient, testimony.Arrival{Info: d.Info, Length: d.Length, Body: d.Body})
	if err != nil {
		return err
	}
	n, compact, err := t.note(d, recipient, sealed)
	if err != nil {
		return t.Payloads.Discard(ctx, sealed.Object, err)
	}
	b.ready = append(b.ready, arrival{tray: at, note: n, papers: papers{Note: compact}, header: sealed.Header, inline: sealed.Inline, object: sealed.Object})
	b.bytes += int64(len(sealed.Inline))
	return nil
}

// Held is how many bytes of the batch wait in memory.
func (b *Batch) Held() int64 { return b.bytes }

// Commit puts the items in, within one transaction. which is called first in it and
// names those that still belong in: another request may have brought the same
// meanwhile. It may run twice, like the transaction. The batch is over with it.
func (b *Batch) Commit(ctx context.Context, which func(ctx context.Context, tx store.Tx) ([]id.ID, error)) error {
	var in map[id.ID]bool
	err := b.trays.DB.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		names, err := which(ctx, tx)
		if err != nil {
			return err
		}
		in = make(map[id.ID]bool, len(names))
		for _, n := range names {
			in[n] = true
		}
		for _, a := range b.ready {
			if in[a.note.Item] {
				if err := b.trays.arrive(ctx, tx, a); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return b.Discard(ctx, err)
	}
	for _, a := range b.ready {
		if !in[a.note.Item] {
			_ = b.trays.Payloads.Discard(ctx, a.object, errUnwanted) // gives its own argument back
		}
	}
	return nil
}

var errUnwanted = fmt.Errorf("item: %w", testimony.ErrExists)

// Discard lets go of all that was wrapped, because of err, and passes err on.
func (b *Batch) Discard(ctx context.Context, err error) error {
	for _, a := range b.ready {
		err = b.trays.Payloads.Discard(ctx, a.object, err)
	}
	b.ready = nil
	return err
}
