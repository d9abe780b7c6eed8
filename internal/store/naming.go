package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
)

// Relation is a table as the database itself describes it.
type Relation struct {
	Name    string
	Columns []Column
}

// Column is one of its columns: text, bytes or a whole number.
type Column struct {
	Name string
	Type string // TEXT, BLOB or INTEGER, whichever the engine
}

// Cell is what one row has in one column.
type Cell struct {
	Column Column
	Text   string // of TEXT and INTEGER; of BLOB the bytes, where they are at most 64
	Size   int64  // in bytes, of TEXT and BLOB
	Null   bool
}

// Relations lists all tables but the ledger of migrations, by name. Whoever reports
// over everything that is stored asks for them here, so that a table that a later
// migration adds is not forgotten.
func (db *DB) Relations(ctx context.Context, tx Tx) ([]Relation, error) {
	all, err := db.back.relations(ctx, tx)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(r Relation) bool { return r.Name == ledgerName }), nil
}

// catalogued reads a catalogue: rows of table, column and type, by table in the order of
// bytes, and by the column's place.
func catalogued(ctx context.Context, tx Tx, catalogue string) (out []Relation, err error) {
	rows, err := tx.QueryContext(ctx, catalogue)
	if err != nil {
		return nil, fmt.Errorf("list tables: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var table string
		var c Column
		if err := rows.Scan(&table, &c.Name, &c.Type); err != nil {
			return nil, fmt.Errorf("list tables: %w", err)
		}
		if len(out) == 0 || out[len(out)-1].Name != table {
			out = append(out, Relation{Name: table})
		}
		last := &out[len(out)-1]
		last.Columns = append(last.Columns, c)
	}
	return out, rows.Err()
}

// together is how many names one query looks for: far fewer than either engine
// takes parameters.
const together = 100

// Naming visits the rows of t that hold one of names in a column of text, or one of
// keys in a column of bytes; a row that holds several is visited once for every
// hundred names that it is found by. Of long columns only the length is read.
func Naming(ctx context.Context, tx Tx, t Relation, names, keys []string, visit func(row []Cell) error) error {
	for some := range slices.Chunk(names, together) {
		if err := naming(ctx, tx, t, "TEXT", some, visit); err != nil {
			return err
		}
	}
	for some := range slices.Chunk(keys, together) {
		if err := naming(ctx, tx, t, "BLOB", some, visit); err != nil {
			return err
		}
	}
	return nil
}

func naming(ctx context.Context, tx Tx, t Relation, kind string, some []string, visit func(row []Cell) error) error {
	query, args := t.query(kind, some)
	if query == "" {
		return nil
	}
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return fmt.Errorf("read %s: %w", t.Name, err)
	}
	defer rows.Close()
	for rows.Next() {
		row, err := t.scan(rows)
		if err != nil {
			return fmt.Errorf("read %s: %w", t.Name, err)
		}
		if err := visit(row); err != nil {
			return err
		}
	}
	return rows.Err()
}

// query is "" for a table without a column of the kind. Names of tables and columns
// come from the database's own catalogue, which our migrations wrote; what is looked
// for comes as parameters.
func (t Relation) query(kind string, some []string) (string, []any) {
	var want, either []string
	var args []any
	marks := make([]string, len(some))
	for i, s := range some {
		marks[i] = fmt.Sprintf("$%d", i+1)
		if kind == "BLOB" {
			args = append(args, []byte(s))
		} else {
			args = append(args, s)
		}
	}
	for _, c := range t.Columns {
		want = append(want, c.expressions()...)
		if c.Type == kind {
			either = append(either, c.quoted()+" IN ("+strings.Join(marks, ", ")+")")
		}
	}
	if len(either) == 0 {
		return "", nil
	}
	return "SELECT " + strings.Join(want, ", ") + ` FROM "` + t.Name + `" WHERE ` + strings.Join(either, " OR "), args
}

func (c Column) quoted() string { return `"` + c.Name + `"` }

// expressions are two for each column: what it holds and how long that is.
func (c Column) expressions() []string {
	q := c.quoted()
	if c.Type == "BLOB" {
		return []string{"CASE WHEN length(" + q + ") <= 64 THEN " + q + " END", "length(" + q + ")"}
	}
	return []string{"CAST(" + q + " AS TEXT)", "length(CAST(" + q + " AS TEXT))"}
}

func (t Relation) scan(rows *sql.Rows) ([]Cell, error) {
	texts, sizes := make([]sql.NullString, len(t.Columns)), make([]sql.NullInt64, len(t.Columns))
	var to []any
	for i := range t.Columns {
		to = append(to, &texts[i], &sizes[i])
	}
	if err := rows.Scan(to...); err != nil {
		return nil, err
	}
	row := make([]Cell, len(t.Columns))
	for i, c := range t.Columns {
		row[i] = Cell{Column: c, Text: texts[i].String, Size: sizes[i].Int64, Null: !sizes[i].Valid}
	}
	return row, nil
}
