package store

import (
	"context"
	"slices"
)

// take waits for the turn. A caller whose context ends before it has the turn
// is dropped and nothing of its work begins.
func (w *writer) take(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	mine := w.queue()
	if mine == nil {
		return w.open()
	}
	select {
	case <-mine:
	case <-ctx.Done():
		if w.leave(mine) {
			return ctx.Err()
		}
		<-mine // given in this very moment
	}
	if err := ctx.Err(); err != nil {
		w.pass()
		return err
	}
	return w.open()
}

// queue takes the turn if it is free and returns nil, else a place in the queue.
func (w *writer) queue() chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.held {
		w.held = true
		return nil
	}
	mine := make(chan struct{})
	w.waiting = append(w.waiting, mine)
	return mine
}

// open gives the turn back when the writer is closed.
func (w *writer) open() error {
	w.mu.Lock()
	closed := w.closed
	w.mu.Unlock()
	if closed {
		w.pass()
		return errClosed
	}
	return nil
}

// leave gives up a place in the queue; false means that it is too late.
func (w *writer) leave(mine chan struct{}) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	i := slices.Index(w.waiting, mine)
	if i < 0 {
		return false
	}
	w.waiting = slices.Delete(w.waiting, i, i+1)
	return true
}

// pass gives the turn to the next caller, in the open transaction while that
// has room, else after committing it.
func (w *writer) pass() {
	if w.batch != nil && w.batch.room() && w.give(false) {
		return
	}
	if w.batch == nil {
		w.give(true)
		return
	}
	b := w.finish()
	w.give(true)
	close(b.done)
}

// give hands the turn to the first in the queue. Where there is none it is let
// go, if free, or else kept: an open transaction must not be left alone.
func (w *writer) give(free bool) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.waiting) == 0 {
		w.held = !free
		return false
	}
	close(w.waiting[0])
	w.waiting[0] = nil
	w.waiting = w.waiting[1:]
	return true
}

// room tells whether one more caller may join.
func (b *batch) room() bool {
	select {
	case <-b.late:
		return false
	default:
		return b.broken == nil && b.callers < maxBatch
	}
}
