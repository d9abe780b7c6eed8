package tray

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/inflow"
	"github.com/relatingfield/vault/internal/payload"
	"github.com/relatingfield/vault/internal/shred"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/testimony"
	"github.com/relatingfield/vault/internal/tray/traydb"
)

const (
	// Buffer is the least that is kept of an item at a time, but for its end: what a
	// line that broke had brought behind the last piece, and is less, is sent again.
	// So an item has pieces in proportion to its length, however often its line
	// breaks.
	Buffer = 256 << 10
	// pieceMost is the most that one object holds, and with it what a node that dies
	// may cost.
	pieceMost = 16 << 20
	// checkpoint is how long bytes wait to be made durable.
	checkpoint = 3 * time.Second
)

// Receive takes the next bytes of an item that was begun: as many as come, at most
// what is still missing. What it has told by Progress is durable. The last byte makes
// the item wait in its tray, in the transaction that keeps it; if they are not the
// bytes that the note is of, all of them go.
//
// The bytes must be the next ones, or it is testimony.ErrOffset. Of two writers one
// goes on, and the other ends with ErrOffset at its next piece.
func (t *Trays) Receive(ctx context.Context, by Bringer, item id.ID, in testimony.Incoming) error {
	r := &receiver{t: t, by: by, item: item, in: in}
	if err := r.begin(ctx); err != nil {
		return fmt.Errorf("receive item: %w", err)
	}
	if r.at == r.row.Length {
		return nil
	}
	// What came is kept also when the client has gone, which ends its context.
	if err := r.run(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("receive item: %w", err)
	}
	return nil
}

// receiver is one Receive.
type receiver struct {
	t      *Trays
	by     Bringer
	item   id.ID
	in     testimony.Incoming
	row    traydb.ArrivingRow // as it was found
	line   *inflow.Line
	digest *inflow.Digest
	at     int64
}

// begin finds out where the item stands, before anything is read.
func (r *receiver) begin(ctx context.Context) error {
	return r.t.DB.View(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		r.row, err = r.t.arriving(ctx, tx, r.by, r.item)
		if errors.Is(err, ErrNotFound) { // whole already, or none
			p, err := r.t.arrived(ctx, tx, r.by, r.item)
			r.row.Length, r.at = p.Length, p.Length
			return err
		}
		if err != nil {
			return err
		}
		if r.in.HeaderSHA256 != nil && !bytes.Equal(r.in.HeaderSHA256, r.row.HeaderSha256) {
			return testimony.ErrChanged
		}
		if r.in.Offset != r.row.Received {
			return testimony.ErrOffset
		}
		last, err := payload.Last(ctx, tx, id.ID(r.row.Blob))
		if err != nil {
			return err
		}
		r.at = r.row.Received
		r.digest, err = inflow.NewDigest(last.Digest, r.at)
		return err
	})
}

func (r *receiver) run(ctx context.Context) error {
	r.line = inflow.NewLine(&r.t.buffers, r.in.Body, r.row.Length-r.at, r.in.Hang)
	defer r.line.Close()
	for r.at < r.row.Length {
		ready, ended := r.line.Wait(int(min(Buffer, r.row.Length-r.at)), nil)
		if ended && int64(ready) < min(Buffer, r.row.Length-r.at) {
			return r.rest() // too little for a piece, and no more comes
		}
		if err := r.keep(ctx, ready); err != nil {
			return err
		}
	}
	return r.line.Err()
}

// rest says how the line ended. What it left is not kept; a body that is not what it
// says is told of all the same.
func (r *receiver) rest() error {
	if err := r.line.Err(); err != nil || r.in.Verify == nil {
		return err
	}
	return r.in.Verify()
}

// keep makes an object of what comes, and then a piece of the object.
func (r *receiver) keep(ctx context.Context, ready int) error {
	object, err := id.New(r.t.Rand)
	if err != nil {
		return err
	}
	due, cancel := context.WithTimeout(ctx, checkpoint)
	defer cancel()
	if r.in.Verify != nil { // it is kept as a whole or not at all
		due = ctx
	}
	b := inflow.Bounds{Ready: int64(ready), Most: r.most()}
	b.Whole = r.at+b.Most == r.row.Length
	piece := inflow.NewPiece(r.line, r.digest, nil, b, due.Done())
	n, err := r.t.Payloads.Blobs.PutSome(ctx, object, piece.Most(), piece)
	if err != nil {
		return fmt.Errorf("store piece: %w", err)
	}
	if err := r.verify(); err != nil {
		return r.t.Payloads.Discard(ctx, object, err)
	}
	err = r.name(ctx, object, n, piece)
	return r.t.Payloads.Discard(ctx, object, err)
}

// most is how much the next piece may take. What would be left and is no piece of its
// own goes with it.
func (r *receiver) most() int64 {
	if left := r.row.Length - r.at; left < pieceMost+Buffer {
		return left
	}
	return pieceMost
}

// verify holds a body against its checksum once it has ended.
func (r *receiver) verify() error {
	if r.in.Verify == nil {
		return nil
	}
	if ready, _ := r.line.Wait(inflow.Block, nil); ready >= inflow.Block {
		return fmt.Errorf("%w: what is to be verified has at most %d bytes at a time", testimony.ErrLimit, int64(pieceMost))
	}
	return r.in.Verify()
}

// name puts a stored piece behind those before it.
func (r *receiver) name(ctx context.Context, object id.ID, n int64, piece *inflow.Piece) error {
	state, sum, err := piece.State()
	if err != nil {
		return fmt.Errorf("hash piece: %w", err)
	}
	p := payload.Piece{From: r.at, Length: n, Blob: object, Digest: state}
	if r.at+n == r.row.Length {
		p.Digest = nil // the digest of the whole says it, and a state would hold the last bytes
		return r.finish(ctx, p, sum[:])
	}
	err = r.t.DB.Update(ctx, func(ctx context.Context, tx store.Tx) error { return r.append(ctx, tx, p) })
	r.at += n
	return err
}

// append keeps a piece, if nobody has come before.
func (r *receiver) append(ctx context.Context, tx store.Tx, p payload.Piece) error {
	changed, err := q(tx).Advance(ctx, traydb.AdvanceParams{Received: p.End(), MovedDay: r.t.today(), ID: r.row.ID, Was: p.From})
	if err != nil {
		return fmt.Errorf("advance arrival: %w", err)
	}
	if changed == 0 {
		return testimony.ErrOffset
	}
	return payload.Append(ctx, tx, id.ID(r.row.Blob), p)
}

// finish makes an item of what has come whole: from then on it waits in its tray, and
// of how it came only pieces are left. A crash before its commit leaves all but the
// last piece, and after it everything.
func (r *receiver) finish(ctx context.Context, p payload.Piece, sum []byte) error {
	var a arrival
	err := r.t.DB.View(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		a, err = r.t.openArrival(ctx, tx, r.row)
		return err
	})
	if errors.Is(err, shred.ErrShredded) { // another line was faster, to the end
		return testimony.ErrOffset
	}
	if err != nil {
		return err
	}
	if a.note.PayloadSHA256 != statement.B64(sum) {
		return errors.Join(fmt.Errorf("payload: %w", testimony.ErrDigest), r.t.GiveUp(ctx, r.by, r.item))
	}
	// The digest goes by what came: an object that was lost since it would not notice.
	if err := r.t.Payloads.Stands(ctx, a.payload, p.From); err != nil {
		return fmt.Errorf("what came before: %w", err)
	}
	err = r.t.land(ctx, a, func(ctx context.Context, tx store.Tx) error {
		if err := r.append(ctx, tx, p); err != nil {
			return err
		}
		if _, err := q(tx).GiveUp(ctx, traydb.GiveUpParams{Partner: string(r.by.Partner), Named: string(r.item), Client: string(r.by.Client)}); err != nil {
			return fmt.Errorf("end arrival: %w", err)
		}
		return r.t.Keys.Destroy(ctx, tx, id.ID(r.row.ID))
	})
	if err == nil {
		r.at = r.row.Length
	}
	return err
}
