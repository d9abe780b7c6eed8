package fixity

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/relatingfield/vault/internal/fixity/fixitydb"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
)

// Run does what is to be done until ctx ends: at once what a reader has found, and in
// the rhythm of every what is due.
func (f *Fixity) Run(ctx context.Context, every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for ctx.Err() == nil {
		if err := f.Step(ctx); err != nil && ctx.Err() == nil {
			f.Log.Error("fixity", "cause", err)
		}
		select {
		case <-ctx.Done():
		case <-tick.C:
		case <-f.wake():
		}
	}
}

// Step does once what is to be done now: it looks at what readers have found, copies
// what has no copy, and checks what is due.
func (f *Fixity) Step(ctx context.Context) error {
	if err := f.writeDown(ctx); err != nil {
		return err
	}
	seen := false
	h := how{wait: f.slowly, seen: &seen}
	steps := []func(context.Context, how) error{f.lookAtSuspects, f.Copy, f.lookAgain, f.lookAtDue, f.lookEarly}
	var failed error // a store that does not answer keeps nobody from the other
	for _, step := range steps {
		failed = errors.Join(failed, step(ctx, h))
	}
	_, err := f.checkRows(ctx, f.before(f.Every))
	return errors.Join(failed, err)
}

// before is the day until which something must have been checked to be due now.
func (f *Fixity) before(age time.Duration) int64 { return statement.DayOf(f.Now().Add(-age)) }

func (f *Fixity) lookAtSuspects(ctx context.Context, h how) error {
	return f.through(ctx, func(ctx context.Context, q *fixitydb.Queries, now int64) ([]candidate, error) {
		rows, err := q.Suspects(ctx, fixitydb.SuspectsParams{NowS: now, Page: claimPage})
		return candidates(rows, err, func(r fixitydb.SuspectsRow) candidate { return candidate(r) })
	}, f.looking(h))
}

// lookAgain looks once a day at what is damaged: somebody may have put it back.
func (f *Fixity) lookAgain(ctx context.Context, h how) error {
	return f.through(ctx, func(ctx context.Context, q *fixitydb.Queries, now int64) ([]candidate, error) {
		rows, err := q.Ailing(ctx, fixitydb.AilingParams{Today: f.today(), NowS: now, Page: claimPage})
		return candidates(rows, err, func(r fixitydb.AilingRow) candidate { return candidate(r) })
	}, f.looking(h))
}

func (f *Fixity) due(age time.Duration) list {
	return func(ctx context.Context, q *fixitydb.Queries, now int64) ([]candidate, error) {
		rows, err := q.Due(ctx, fixitydb.DueParams{Before: f.before(age), NowS: now, Page: claimPage})
		return candidates(rows, err, func(r fixitydb.DueRow) candidate { return candidate(r) })
	}
}

func (f *Fixity) lookAtDue(ctx context.Context, h how) error {
	return f.through(ctx, f.due(f.Every), f.looking(h))
}

// lookEarly checks a little of what will be due in the last quarter of the period.
func (f *Fixity) lookEarly(ctx context.Context, h how) error {
	if err := f.measure(ctx); err != nil {
		return err
	}
	for f.spread.allow(f.Now(), f.Every) > 0 {
		objects, bytes, err := f.claim(ctx, f.due(f.Every-f.Every/quarters))
		if err != nil || len(objects) == 0 {
			return err
		}
		f.spread.took(bytes)
		if err := f.all(ctx, objects, f.looking(h)); err != nil {
			return err
		}
	}
	return nil
}

func (f *Fixity) measure(ctx context.Context) error {
	f.spread.mu.Lock()
	fresh := !f.spread.measured.IsZero() && f.Now().Sub(f.spread.measured) < measureEvery
	f.spread.mu.Unlock()
	if fresh {
		return nil
	}
	var volume int64
	err := f.DB.View(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		volume, err = fixitydb.New(tx).Volume(ctx)
		return err
	})
	if err != nil {
		return fmt.Errorf("measure payloads: %w", err)
	}
	f.spread.mu.Lock()
	f.spread.measured, f.spread.bytes = f.Now(), volume
	f.spread.mu.Unlock()
	return nil
}

// Copy copies what has no copy yet, where there is a second store.
func (f *Fixity) Copy(ctx context.Context, h how) error {
	if f.second() == nil {
		return nil
	}
	return f.through(ctx, func(ctx context.Context, q *fixitydb.Queries, now int64) ([]candidate, error) {
		rows, err := q.Uncopied(ctx, fixitydb.UncopiedParams{NowS: now, Page: claimPage})
		return candidates(rows, err, func(r fixitydb.UncopiedRow) candidate { return candidate(r) })
	}, func(ctx context.Context, object id.ID) error { return f.copyPiece(ctx, object, h) })
}

// work is what is done with a piece that was claimed.
type work func(ctx context.Context, object id.ID) error

func (f *Fixity) looking(h how) work {
	return func(ctx context.Context, object id.ID) error {
		_, err := f.look(ctx, object, h)
		return err
	}
}

// through works until nothing is left of a list.
func (f *Fixity) through(ctx context.Context, from list, do work) error {
	for {
		objects, _, err := f.claim(ctx, from)
		if err != nil || len(objects) == 0 {
			return err
		}
		if err := f.all(ctx, objects, do); err != nil {
			return err
		}
	}
}

// mostFailures is how many pieces in a row cannot be had before a store counts as
// not answering.
const mostFailures = 3

// all works on pieces that were claimed. One that cannot be had is left behind; a
// store that does not answer ends it.
func (f *Fixity) all(ctx context.Context, objects []id.ID, do work) error {
	failures := 0
	for _, o := range objects {
		err := do(ctx, o)
		switch {
		case err == nil:
			failures = 0
			continue
		case ctx.Err() != nil, errors.Is(err, ErrGone):
			return err
		}
		if failures++; failures == mostFailures || len(objects) == failures {
			return err
		}
		f.Log.Warn("a payload could not be checked; it will be tried again", "cause", err)
	}
	return nil
}

// candidates spells rows of one query.
func candidates[R any](rows []R, err error, spell func(R) candidate) ([]candidate, error) {
	out := make([]candidate, len(rows))
	for i, r := range rows {
		out[i] = spell(r)
	}
	return out, err
}
