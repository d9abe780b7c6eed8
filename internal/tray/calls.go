package tray

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/relatingfield/vault/internal/delivery"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/shred"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/tray/traydb"
)

// Calls gives the consultations in which parts of a testimony are counted already: by
// the notes under which they came, by what was counted of those deliveries, and by the
// testimonies that they replace. A name may come twice.
func (t *Trays) Calls(ctx context.Context, tx store.Tx, testimony id.ID) (out []id.ID, err error) {
	key, err := t.Keys.Load(ctx, tx, testimony)
	if errors.Is(err, shred.ErrShredded) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	origins, err := Origins(ctx, tx, testimony, key)
	if err != nil {
		return nil, err
	}
	for _, o := range origins {
		row, err := q(tx).CallsOf(ctx, traydb.CallsOfParams{Partner: string(o.Said.Partner), Named: string(o.Said.Item)})
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return nil, fmt.Errorf("find where a delivery is counted: %w", err)
		}
		for _, name := range []id.ID{o.Said.Consultation, id.ID(row.Own.String), id.ID(row.OfReplaced.String)} {
			if name != "" {
				out = append(out, name)
			}
		}
	}
	return out, nil
}

// countedIn is the consultation in which a delivery is counted: the one that its note
// names, unless what it replaces is counted there by deliveries of its own. Of those
// nothing in the database says afterwards what they became.
func (t *Trays) countedIn(ctx context.Context, tx store.Tx, n *delivery.Note) (sql.NullString, error) {
	if n.Consultation == "" || n.Replaces.Testimony == "" {
		return nullable(n.Consultation), nil
	}
	counted, err := t.Calls(ctx, tx, n.Replaces.Testimony)
	if err != nil || slices.Contains(counted, n.Consultation) {
		return sql.NullString{}, err
	}
	return nullable(n.Consultation), nil
}

// deliver writes down that an item was brought.
func (t *Trays) deliver(ctx context.Context, tx store.Tx, a arrival, change int64) error {
	call, err := t.countedIn(ctx, tx, a.note)
	if err != nil {
		return err
	}
	noteSum := sha256.Sum256([]byte(a.papers.Note))
	err = q(tx).Deliver(ctx, traydb.DeliverParams{Item: string(a.name()), Named: string(a.note.Item), Partner: string(a.note.Partner), Change: change, Day: t.today(),
		Length: a.note.Length, NoteSha256: noteSum[:], Consultation: call,
		Replaces: nullable(a.note.Replaces.Testimony), ReplacesN: a.note.Replaces.N})
	if err != nil {
		return fmt.Errorf("write delivery: %w", err)
	}
	return nil
}

// countWith leaves the counting of an item to the testimony that it becomes a part of,
// where that one belongs to the same consultation.
func (t *Trays) countWith(ctx context.Context, tx store.Tx, item, testimony id.ID) error {
	if err := q(tx).CountWith(ctx, traydb.CountWithParams{Item: string(item), Testimony: string(testimony)}); err != nil {
		return fmt.Errorf("count an item with its testimony: %w", err)
	}
	return nil
}
