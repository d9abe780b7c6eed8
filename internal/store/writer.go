package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"
)

// A flush costs as much as ten small transactions, so callers that wait for the
// one write connection share a transaction and its flush: group commit.
//
// There is no writer goroutine. The right to write, the turn, goes from caller
// to caller in order of arrival; each runs its closure itself, between a
// savepoint and its release, and leaves the transaction open for the next one.
// Whoever finds nobody waiting, or the batch full, commits for all. So a lone
// caller pays for no hand-over and never waits for company, a panic unwinds the
// stack it belongs to, and a closure that ends its goroutine ends its own.

const (
	// maxBatch bounds how many callers one failed commit can disappoint.
	maxBatch = 128
	// maxBatchTime bounds how long the first of a batch waits for the last.
	maxBatchTime = 5 * time.Millisecond
)

var (
	// errClosed answers callers that come after close.
	errClosed = as(errors.New("it is closed"), ErrUnavailable)
	// errVanished stands for the error of a closure that did not return.
	errVanished = errors.New("the closure did not return")
)

// writer owns the write connection.
type writer struct {
	db *sql.DB

	mu      sync.Mutex
	held    bool            // somebody has the turn
	waiting []chan struct{} // closed to give the turn, in order of arrival
	closed  bool

	// These belong to whoever has the turn.
	s     *session // nil: to be opened
	batch *batch   // nil: no transaction is open
}

// batch is one transaction and those who share it.
type batch struct {
	callers int
	late    <-chan time.Time // ready when it has been open for long enough
	broken  error            // why it cannot be committed
	before  []before         // what the commit waits for
	done    chan struct{}    // closed once err says how it ended
	err     error
}

// before is one caller's reason to wait, and where the caller looks for its end.
type before struct {
	wait   func() error
	failed *error
}

// errCompany is why those run again who shared a transaction with one that failed at
// the last moment.
var errCompany = as(errors.New("another change in the same transaction was taken back"), ErrUnavailable, errAgain)

func newWriter(db *sql.DB) *writer { return &writer{db: db} }

// update runs f in the open transaction, or in a new one, and returns when that
// is committed. Also a caller whose f failed waits: what f saw and based its
// failure on may have been the work of others that is not durable yet.
func (w *writer) update(ctx context.Context, f Work) error {
	if err := w.take(ctx); err != nil {
		return err
	}
	first := w.batch == nil
	b, err := w.begin(ctx)
	if err != nil {
		w.pass()
		return err
	}
	returned := false
	defer func() {
		if !returned { // f panicked or ended its goroutine
			w.undo(b, first, errVanished)
			w.pass()
		}
	}()
	waits, err := runOpen(ctx, w.s, f)
	returned = true
	var late error
	if err == nil {
		err = w.keep(b, first)
		for _, wait := range waits {
			b.before = append(b.before, before{wait, &late})
		}
	} else {
		w.undo(b, first, err)
	}
	w.pass()
	<-b.done
	if late != nil {
		return late
	}
	if b.err != nil {
		return b.err
	}
	return err
}

// begin opens a transaction, or a savepoint in the one that is open. Whoever comes
// first needs none: nobody else is in the transaction as long as he can fail.
func (w *writer) begin(ctx context.Context) (*batch, error) {
	first := w.batch == nil
	if first {
		if err := w.connected(ctx); err != nil {
			return nil, err
		}
		if err := w.s.exec("BEGIN IMMEDIATE"); err != nil {
			return nil, err
		}
		w.batch = &batch{late: time.After(maxBatchTime), done: make(chan struct{})}
	}
	b := w.batch
	b.callers++
	if first {
		return b, nil
	}
	if err := w.s.exec("SAVEPOINT caller"); err != nil {
		b.broken = err
		return nil, err
	}
	return b, nil
}

func (w *writer) connected(ctx context.Context) (err error) {
	if w.s == nil {
		w.s, err = newSession(ctx, w.db)
	}
	return err
}

// keep makes f's changes part of the transaction.
func (w *writer) keep(b *batch, first bool) error {
	if first {
		return nil
	}
	b.broken = w.s.exec("RELEASE caller")
	return b.broken
}

// undo takes f's changes back and leaves those of the others. Where SQLite has
// rolled back everything on its own (a full disk), there is no savepoint left:
// then the batch is broken, and nobody is told that his changes were kept.
func (w *writer) undo(b *batch, first bool, cause error) {
	if first {
		w.drop(b, cause)
		return
	}
	err := w.s.exec("ROLLBACK TO caller")
	if err == nil {
		err = w.s.exec("RELEASE caller")
	}
	if err != nil {
		b.broken = fmt.Errorf("%w, after: %v", err, cause)
	}
}

// drop ends a transaction that nobody has a part in.
func (w *writer) drop(b *batch, cause error) {
	if err := w.s.exec("ROLLBACK"); err != nil {
		b.broken = fmt.Errorf("%w, after: %v", err, cause)
		return
	}
	w.batch = nil
	close(b.done)
}

// wait lets the commit wait for what has to come first.
func (b *batch) wait() {
	for _, one := range b.before {
		if err := one.wait(); err != nil {
			*one.failed = err
			b.broken = errCompany
		}
	}
}

// finish commits the open transaction for all who share it.
func (w *writer) finish() *batch {
	b := w.batch
	w.batch = nil
	if b.broken == nil {
		b.wait()
	}
	if b.broken != nil {
		b.err = as(b.broken, ErrUnavailable)
	} else if err := w.s.exec("COMMIT"); err != nil {
		b.err = failedCommit(err)
	}
	if b.err != nil {
		// Closing the connection rolls back, whatever state it is in.
		w.s.discard()
		w.s = nil
	}
	return b
}

// failedCommit tells what is known after a failed COMMIT. A rule that is checked
// at the end, a lock and a full disk leave nothing behind. After a failed write
// or flush the log may all the same hold the whole transaction, and a restart
// would find it: failed, but done.
func failedCommit(err error) error {
	if errors.Is(err, ErrReference) || errors.Is(err, ErrCheck) || errors.Is(err, errAgain) || full(err) {
		return err
	}
	return as(err, ErrUnavailable, ErrUncertain)
}

// alone runs f with the turn but without a transaction.
func (w *writer) alone(ctx context.Context, f func(s *session) error) error {
	if err := w.take(ctx); err != nil {
		return err
	}
	defer w.pass()
	if w.batch != nil {
		close(w.finish().done)
	}
	if err := w.connected(ctx); err != nil {
		return err
	}
	return f(w.s)
}

// close lets those who wait go first and refuses those who come after.
func (w *writer) close() error {
	err := w.alone(context.Background(), func(s *session) error {
		w.mu.Lock()
		w.closed = true
		w.mu.Unlock()
		s.discard()
		w.s = nil
		return nil
	})
	if errors.Is(err, errClosed) {
		return nil
	}
	return err
}
