package app

import (
	"context"
	"sync"
	"time"
)

// trialEvery is the least time between two trials: anybody may ask whether the vault
// is ready, and each trial writes to disks.
const trialEvery = 100 * time.Millisecond

// trials tries something for all who ask at a time. Everybody gets the outcome of a
// trial that began after they asked.
type trials struct {
	try func(context.Context) error

	mu   sync.Mutex
	next *trial // that has not begun
	last time.Time
}

type trial struct {
	done chan struct{}
	err  error
}

// do waits for the outcome, or for ctx.
func (t *trials) do(ctx context.Context) error {
	t.mu.Lock()
	mine := t.next
	if mine == nil {
		mine = &trial{done: make(chan struct{})}
		t.next = mine
		wait := max(0, time.Until(t.last.Add(trialEvery)))
		time.AfterFunc(wait, func() { t.run(mine) })
	}
	t.mu.Unlock()
	select {
	case <-mine.done:
		return mine.err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// run begins a trial: whoever comes from here on waits for the next.
func (t *trials) run(mine *trial) {
	t.mu.Lock()
	t.next, t.last = nil, time.Now()
	t.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), tryTime)
	defer cancel()
	mine.err = t.try(ctx)
	close(mine.done)
}
