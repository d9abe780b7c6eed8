package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// pipe is one transaction as its closure sees it. What a transaction costs is mostly
// the waiting for answers, so a statement goes to the server when somebody waits for
// its answer, and takes along what was put off before it: the beginning of the
// transaction, and writes whose answers say nothing (Later). The commit takes along
// what is left.
type pipe struct {
	conn    *sql.Conn // whose connection pg is
	pg      *pgx.Conn
	answers *sql.DB // makes rows: see answers.go
	late    []*ask
}

// ask is a statement and, once it was sent, its answer.
type ask struct {
	query  string
	args   []any
	answer *answer // nil where no rows are wanted
	tag    pgconn.CommandTag
	err    error
}

// exchange sends what is late and then the asks, and reads all answers. After a
// failure the server does nothing of what follows, and every ask that follows has
// the error of the one that failed.
func (p *pipe) exchange(ctx context.Context, asks ...*ask) {
	all := append(p.late, asks...)
	p.late = nil
	var b pgx.Batch
	for _, a := range all {
		b.Queue(a.query, a.args...)
	}
	sent := p.pg.SendBatch(ctx, &b)
	var failed error
	for _, a := range all {
		if failed == nil {
			a.read(sent)
			failed = a.err
		} else {
			a.err = failed
		}
	}
	if err := sent.Close(); failed == nil && err != nil {
		for _, a := range asks {
			a.err = err
		}
	}
}

func (a *ask) read(sent pgx.BatchResults) {
	if a.answer == nil {
		a.tag, a.err = sent.Exec()
		return
	}
	rows, err := sent.Query()
	if err == nil {
		err = a.answer.read(rows)
	}
	rows.Close()
	if a.err = err; err == nil {
		a.err = rows.Err()
	}
}

func (a *ask) result() sql.Result { return driver.RowsAffected(a.tag.RowsAffected()) }

// put keeps a write for the next exchange.
func (p *pipe) put(query string, args []any) { p.late = append(p.late, &ask{query: query, args: args}) }

// ExecContext implements Tx.
func (p *pipe) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if len(args) > 0 && args[0] == any(pgx.QueryExecModeSimpleProtocol) { // several statements: see script
		if err := p.flush(ctx); err != nil {
			return nil, err
		}
		tag, err := p.pg.Exec(ctx, query, args...)
		return driver.RowsAffected(tag.RowsAffected()), err
	}
	a := &ask{query: query, args: args}
	p.exchange(ctx, a)
	return a.result(), a.err
}

// QueryContext implements Tx. All rows have been read when it returns.
func (p *pipe) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	a := &ask{query: query, args: args, answer: &answer{}}
	if p.exchange(ctx, a); a.err != nil {
		return nil, a.err
	}
	return a.answer.rows(p.answers)
}

// QueryRowContext implements Tx.
func (p *pipe) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	a := &ask{query: query, args: args, answer: &answer{}}
	if p.exchange(ctx, a); a.err != nil {
		return failedRow(a.err)
	}
	return a.answer.row(p.answers)
}

// PrepareContext implements Tx.
func (p *pipe) PrepareContext(ctx context.Context, query string) (*sql.Stmt, error) {
	if err := p.flush(ctx); err != nil {
		return nil, err
	}
	return p.conn.PrepareContext(ctx, query)
}

func (p *pipe) flush(ctx context.Context) error {
	if len(p.late) == 0 {
		return nil
	}
	last := p.late[len(p.late)-1]
	p.exchange(ctx)
	return last.err
}

// answer is what the server said to a query.
type answer struct {
	columns []string
	list    [][]driver.Value
	next    int
}

func (a *answer) read(rows pgx.Rows) error {
	for _, f := range rows.FieldDescriptions() {
		a.columns = append(a.columns, f.Name)
	}
	for rows.Next() {
		values, err := rows.Values()
		if err != nil {
			return err
		}
		row := make([]driver.Value, len(values))
		for i, v := range values {
			if row[i], err = plainValue(v); err != nil {
				return fmt.Errorf("column %s: %w", a.columns[i], err)
			}
		}
		a.list = append(a.list, row)
	}
	return nil
}

// plainValue is a value as database/sql wants it.
func plainValue(v any) (driver.Value, error) {
	switch v := v.(type) {
	case int16:
		return int64(v), nil
	case int32:
		return int64(v), nil
	case uint32:
		return int64(v), nil
	case float32:
		return float64(v), nil
	case driver.Valuer:
		return v.Value()
	}
	if !driver.IsValue(v) {
		return nil, fmt.Errorf("a value of type %T has no place here", v)
	}
	return v, nil
}
