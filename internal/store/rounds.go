package store

import (
	"context"
	"fmt"
	"sync"
)

// Scrub removes from the disk what deleted rows of a table have left there, and
// returns when it is gone: after an erasure, of the tiny table of shred keys.
//
// On PostgreSQL it rewrites the table (so keep it tiny), forces a checkpoint and
// begins a new WAL segment; what the role may not do is logged once and left to
// the server's own rhythm. On SQLite, deleted rows are overwritten as they are
// deleted; what is left is to empty the write-ahead log. Segments archived
// before, backups, and blocks that the file system or the disk keeps elsewhere
// are out of its reach.
//
// Callers that arrive while a scrub runs share the next one. ErrUnavailable
// means that a long transaction still holds the old rows: call again later.
func (db *DB) Scrub(ctx context.Context, table string) error {
	if !plain(table) {
		return fmt.Errorf("scrub: %q is not the name of a table", table)
	}
	if db.closed.Load() {
		return errClosed
	}
	if err := db.scrubs.join(ctx, table); err != nil {
		return fmt.Errorf("scrub table %s: %w", table, err)
	}
	return nil
}

// plain is what a table may be called to be put into a statement as it is.
func plain(name string) bool {
	for _, r := range name {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '_' {
			return false
		}
	}
	return name != ""
}

// rounds does one round of work at a time, and one round for all who asked
// while the one before it ran. A round that began before a caller's rows were
// deleted would not do for that caller.
type rounds struct {
	work func(ctx context.Context, names []string) error

	mu      sync.Mutex
	next    *round // gathers callers
	running sync.WaitGroup
	busy    bool
}

type round struct {
	names map[string]bool
	done  chan struct{} // closed after err is set
	err   error
}

func newRounds(work func(context.Context, []string) error) *rounds {
	return &rounds{work: work}
}

// join returns when a round that began after the call has done its work for
// name. A caller that leaves early does not stop the round.
func (r *rounds) join(ctx context.Context, name string) error {
	mine := r.enter(name)
	select {
	case <-mine.done:
		return mine.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (r *rounds) enter(name string) *round {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.next == nil {
		r.next = &round{names: map[string]bool{}, done: make(chan struct{})}
	}
	r.next.names[name] = true
	if !r.busy {
		r.busy = true
		r.running.Go(r.run)
	}
	// run takes next under the lock held here, so this is the caller's round.
	return r.next
}

// run does rounds until nobody has asked for another.
func (r *rounds) run() {
	for {
		now := r.take()
		if now == nil {
			return
		}
		names := make([]string, 0, len(now.names))
		for n := range now.names {
			names = append(names, n)
		}
		now.err = r.work(context.Background(), names)
		close(now.done)
	}
}

func (r *rounds) take() *round {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.next
	r.next = nil
	r.busy = now != nil
	return now
}

// wait returns when no round runs.
func (r *rounds) wait() { r.running.Wait() }
