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

// Count is how many pieces a payload has.
func Count(ctx context.Context, tx store.Tx, payload id.ID) (int64, error) {
	n, err := payloaddb.New(tx).CountPieces(ctx, string(payload))
	if err != nil {
		return 0, fmt.Errorf("count pieces: %w", err)
	}
	return n, nil
}

// Last is the piece that a payload ends with, or the zero Piece when there is none:
// where it ends and what its digest says are where the next one goes on.
func Last(ctx context.Context, tx store.Tx, payload id.ID) (Piece, error) {
	r, err := payloaddb.New(tx).LastPiece(ctx, string(payload))
	if errors.Is(err, sql.ErrNoRows) {
		return Piece{}, nil
	}
	if err != nil {
		return Piece{}, fmt.Errorf("find last piece: %w", err)
	}
	return Piece{From: r.FromB, Length: r.Length, Blob: id.ID(r.Blob), Digest: r.Digest}, nil
}
