package store

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"
)

// ErrNested refuses a transaction inside another: it would wait for a
// connection that its own caller holds, for ever.
var ErrNested = errors.New("a transaction was begun inside another: pass its Tx on instead")

// inside is the context of a closure. It carries nothing: it only knows itself
// again, so that a transaction inside another is refused on every run and not
// only when connections run out.
type inside struct{ context.Context }

// Value implements context.Context.
func (c inside) Value(key any) any {
	if key == (inside{}) {
		return true
	}
	return c.Context.Value(key)
}

// Update runs f in a serializable transaction and returns once it is durable.
// f may run more than once. When ctx ends before f begins, f does not run; once
// the commit is under way, ctx is not looked at any more, so that the answer is
// the true one.
func (db *DB) Update(ctx context.Context, f Work) error {
	return db.transact(ctx, f, db.back.update)
}

// Insist is Update for what must be possible on a full disk: what takes something
// back, and what leads there. When there is no room it takes the room that is kept
// for it; Update then refuses with ErrFull until there is as much again.
func (db *DB) Insist(ctx context.Context, f Work) error { return db.insist(ctx, f, db.back.insist) }

// insist runs the transaction again once there is room. It is another run of its
// own, so that whoever asked how the first one ended has been told.
func (db *DB) insist(ctx context.Context, f Work, once func(context.Context, Work) error) error {
	err := db.transact(ctx, f, once)
	if errors.Is(err, ErrFull) && db.back.makeRoom(ctx) {
		err = db.transact(ctx, f, once)
	}
	return err
}

// View runs f in a read-only transaction that sees one snapshot of what was
// committed before. f may run more than once.
func (db *DB) View(ctx context.Context, f Work) error {
	return db.transact(ctx, f, db.back.view)
}

func (db *DB) transact(ctx context.Context, f Work, once func(context.Context, Work) error) error {
	if db.closed.Load() {
		return errClosed
	}
	if ctx.Value(inside{}) != nil {
		return ErrNested
	}
	defer clocked(ctx, "store")()
	return again(ctx, func() error {
		return telling(func(f Work) error { return once(inside{ctx}, f) }, f)
	})
}

// tries bounds how often a transaction is begun, firstPause and longestPause
// how long it keeps away in between: together about a quarter of a second, a half at
// most.
const (
	tries        = 20
	firstPause   = time.Millisecond
	longestPause = 32 * time.Millisecond
)

// again repeats what failed for a reason that may have gone by now.
func again(ctx context.Context, once func() error) error {
	for n := 1; ; n++ {
		err := once()
		if err == nil || n == tries || !worthwhile(err) || ctx.Err() != nil {
			return err
		}
		if pause(ctx, n) != nil {
			return err
		}
	}
}

// worthwhile excludes what may have been done already: doing it a second time
// is for the caller to decide, who knows how to recognise it.
func worthwhile(err error) bool {
	return errors.Is(err, errAgain) && !errors.Is(err, ErrUncertain)
}

// pause waits a random part of a growing time, so that those who collided do
// not meet again. The randomness is no secret and need not be repeatable.
func pause(ctx context.Context, n int) error {
	d := min(firstPause<<(n-1), longestPause)
	t := time.NewTimer(rand.N(d))
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
