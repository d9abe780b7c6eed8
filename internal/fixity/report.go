package fixity

import (
	"context"
	"fmt"

	"github.com/relatingfield/vault/internal/fixity/fixitydb"
	"github.com/relatingfield/vault/internal/store"
)

// Report is how everything stored stands. It names nothing.
type Report struct {
	Pieces, Bytes int64
	Copied        int64 // pieces that have a second copy
	Oldest        int64 // the day on which the piece was checked whose check is oldest; 0: one never was
	Bad           map[Kind]int64
	BadBytes      int64
	Parts         int64 // rows
	OldestRow     int64
	BadRows       int64
	Doomed        int64 // objects still to be deleted
	DoomedSecond  int64 // in the second store
}

// Damaged is how many pieces are not what was stored.
func (r Report) Damaged() (n int64) {
	for _, pieces := range r.Bad {
		n += pieces
	}
	return n
}

// Report counts.
func (f *Fixity) Report(ctx context.Context) (Report, error) {
	var out Report
	err := f.DB.View(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		out, err = report(ctx, fixitydb.New(tx))
		return err
	})
	if err != nil {
		return Report{}, fmt.Errorf("report: %w", err)
	}
	return out, nil
}

func report(ctx context.Context, q *fixitydb.Queries) (Report, error) {
	pieces, err := q.CountPieces(ctx)
	if err != nil {
		return Report{}, err
	}
	rows, err := q.CountRows(ctx)
	if err != nil {
		return Report{}, err
	}
	out := Report{Pieces: pieces.Pieces, Bytes: pieces.Bytes, Copied: pieces.Copied, Oldest: pieces.Oldest, Bad: map[Kind]int64{}, Parts: rows.Parts, OldestRow: rows.Oldest}
	bad, err := q.CountBad(ctx)
	if err != nil {
		return Report{}, err
	}
	for _, b := range bad {
		out.Bad[Kind(b.Damage.String)] = b.Pieces
		out.BadBytes += b.Bytes
	}
	if out.BadRows, err = q.CountBadRows(ctx); err != nil {
		return Report{}, err
	}
	doomed, err := q.CountDoomed(ctx)
	for _, d := range doomed {
		if d.Second == 1 {
			out.DoomedSecond = d.Objects
		} else {
			out.Doomed = d.Objects
		}
	}
	return out, err
}

// ForgetSecond has nothing looked for in a second store any more, and nothing deleted
// there. Whoever calls it knows that the store is empty or gone.
func ForgetSecond(ctx context.Context, tx store.Tx) (copies, deletions int64, err error) {
	q := fixitydb.New(tx)
	if copies, err = q.ForgetCopies(ctx); err != nil {
		return 0, 0, fmt.Errorf("forget second copies: %w", err)
	}
	if deletions, err = q.ForgetDoomed(ctx); err != nil {
		return 0, 0, fmt.Errorf("forget deletions: %w", err)
	}
	return copies, deletions, nil
}
