package testimony

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"slices"

	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/payload"
	"github.com/relatingfield/vault/internal/shred"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/testimony/testimonydb"
)

// step is what one transaction adds to an upload: a piece, or bytes in the tail, or
// the whole of a small payload.
type step struct {
	was    int64 // bytes kept before it
	to     int64 // and after it
	piece  *payload.Piece
	tail   []byte
	inline []byte
	sum    []byte // of the payload, when it ends here
}

// advance takes a step from where this receiver has come to, if the upload is still
// the one it began with and nobody else has added to it. Before its commit the bytes
// are not there, after it they are durable.
func (r *receiver) advance(ctx context.Context, s step) error {
	return r.v.DB.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		_, key, err := r.v.own(ctx, tx, r.caller, r.testimony)
		if err != nil {
			return err
		}
		row := testimonydb.AdvanceParams{
			Received: s.to, MovedDay: r.v.today(), PayloadSha256: s.sum, Testimony: string(r.testimony), N: r.n,
			HeaderSha256: r.slot.HeaderSha256, Nonce: r.slot.Nonce, Was: s.was,
			Blob: sql.NullString{String: string(r.payload), Valid: r.payload != ""},
		}
		if s.inline != nil {
			if row.Payload, err = key.Seal(payloadLabel(s.sum), s.inline); err != nil {
				return err
			}
		}
		changed, err := testimonydb.New(tx).Advance(ctx, row)
		if err != nil {
			return fmt.Errorf("advance upload: %w", err)
		}
		if changed == 0 {
			return r.overtaken(ctx, tx)
		}
		return r.rows(ctx, tx, key, s)
	})
}

// rows writes what belongs to a step beside the upload's own row.
func (r *receiver) rows(ctx context.Context, tx store.Tx, key *shred.Key, s step) error {
	q := testimonydb.New(tx)
	if s.inline != nil || s.piece != nil && s.piece.From < s.was {
		if err := q.DropTails(ctx, testimonydb.DropTailsParams{Testimony: string(r.testimony), N: r.n}); err != nil {
			return fmt.Errorf("drop tail: %w", err)
		}
	}
	if s.piece != nil {
		if err := payload.Append(ctx, tx, r.payload, *s.piece); err != nil {
			return err
		}
	}
	if len(s.tail) == 0 {
		return nil
	}
	return r.addTail(ctx, tx, key, s.to-int64(len(s.tail)), s.tail)
}

// addTail puts bytes behind the tail. What is in the tail already is not touched: a
// slow line costs each of its bytes once here, and once more in a piece.
func (r *receiver) addTail(ctx context.Context, tx store.Tx, key *shred.Key, from int64, tail []byte) error {
	sealed, err := key.Seal(tailLabel(r.slot.HeaderSha256, from), tail)
	if err != nil {
		return err
	}
	row := testimonydb.AddTailParams{Testimony: string(r.testimony), N: r.n, FromB: from, Tail: sealed}
	if err := testimonydb.New(tx).AddTail(ctx, row); err != nil {
		return fmt.Errorf("keep tail: %w", err)
	}
	return nil
}

// overtaken says why the upload is not where this receiver left it.
func (r *receiver) overtaken(ctx context.Context, tx store.Tx) error {
	now, err := r.v.slot(ctx, tx, r.testimony, r.n)
	if err != nil {
		return err
	}
	if !bytes.Equal(now.HeaderSha256, r.slot.HeaderSha256) || !bytes.Equal(now.Nonce, r.slot.Nonce) {
		return ErrChanged
	}
	return ErrOffset
}

// readTail gives the tail of an upload as it stands, nil when there is none.
func readTail(ctx context.Context, tx store.Tx, key *shred.Key, testimony id.ID, n int64, headerSHA256 []byte) ([]byte, error) {
	rows, err := testimonydb.New(tx).Tails(ctx, testimonydb.TailsParams{Testimony: string(testimony), N: n})
	if err != nil {
		return nil, fmt.Errorf("read tail: %w", err)
	}
	var tail [][]byte
	for _, row := range rows {
		opened, err := key.Open(tailLabel(headerSHA256, row.FromB), row.Tail)
		if err != nil {
			return nil, err
		}
		tail = append(tail, opened)
	}
	return slices.Concat(tail...), nil
}

// head is the tail that the next piece begins with.
func (r *receiver) head(ctx context.Context) (head []byte, err error) {
	if r.tail == 0 {
		return nil, nil
	}
	err = r.v.DB.View(ctx, func(ctx context.Context, tx store.Tx) error {
		_, key, err := r.v.own(ctx, tx, r.caller, r.testimony)
		if err != nil {
			return err
		}
		head, err = readTail(ctx, tx, key, r.testimony, r.n, r.slot.HeaderSha256)
		return err
	})
	if err == nil && int64(len(head)) != r.tail {
		err = r.stale(ctx)
	}
	return head, err
}

// stale is the error of a receiver that finds another tail than it left.
func (r *receiver) stale(ctx context.Context) error {
	return r.v.DB.View(ctx, func(ctx context.Context, tx store.Tx) error { return r.overtaken(ctx, tx) })
}

// tailLabel binds bytes of a tail to their upload and their place in it.
func tailLabel(headerSHA256 []byte, from int64) string {
	return fmt.Sprintf("tail %s %d", statement.B64(headerSHA256), from)
}
