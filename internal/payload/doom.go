package payload

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/payload/payloaddb"
	"github.com/relatingfield/vault/internal/store"
)

// Doom lets go of a payload: its pieces end with the transaction, and their objects
// when they are reaped.
func Doom(ctx context.Context, tx store.Tx, payload id.ID) error { return DoomOf(ctx, tx, payload, "") }

// DoomOf is Doom for what is left of a testimony that is being erased, so that Left
// can tell whether something is still there.
func DoomOf(ctx context.Context, tx store.Tx, payload, testimony id.ID) error {
	pieces, err := Pieces(ctx, tx, payload)
	if err != nil {
		return err
	}
	for _, p := range pieces {
		if err := doomPiece(ctx, tx, p, testimony); err != nil {
			return err
		}
	}
	if err := payloaddb.New(tx).Drop(ctx, string(payload)); err != nil {
		return fmt.Errorf("drop pieces: %w", err)
	}
	return nil
}

// Cut lets go of the pieces of a payload that begin at from or behind it.
func Cut(ctx context.Context, tx store.Tx, payload id.ID, from int64) error {
	pieces, err := Pieces(ctx, tx, payload)
	if err != nil {
		return err
	}
	for _, p := range pieces {
		if p.From < from {
			continue
		}
		if err := doomPiece(ctx, tx, p, ""); err != nil {
			return err
		}
	}
	if err := payloaddb.New(tx).DropFrom(ctx, payloaddb.DropFromParams{Payload: string(payload), FromB: from}); err != nil {
		return fmt.Errorf("drop pieces: %w", err)
	}
	return nil
}

func doomPiece(ctx context.Context, tx store.Tx, p Piece, testimony id.ID) error {
	if err := DoomObject(ctx, tx, Doomed{Object: p.Blob, Testimony: testimony}); err != nil {
		return err
	}
	if p.Second == "" {
		return nil
	}
	return DoomObject(ctx, tx, Doomed{Object: p.Second, Second: true, Testimony: testimony})
}

// Doomed is an object that is to be deleted.
type Doomed struct {
	Object    id.ID
	Second    bool  // it lies in the second store
	Hold      int64 // not before then (Unix seconds); until then it may still be being written
	Testimony id.ID // that it is left of when this one is erased; may be empty
}

// DoomObject dooms one object, which no piece names or will name when the
// transaction ends.
//
// An object may be doomed before it is written, and pardoned in the transaction that
// names it: then no crash, and no erasure that happens meanwhile, leaves it behind.
func DoomObject(ctx context.Context, tx store.Tx, d Doomed) error {
	second := int64(0)
	if d.Second {
		second = 1
	}
	err := payloaddb.New(tx).Doom(ctx, payloaddb.DoomParams{Blob: string(d.Object), Second: second, HoldS: d.Hold,
		Testimony: sql.NullString{String: string(d.Testimony), Valid: d.Testimony != ""}})
	if err != nil {
		return fmt.Errorf("doom object: %w", err)
	}
	return nil
}

// Skew is how far the clocks of two nodes may be apart, in seconds.
const Skew = 300

// ErrTooLate reports an object whose time to be written has passed.
var ErrTooLate = errors.New("writing it took too long, and it is being deleted")

// Pardon takes an object out of those that are doomed: a piece names it now. Who
// deletes does not begin before Hold, so an object is pardoned only while that is
// ahead by whatever two clocks may differ.
func Pardon(ctx context.Context, tx store.Tx, object id.ID, now int64) error {
	n, err := payloaddb.New(tx).Pardon(ctx, payloaddb.PardonParams{Blob: string(object), NowS: now + Skew})
	if err != nil {
		return fmt.Errorf("pardon object: %w", err)
	}
	if n == 0 {
		return fmt.Errorf("pardon object: %w", ErrTooLate)
	}
	return nil
}

// Release says that nobody writes a doomed object any more.
func Release(ctx context.Context, tx store.Tx, object id.ID) error {
	if err := payloaddb.New(tx).Release(ctx, string(object)); err != nil {
		return fmt.Errorf("release object: %w", err)
	}
	return nil
}

// Left says whether objects of an erased testimony are still to be deleted, because
// a store does not answer or one of them was being written.
func (p *Payloads) Left(ctx context.Context, testimony id.ID) (left bool, err error) {
	err = p.DB.View(ctx, func(ctx context.Context, tx store.Tx) error {
		n, err := payloaddb.New(tx).LeftOf(ctx, string(testimony))
		left = n > 0
		return err
	})
	if err != nil {
		return false, fmt.Errorf("look what is left: %w", err)
	}
	return left, nil
}
