package store

import (
	"context"
	"database/sql"
	"errors"
)

// readers are the SQLite connections that only read. query_only is set on them:
// SQLite has no read-only transaction of its own.
type readers struct {
	db   *sql.DB
	idle chan *session // nil stands for a connection that is not open yet
	over chan struct{} // closed by close
}

func newReaders(db *sql.DB, n int) *readers {
	r := &readers{db, make(chan *session, n), make(chan struct{})}
	for range n {
		r.idle <- nil
	}
	return r
}

// view gives f a snapshot: in WAL mode, what was committed when f's first
// statement ran.
func (r *readers) view(ctx context.Context, f Work) error {
	s, err := r.take(ctx)
	if err != nil {
		return err
	}
	clean := false
	defer func() {
		if !clean && s != nil { // f panicked, or the connection is in doubt
			s.discard()
			s = nil
		}
		r.idle <- s
	}()
	if err := s.exec("BEGIN"); err != nil {
		return err
	}
	err = run(ctx, s, f)
	if e := s.exec("ROLLBACK"); e != nil {
		return errors.Join(err, e)
	}
	clean = true
	return err
}

func (r *readers) take(ctx context.Context) (*session, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	select {
	case s := <-r.idle:
		if s != nil {
			return s, nil
		}
		s, err := newSession(ctx, r.db)
		if err != nil {
			r.idle <- nil
		}
		return s, err
	case <-r.over:
		return nil, errClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// close refuses new views, waits for the others and closes the connections.
func (r *readers) close() {
	close(r.over)
	for range cap(r.idle) {
		if s := <-r.idle; s != nil {
			s.discard()
		}
	}
}
