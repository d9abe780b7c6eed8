package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
)

// maxPrepared bounds the statements a connection keeps. Queries are constants of
// the program, a few hundred at most; the bound is for a program that builds
// them, which then only loses the gain.
const maxPrepared = 512

// session is one SQLite connection with the statements it has prepared, for
// SQLite parses a query anew each time otherwise (a seventh of a small insert).
// It serves one goroutine at a time.
//
// It never hands the caller's context to the driver. A cancelled context would
// interrupt the statement, and an interrupted write rolls the whole transaction
// back, with the work of the other callers who share it. The context is looked
// at between statements, by guarded.
type session struct {
	conn  *sql.Conn
	stmts map[string]*sql.Stmt
}

func newSession(ctx context.Context, db *sql.DB) (*session, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, classifyStatement(err)
	}
	return &session{conn, make(map[string]*sql.Stmt)}, nil
}

// prepared returns the kept statement for query; nil means to go without.
func (s *session) prepared(query string) (*sql.Stmt, error) {
	if st := s.stmts[query]; st != nil {
		return st, nil
	}
	if len(s.stmts) == maxPrepared {
		return nil, nil
	}
	st, err := s.conn.PrepareContext(context.Background(), query)
	if err != nil {
		return nil, err
	}
	s.stmts[query] = st
	return st, nil
}

func (s *session) ExecContext(_ context.Context, query string, args ...any) (sql.Result, error) {
	st, err := s.prepared(query)
	if err != nil {
		return nil, err
	}
	if st == nil {
		return s.conn.ExecContext(context.Background(), query, args...)
	}
	return st.ExecContext(context.Background(), args...)
}

func (s *session) QueryContext(_ context.Context, query string, args ...any) (*sql.Rows, error) {
	st, err := s.prepared(query)
	if err != nil {
		return nil, err
	}
	if st == nil {
		return s.conn.QueryContext(context.Background(), query, args...)
	}
	return st.QueryContext(context.Background(), args...)
}

func (s *session) QueryRowContext(_ context.Context, query string, args ...any) *sql.Row {
	st, err := s.prepared(query)
	if err != nil || st == nil {
		return s.conn.QueryRowContext(context.Background(), query, args...)
	}
	return st.QueryRowContext(context.Background(), args...)
}

// PrepareContext makes a statement that the caller owns and closes.
func (s *session) PrepareContext(_ context.Context, query string) (*sql.Stmt, error) {
	return s.conn.PrepareContext(context.Background(), query)
}

// exec runs a statement of this package's own.
func (s *session) exec(query string) error {
	_, err := s.ExecContext(context.Background(), query)
	return classifyStatement(err)
}

// discard closes the connection itself, with whatever transaction is open on
// it, instead of giving it back.
func (s *session) discard() {
	for _, st := range s.stmts {
		_ = st.Close() // nothing of it is needed any more
	}
	_ = s.conn.Raw(func(any) error { return driver.ErrBadConn })
	_ = s.conn.Close()
}
