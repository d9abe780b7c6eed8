package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
)

// Tx is a transaction as a closure sees it: the methods that sqlc's generated
// code wants. It serves one goroutine, and no statement may begin while rows of
// an earlier one are still open. It is of no use once its closure has returned.
type Tx interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	PrepareContext(ctx context.Context, query string) (*sql.Stmt, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// Work is a closure that runs in a transaction.
type Work func(ctx context.Context, tx Tx) error

// ErrTxOver reports the use of a transaction after its closure has returned, or
// after one of its statements has failed.
var ErrTxOver = errors.New("the transaction is over: its closure has returned or a statement in it has failed")

// guarded is the Tx that closures get. It makes the engines alike where they
// differ in what they forgive: PostgreSQL refuses every statement after a
// failed one, SQLite would carry on with half of the closure's work, and after
// some failures (a full disk) even outside the transaction.
type guarded struct {
	tx     Tx
	failed error // the first failure of a statement
	over   bool
	ends   *[]func(error) // who wants to know how the transaction ended; see AtEnd
	before []func() error // what the commit waits for; see Before
}

// run calls f with tx, waits for what must come before the commit, and ends tx's
// use.
func run(ctx context.Context, tx Tx, f Work) error {
	before, err := runOpen(ctx, tx, f)
	for _, wait := range before {
		if err == nil {
			err = wait()
		}
	}
	return err
}

// runOpen is run without the waiting. A statement's failure that f kept to itself is
// returned all the same.
func runOpen(ctx context.Context, tx Tx, f Work) (before []func() error, err error) {
	g := &guarded{tx: tx}
	defer func() { g.over = true }()
	err = g.judge(f(ctx, g))
	return g.before, err
}

func (g *guarded) judge(err error) error {
	if err == nil && g.failed != nil {
		return g.failed
	}
	if err != nil && errors.Is(g.failed, ErrUnavailable) && !errors.Is(err, ErrUnavailable) {
		// f reports a lost connection without wrapping it: what it says of
		// the database it cannot know.
		return errors.Join(g.failed, err)
	}
	return classify(err)
}

// begin says whether a statement may start.
func (g *guarded) begin(ctx context.Context) error {
	if g.over {
		return ErrTxOver
	}
	if g.failed != nil {
		return errors.Join(ErrTxOver, g.failed)
	}
	tell(ctx)
	g.failed = ctx.Err()
	return g.failed
}

// end remembers a statement's failure.
func (g *guarded) end(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		// The caller's own cancellation is no news about the database.
		err = errors.Join(ctx.Err(), err)
	} else {
		err = classifyStatement(err)
	}
	g.failed = err
	return err
}

func (g *guarded) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if err := g.begin(ctx); err != nil {
		return nil, err
	}
	defer clockedQuery(ctx, query)()
	r, err := g.tx.ExecContext(ctx, query, args...)
	return r, g.end(ctx, err)
}

func (g *guarded) PrepareContext(ctx context.Context, query string) (*sql.Stmt, error) {
	if err := g.begin(ctx); err != nil {
		return nil, err
	}
	s, err := g.tx.PrepareContext(ctx, query)
	return s, g.end(ctx, err)
}

func (g *guarded) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if err := g.begin(ctx); err != nil {
		return nil, err
	}
	defer clockedQuery(ctx, query)()
	r, err := g.tx.QueryContext(ctx, query, args...)
	return r, g.end(ctx, err)
}

func (g *guarded) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	if err := g.begin(ctx); err != nil {
		return failedRow(err)
	}
	defer clockedQuery(ctx, query)()
	r := g.tx.QueryRowContext(ctx, query, args...)
	// The error stays in the Row for Scan; here it only ends the transaction.
	_ = g.end(ctx, r.Err())
	return r
}

// failedRow is a Row whose Scan returns err. Only database/sql can make a Row,
// so a database that cannot be connected to makes it.
func failedRow(err error) *sql.Row {
	db := sql.OpenDB(unconnectable{err})
	defer db.Close()
	return db.QueryRowContext(context.Background(), "")
}

type unconnectable struct{ err error }

func (u unconnectable) Connect(context.Context) (driver.Conn, error) { return nil, u.err }
func (u unconnectable) Driver() driver.Driver                        { return nil }
