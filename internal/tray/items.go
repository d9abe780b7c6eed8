package tray

import (
	"context"
	"errors"
	"fmt"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/agefile"
	"github.com/relatingfield/vault/internal/blob"
	"github.com/relatingfield/vault/internal/delivery"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/shred"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/tray/traydb"
)

// Item is what waits for the caller, as its note has it. All of it is the note's
// word: her client verifies it before it shows anything.
type Item struct {
	ID         id.ID
	Tray       id.ID
	ArrivedDay int64
	Until      int64 // the first day on which it is gone
	Note       string
	Said       *delivery.Note
}

// Items gives at most limit of what waits for the caller behind one.
func (t *Trays) Items(ctx context.Context, caller account.Caller, after id.ID, limit int64) (out []Item, err error) {
	err = t.DB.View(ctx, func(ctx context.Context, tx store.Tx) error {
		out = nil
		rows, err := q(tx).Items(ctx, traydb.ItemsParams{Account: string(caller.ID), Today: t.today(), After: string(after), Page: limit})
		if err != nil {
			return fmt.Errorf("list items: %w", err)
		}
		for _, r := range rows {
			key, err := t.Keys.Of(r.ShredKey)
			if err != nil {
				return err
			}
			p, n, err := openPapers(key, r.Papers)
			if err != nil {
				return err
			}
			out = append(out, Item{ID: id.ID(r.ID), Tray: id.ID(r.Tray), ArrivedDay: r.ArrivedDay, Until: r.UntilDay, Note: p.Note, Said: n})
		}
		return nil
	})
	return out, err
}

// waiting is an item with what it has sealed, opened under its shred key.
type waiting struct {
	traydb.ItemRow
	papers  papers
	note    *delivery.Note
	header  []byte
	payload []byte // where it is small
}

// own finds an item of the caller's.
func (t *Trays) own(ctx context.Context, tx store.Tx, caller account.Caller, item id.ID) (*waiting, error) {
	row, err := q(tx).Item(ctx, traydb.ItemParams{ID: string(item), Account: string(caller.ID), Today: t.today()})
	if err := found("find item", err); err != nil {
		return nil, err
	}
	key, err := t.Keys.Load(ctx, tx, item)
	if errors.Is(err, shred.ErrShredded) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	w := &waiting{ItemRow: row}
	if w.papers, w.note, err = openPapers(key, row.Papers); err != nil {
		return nil, err
	}
	if w.header, err = key.Open(headerLabel(row.HeaderSha256), row.Header); err != nil || row.Blob.Valid {
		return w, err
	}
	w.payload, err = key.Open(payloadLabel(row.PayloadSha256), row.Payload)
	return w, err
}

func (w *waiting) binding() statement.Binding {
	return statement.Binding{Length: w.Length, PayloadSHA256: statement.B64(w.PayloadSha256), Commit: statement.B64(w.Commitment), HeaderSHA256: statement.B64(w.HeaderSha256)}
}

// Content gives an item of the caller's as an age file. The caller closes it.
func (t *Trays) Content(ctx context.Context, caller account.Caller, item id.ID) (*agefile.File, error) {
	var w *waiting
	err := t.DB.View(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		w, err = t.own(ctx, tx, caller, item)
		return err
	})
	if err != nil {
		return nil, err
	}
	if !w.Blob.Valid {
		return agefile.Inline(w.header, w.payload, w.PayloadSha256), nil
	}
	stored, err := t.Payloads.Open(ctx, id.ID(w.Blob.String), w.Length)
	if errors.Is(err, blob.ErrNotFound) { // adopted or refused since
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	return agefile.Stored(w.header, stored, w.PayloadSha256), nil
}
