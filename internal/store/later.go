package store

import (
	"context"
	"database/sql"
	"errors"
)

// Later is tx for writes whose answers say nothing: on PostgreSQL they travel with the
// next statement whose answer somebody waits for, or with the commit, in the order in
// which they were made. What their rows would say (how many there were) is never
// known. When one fails, what it travelled with fails with its error, Update in the
// end: so it must be one that can only fail by a defect or by what Update is there
// to tell.
//
// The arguments must not be changed afterwards.
func Later(tx Tx) Tx {
	if w, ok := tx.(postponer); ok {
		return later{tx, w}
	}
	return tx
}

// postponer is a Tx that can keep a write for later.
type postponer interface {
	postpone(ctx context.Context, query string, args []any) error
}

type later struct {
	Tx
	to postponer
}

// ExecContext implements Tx.
func (l later) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return unsaid{}, l.to.postpone(ctx, query, args)
}

func (g *guarded) postpone(ctx context.Context, query string, args []any) error {
	p, ok := g.tx.(*pipe)
	if !ok {
		_, err := g.ExecContext(ctx, query, args...)
		return err
	}
	if err := g.begin(ctx); err != nil {
		return err
	}
	p.put(query, args)
	return nil
}

var errUnsaid = errors.New("what a write that was put off has done is not known")

// unsaid is the result of a write that was put off.
type unsaid struct{}

func (unsaid) LastInsertId() (int64, error) { return 0, errUnsaid }
func (unsaid) RowsAffected() (int64, error) { return 0, errUnsaid }
