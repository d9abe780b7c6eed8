package store

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
)

// fetched is how many rows come at a time: a row may hold a payload of a mebibyte.
const fetched = 64

// snapshot is a view without the times that end a transaction which seems to be
// forgotten: a copy takes as long as it takes.
func (p *postgresDB) snapshot(ctx context.Context, f Work) error {
	return p.view(ctx, func(ctx context.Context, tx Tx) error {
		for _, q := range []string{"SET LOCAL statement_timeout = 0", "SET LOCAL idle_in_transaction_session_timeout = 0"} {
			if _, err := tx.ExecContext(ctx, q); err != nil {
				return err
			}
		}
		return f(ctx, tx)
	})
}

const (
	tablesThere = `SELECT relname::text FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = to_regnamespace(quote_ident(current_schema()))`
	columnsOf   = `SELECT attname::text FROM pg_attribute WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped ORDER BY attnum`
	referredBy  = `SELECT DISTINCT r.relname::text FROM pg_constraint AS c JOIN pg_class AS r ON r.oid = c.confrelid WHERE c.contype = 'f' AND c.conrelid = to_regclass($1)`
)

func (p *postgresDB) tables(ctx context.Context, tx Tx) (found []Table, refers map[string][]string, err error) {
	names, err := texts(ctx, tx, tablesThere)
	if err != nil {
		return nil, nil, err
	}
	refers = map[string][]string{}
	for _, n := range names {
		t := Table{Name: n}
		if t.Columns, err = texts(ctx, tx, columnsOf, quoted(n)); err != nil {
			return nil, nil, err
		}
		if refers[n], err = texts(ctx, tx, referredBy, quoted(n)); err != nil {
			return nil, nil, err
		}
		found = append(found, t)
	}
	return found, refers, nil
}

// rows reads through a cursor: a query's answer is in memory as a whole. Each table's
// has a name of its own, because the driver remembers what a text answers.
func (p *postgresDB) rows(ctx context.Context, tx Tx, t Table, f func([]any) error) error {
	cursor := quoted("all of " + t.Name)
	if _, err := tx.ExecContext(ctx, "DECLARE "+cursor+" NO SCROLL CURSOR FOR SELECT "+list(t.Columns)+" FROM "+quoted(t.Name)); err != nil {
		return err
	}
	for {
		n := 0
		err := fetch(ctx, tx, cursor, len(t.Columns), func(values []any) error { n++; return f(values) })
		if err != nil {
			return err
		}
		if n < fetched {
			_, err := tx.ExecContext(ctx, "CLOSE "+cursor)
			return err
		}
	}
}

func fetch(ctx context.Context, tx Tx, cursor string, columns int, f func([]any) error) (err error) {
	rows, err := tx.QueryContext(ctx, "FETCH "+strconv.Itoa(fetched)+" FROM "+cursor)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	return eachRow(ctx, rows, columns, f)
}

// eachRow scans rows as they are.
func eachRow(ctx context.Context, rows *sql.Rows, columns int, f func([]any) error) error {
	for rows.Next() {
		values, into := make([]any, columns), make([]any, columns)
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			return err
		}
		if err := errors.Join(ctx.Err(), f(values)); err != nil {
			return err
		}
	}
	return rows.Err()
}
