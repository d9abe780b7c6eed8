package tray

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/delivery"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/payload"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/testimony"
	"github.com/relatingfield/vault/internal/tray/traydb"
)

// mostArriving bounds how many large items of one partner are on their way.
const mostArriving = 1000

// Begin opens the way for a large item, whose payload follows by Receive. All that
// can be checked before its first byte is checked now, and its room is charged. The
// same item with the same note again goes on where it stands; s.Body is not read.
func (t *Trays) Begin(ctx context.Context, by Bringer, s Sealed) error {
	n, err := t.checkSealed(ctx, by, s)
	if err != nil {
		return err
	}
	at, done, err := t.place(ctx, by, s.Code, s.Note, n)
	if err != nil || done {
		return err
	}
	err = t.DB.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		there, err := t.begunBefore(ctx, tx, by, s)
		if err != nil || there {
			return err
		}
		return t.begin(ctx, tx, by, arrival{tray: at, note: n, papers: papers{Note: s.Note, Erasure: s.Erasure}, header: s.Header})
	})
	if errors.Is(err, store.ErrConflict) { // begun twice at once
		err = fmt.Errorf("item %s: %w", n.Item, testimony.ErrExists)
	}
	return err
}

// begunBefore tells whether this very item is on its way already.
func (t *Trays) begunBefore(ctx context.Context, tx store.Tx, by Bringer, s Sealed) (bool, error) {
	row, err := q(tx).BegunBefore(ctx, traydb.BegunBeforeParams{Partner: string(by.Partner), Named: string(s.Item)})
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("find arrival: %w", err)
	}
	noteSum := sha256.Sum256([]byte(s.Note))
	if row.Client != string(by.Client) || !bytes.Equal(row.NoteSha256, noteSum[:]) {
		return false, fmt.Errorf("item %s: %w", s.Item, testimony.ErrExists)
	}
	return true, nil
}

func (t *Trays) begin(ctx context.Context, tx store.Tx, by Bringer, a arrival) error {
	if err := t.may(ctx, tx, a.tray, a.note); err != nil {
		return err
	}
	if err := t.checkClaim(ctx, tx, a.note, a.papers.Erasure); err != nil {
		return err
	}
	many, err := q(tx).CountArriving(ctx, string(by.Partner))
	if err != nil {
		return fmt.Errorf("count arrivals: %w", err)
	}
	if many >= mostArriving {
		return &account.Quota{Of: "items on their way", Limit: mostArriving}
	}
	if _, err := t.charge(ctx, tx, by.Partner, a.note.Length); err != nil {
		return err
	}
	return t.writeArrival(ctx, tx, by, a)
}

func (t *Trays) writeArrival(ctx context.Context, tx store.Tx, by Bringer, a arrival) error {
	name, err := id.New(t.Rand)
	if err != nil {
		return err
	}
	object, err := id.New(t.Rand)
	if err != nil {
		return err
	}
	key, err := t.Keys.Create(ctx, tx, name)
	if err != nil {
		return err
	}
	noteSum := sha256.Sum256([]byte(a.papers.Note))
	row := traydb.BeginParams{ID: string(name), Partner: string(by.Partner), Client: string(by.Client), Named: string(a.note.Item), Tray: string(a.tray.tray),
		MovedDay: t.today(), Length: a.note.Length, HeaderSha256: hash(a.note.HeaderSHA256), NoteSha256: noteSum[:], Blob: string(object)}
	if row.Header, err = key.Seal(headerLabel(row.HeaderSha256), a.header); err != nil {
		return err
	}
	if row.Papers, err = sealPapers(key, a.papers); err != nil {
		return err
	}
	if err := q(tx).Begin(ctx, row); err != nil {
		return fmt.Errorf("begin arrival: %w", err)
	}
	return nil
}

// arriving finds an item on its way, of this very client, to a tray that still takes
// something.
func (t *Trays) arriving(ctx context.Context, tx store.Tx, by Bringer, item id.ID) (traydb.ArrivingRow, error) {
	row, err := q(tx).Arriving(ctx, traydb.ArrivingParams{Partner: string(by.Partner), Named: string(item), Today: t.today()})
	if err := found("find arrival", err); err != nil {
		return row, err
	}
	if row.Client != string(by.Client) {
		return row, ErrNotFound
	}
	return row, t.live(ctx, tx, by.Partner)
}

// Progress says how far a large item has come: one that has come whole, and waits,
// is there to its end.
func (t *Trays) Progress(ctx context.Context, by Bringer, item id.ID) (p testimony.Progress, err error) {
	err = t.DB.View(ctx, func(ctx context.Context, tx store.Tx) error {
		row, err := t.arriving(ctx, tx, by, item)
		if errors.Is(err, ErrNotFound) {
			p, err = t.arrived(ctx, tx, by, item)
			return err
		}
		p = testimony.Progress{Received: row.Received, Length: row.Length, HeaderSHA256: row.HeaderSha256, MovedDay: row.MovedDay}
		return err
	})
	return p, err
}

func (t *Trays) arrived(ctx context.Context, tx store.Tx, by Bringer, item id.ID) (p testimony.Progress, err error) {
	row, err := q(tx).Named(ctx, traydb.NamedParams{Partner: string(by.Partner), Named: string(item)})
	if err := found("find delivery", err); err != nil {
		return p, err
	}
	sums, err := q(tx).WaitingDigests(ctx, row.Item)
	if err := found("find item", err); err != nil {
		return p, err
	}
	return testimony.Progress{Received: row.Length, Length: row.Length, HeaderSHA256: sums.HeaderSha256, PayloadSHA256: sums.PayloadSha256}, nil
}

// GiveUp destroys what has come of a large item. What has come whole is not touched:
// it is hers to take or to refuse.
func (t *Trays) GiveUp(ctx context.Context, by Bringer, item id.ID) error {
	err := t.DB.Insist(ctx, func(ctx context.Context, tx store.Tx) error { return t.giveUp(ctx, tx, by, item) })
	if err != nil {
		return err
	}
	t.Payloads.Reap(ctx)
	return nil
}

func (t *Trays) giveUp(ctx context.Context, tx store.Tx, by Bringer, item id.ID) error {
	row, err := q(tx).GiveUp(ctx, traydb.GiveUpParams{Partner: string(by.Partner), Named: string(item), Client: string(by.Client)})
	if err := found("give up arrival", err); err != nil {
		return err
	}
	if err := payload.Doom(ctx, tx, id.ID(row.Blob)); err != nil {
		return err
	}
	if _, err := t.charge(ctx, tx, by.Partner, -row.Length); err != nil {
		return err
	}
	return t.Keys.Destroy(ctx, tx, id.ID(row.ID))
}

// stale gives up what nobody has gone on with for as long as items are kept.
func (t *Trays) stale(ctx context.Context, tx store.Tx) (int, error) {
	rows, err := q(tx).Stale(ctx, traydb.StaleParams{Before: t.today() - int64(t.Limits.Unfinished.Seconds()), Page: page})
	if err != nil {
		return 0, err
	}
	for _, r := range rows {
		err := t.giveUp(ctx, tx, Bringer{Partner: id.ID(r.Partner), Client: id.ID(r.Client)}, id.ID(r.Named))
		if err != nil && !errors.Is(err, ErrNotFound) { // gone on with, or given up, meanwhile
			return 0, err
		}
	}
	return len(rows), nil
}

// openArrival opens what was kept of an item at its begin.
func (t *Trays) openArrival(ctx context.Context, tx store.Tx, row traydb.ArrivingRow) (a arrival, err error) {
	key, err := t.Keys.Load(ctx, tx, id.ID(row.ID))
	if err != nil {
		return a, err
	}
	a = arrival{tray: place{tray: id.ID(row.Tray), owner: id.Thumbprint(row.Account)}, payload: id.ID(row.Blob), charged: true}
	var n *delivery.Note
	if a.papers, n, err = openPapers(key, row.Papers); err != nil {
		return a, err
	}
	a.note = n
	a.header, err = key.Open(headerLabel(row.HeaderSha256), row.Header)
	return a, err
}
