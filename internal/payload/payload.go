// Package payload keeps the payloads that are too large for a row.
//
// A payload is a row of pieces, each an object of the store, that follow each
// other without a gap. It grows at its end only, by whole pieces, and goes as a
// whole. What it holds is ciphertext, and what it means is known to whoever names
// it: a part, or an upload under way.
//
// Promises: a piece is named only after its object is durable, and an object is
// deleted only after no piece names it, so a crash leaves an object without a
// piece at most, which Sweep finds. What is doomed goes, however often deleting
// fails. A file is either the bytes that were stored or an error.
//
// Where there is a second store, a piece may have a copy there, under a name of its
// own, so that deleting one object never deletes the other. Package fixity makes
// the copies; what is doomed goes from both stores.
//
// Assumes that its caller has decided who may do this. Does not know digests of
// payloads: who needs to know whether a piece is what it was asks package fixity.
package payload

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/relatingfield/vault/internal/blob"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/payload/payloaddb"
	"github.com/relatingfield/vault/internal/store"
)

// Payloads is the payloads of one vault.
type Payloads struct {
	DB     *store.DB
	Blobs  blob.Store
	Second blob.Store // holds copies; nil for none
	Now    func() time.Time
	Log    *slog.Logger

	// Suspect is told of an object that a reader found missing, short or damaged,
	// and must not wait for anything. nil for nobody.
	Suspect func(object id.ID)

	buffers sync.Pool // of *[copySize]byte
}

// Piece is a stretch of a payload in an object of its own.
type Piece struct {
	From   int64 // where in the payload
	Length int64 // at least 1
	Blob   id.ID // the object
	// Digest is the state of SHA-256 over the payload up to the end of this piece,
	// as crypto/sha256 marshals it, so that the next bytes can be hashed from here
	// and each piece be checked alone. nil where it is not known: for a piece that
	// is the whole payload, whose digest stands beside the payload's name.
	Digest []byte
	Second id.ID // the object of the second store that holds the copy; empty for none
}

// End is where the next piece begins.
func (p Piece) End() int64 { return p.From + p.Length }

// Append adds a piece, whose object is durable, behind those there are. That it
// begins where they end is the caller's to know; two that begin at one place are a
// store.ErrConflict.
func Append(ctx context.Context, tx store.Tx, payload id.ID, p Piece) error {
	err := payloaddb.New(tx).AddPiece(ctx, payloaddb.AddPieceParams{Payload: string(payload), FromB: p.From, Length: p.Length, Blob: string(p.Blob), Digest: p.Digest})
	if err != nil {
		return fmt.Errorf("append piece: %w", err)
	}
	return nil
}

// Pieces lists the pieces of a payload in order; none for one that is not there.
func Pieces(ctx context.Context, tx store.Tx, payload id.ID) ([]Piece, error) {
	rows, err := payloaddb.New(tx).Pieces(ctx, string(payload))
	if err != nil {
		return nil, fmt.Errorf("list pieces: %w", err)
	}
	out := make([]Piece, len(rows))
	for i, r := range rows {
		out[i] = Piece{From: r.FromB, Length: r.Length, Blob: id.ID(r.Blob), Digest: r.Digest, Second: id.ID(r.Second.String)}
	}
	return out, nil
}
