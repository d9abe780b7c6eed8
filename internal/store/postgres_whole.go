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

func (p *postgresDB) relations(ctx context.Context, tx Tx) ([]Relation, error) {
	return catalogued(ctx, tx, `SELECT t.relname::text, c.attname::text, CASE c.atttypid WHEN 'bytea'::regtype THEN 'BLOB' WHEN 'text'::regtype THEN 'TEXT' ELSE 'INTEGER' END
		FROM pg_class AS t JOIN pg_attribute AS c ON c.attrelid = t.oid AND c.attnum > 0 AND NOT c.attisdropped
		WHERE t.relkind IN ('r', 'p') AND t.relnamespace = to_regnamespace(quote_ident(current_schema())) ORDER BY t.relname COLLATE "C", c.attnum`)
}

func (p *postgresDB) refers(ctx context.Context, tx Tx, table string) ([]string, error) {
	return texts(ctx, tx, `SELECT DISTINCT r.relname::text FROM pg_constraint AS c JOIN pg_class AS r ON r.oid = c.confrelid
		WHERE c.contype = 'f' AND c.conrelid = to_regclass($1)`, quoted(table))
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
