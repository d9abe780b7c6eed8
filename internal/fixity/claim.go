package fixity

import (
	"context"
	"fmt"
	"time"

	"github.com/relatingfield/vault/internal/fixity/fixitydb"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/payload"
	"github.com/relatingfield/vault/internal/store"
)

// A claim keeps other nodes from the same piece. It is a matter of work, not of
// safety: two nodes that check one piece find the same, and of two that replace it
// one finds that it is too late. A node that dies loses its claims when they end.
const (
	claimTerm = 15 * time.Minute
	slowest   = 256 << 10 // bytes a second at which a claim still suffices
	claimPage = 16        // pieces at a time
	claimSize = 64 << 20  // bytes at a time, but for a piece that is larger
)

// term is how long a claim on so many bytes lasts.
func (f *Fixity) term(length int64) time.Duration {
	rate := min(slowest, max(f.Pace/4, 1))
	return claimTerm + time.Duration(length/rate)*time.Second
}

// candidate is a piece to be claimed.
type candidate struct {
	Blob   string
	Length int64
}

// list finds candidates that nobody has claimed.
type list func(ctx context.Context, q *fixitydb.Queries, now int64) ([]candidate, error)

// claim takes the first candidates and gives them until the term ends, with the
// bytes they have together.
func (f *Fixity) claim(ctx context.Context, from list) (out []id.ID, bytes int64, err error) {
	var any bool
	err = f.DB.View(ctx, func(ctx context.Context, tx store.Tx) error {
		found, err := from(ctx, fixitydb.New(tx), f.Now().Unix())
		any = len(found) > 0
		return err
	})
	if err != nil || !any { // most often; no writer waits for it
		return nil, 0, err
	}
	err = f.DB.Update(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		out, bytes, err = f.claimIn(ctx, tx, from)
		return err
	})
	if err != nil {
		return nil, 0, fmt.Errorf("claim pieces: %w", err)
	}
	return out, bytes, nil
}

func (f *Fixity) claimIn(ctx context.Context, tx store.Tx, from list) (out []id.ID, bytes int64, err error) {
	q, now := fixitydb.New(tx), f.Now()
	found, err := from(ctx, q, now.Unix())
	if err != nil {
		return nil, 0, err
	}
	for _, c := range found {
		if len(out) > 0 && bytes+c.Length > claimSize {
			break
		}
		n, err := q.Claim(ctx, fixitydb.ClaimParams{UntilS: now.Add(f.term(bytes + c.Length)).Unix(), Blob: c.Blob, NowS: now.Unix()})
		if err != nil {
			return nil, 0, err
		}
		if n == 1 {
			out, bytes = append(out, id.ID(c.Blob)), bytes+c.Length
		}
	}
	return out, bytes, nil
}

// claimOne takes one piece; false: somebody has it, or it is gone.
func (f *Fixity) claimOne(ctx context.Context, object id.ID, length int64) (got bool, err error) {
	err = f.DB.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		now := f.Now()
		n, err := fixitydb.New(tx).Claim(ctx, fixitydb.ClaimParams{UntilS: now.Add(f.term(length)).Unix(), Blob: string(object), NowS: now.Unix()})
		got = n == 1
		return err
	})
	if err != nil {
		return false, fmt.Errorf("claim a piece: %w", err)
	}
	return got, nil
}

// bounded ends with the claim on a piece, early enough for clocks that differ.
func (f *Fixity) bounded(ctx context.Context, length int64) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, f.term(length)-2*payload.Skew*time.Second)
}
