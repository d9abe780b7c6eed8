package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
)

// Table is a table as it is copied whole.
type Table struct {
	Name    string   `json:"name"`
	Columns []string `json:"columns"` // in the order of the values of a row
}

// Whole is one consistent snapshot of everything in a database. A value is nil, an
// int64, a string or a []byte, on either engine.
type Whole struct {
	Migrations []string // the names of those that were done, in order
	Tables     []Table  // each behind those it refers to; without the ledger of migrations

	back backend
	tx   Tx
}

// Rows calls f for each row of a table, in no order. The values are f's to keep.
func (w *Whole) Rows(ctx context.Context, t Table, f func(values []any) error) error {
	if err := w.back.rows(ctx, w.tx, t, f); err != nil {
		return fmt.Errorf("read table %s: %w", t.Name, err)
	}
	return nil
}

// Copy shows f all of a database at one moment, beside whoever serves it: it takes
// no lock of a SQLite database, and changes nothing. The schema need not be the
// newest, but must be one that this program knows the way from.
//
// As long as f runs, what is erased cannot be made to vanish from free pages, and
// erasing answers that it should be repeated: f should be quick.
func Copy(ctx context.Context, cfg Config, log *slog.Logger, f func(ctx context.Context, w *Whole) error) error {
	if err := copyWhole(ctx, cfg, log, f); err != nil {
		return fmt.Errorf("copy database: %w", err)
	}
	return nil
}

func copyWhole(ctx context.Context, cfg Config, log *slog.Logger, f func(ctx context.Context, w *Whole) error) (err error) {
	plan, err := readPlan(cfg.Migrations, cfg.Engine)
	if err != nil {
		return err
	}
	back, err := connectBeside(ctx, cfg, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, back.close()) }()
	db := &DB{engine: cfg.Engine, back: back, plan: plan}
	return back.snapshot(ctx, func(ctx context.Context, tx Tx) error {
		done, err := db.done(ctx, tx)
		if err != nil {
			return err
		}
		if _, err := plan.check(done); err != nil {
			return err
		}
		if len(done) == 0 {
			return fmt.Errorf("%w: there is nothing in it", ErrSchema)
		}
		w := &Whole{back: back, tx: tx}
		for _, d := range done {
			w.Migrations = append(w.Migrations, d.name)
		}
		if w.Tables, err = tables(ctx, back, tx); err != nil {
			return err
		}
		return f(ctx, w)
	})
}

func connectBeside(ctx context.Context, cfg Config, log *slog.Logger) (backend, error) {
	if cfg.Engine == SQLite {
		return besideSQLite(ctx, cfg)
	}
	return connect(ctx, cfg, log)
}

// ledgerName is the one table that is not copied: whoever fills a database runs the
// migrations themselves.
const ledgerName = "schema_migration"

// tables lists what there is, so that no row comes before one that it refers to.
func tables(ctx context.Context, back backend, tx Tx) ([]Table, error) {
	all, err := back.relations(ctx, tx)
	if err != nil {
		return nil, err
	}
	var found []Table
	refers := map[string][]string{}
	for _, r := range all {
		if r.Name == ledgerName {
			continue
		}
		t := Table{Name: r.Name}
		for _, c := range r.Columns {
			t.Columns = append(t.Columns, c.Name)
		}
		found = append(found, t)
		if refers[r.Name], err = back.refers(ctx, tx, r.Name); err != nil {
			return nil, err
		}
	}
	return inOrder(found, refers)
}

func inOrder(found []Table, refers map[string][]string) (out []Table, err error) {
	placed := map[string]bool{}
	for len(out) < len(found) {
		before := len(out)
		for _, t := range found {
			waits := slices.ContainsFunc(refers[t.Name], func(to string) bool { return !placed[to] })
			if !placed[t.Name] && !waits {
				placed[t.Name] = true
				out = append(out, t)
			}
		}
		if len(out) == before {
			return nil, errors.New("the tables refer to each other in a circle, so no order of them can be written")
		}
	}
	return out, nil
}

// ErrOccupied refuses a place that holds something already.
var ErrOccupied = errors.New("there is a database already, and nothing is written over one: name an empty place, or move away what is there")

// Filling takes the rows of a database that is being filled.
type Filling struct {
	Tables []Table // as in Whole

	tx Tx
}

// Fill makes the schema of the named migrations, which must be the first of this
// program's, in an empty database, and lets f put the rows in. All of it is one
// transaction: after a crash or an error the place is empty still. It does not
// migrate further: Open does.
func Fill(ctx context.Context, cfg Config, log *slog.Logger, names []string, f func(ctx context.Context, to *Filling) error) error {
	if err := fill(ctx, cfg, log, names, f); err != nil {
		return fmt.Errorf("fill database: %w", err)
	}
	return nil
}

func fill(ctx context.Context, cfg Config, log *slog.Logger, names []string, f func(ctx context.Context, to *Filling) error) (err error) {
	p, err := readPlan(cfg.Migrations, cfg.Engine)
	if err != nil {
		return err
	}
	if p, err = p.upTo(names); err != nil {
		return err
	}
	cfg.AutoMigrate = true // it may be made
	back, err := connect(ctx, cfg, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, back.close()) }()
	db := &DB{engine: cfg.Engine, back: back, plan: p}
	return back.migrate(ctx, func(ctx context.Context, tx Tx) error {
		found, err := back.relations(ctx, tx)
		if err != nil {
			return err
		}
		if len(found) > 0 {
			return ErrOccupied
		}
		for i, m := range p {
			if err := db.apply(ctx, tx, i+1, m); err != nil {
				return err
			}
		}
		to := &Filling{tx: tx}
		if to.Tables, err = tables(ctx, back, tx); err != nil {
			return err
		}
		return f(ctx, to)
	})
}

// upTo is the beginning of the plan that has exactly these names.
func (p plan) upTo(names []string) (plan, error) {
	if len(names) == 0 {
		return nil, fmt.Errorf("%w: it names no migrations", ErrSchema)
	}
	if len(names) > len(p) {
		return nil, fmt.Errorf("%w: it was made by a newer program, of %d migrations, and this one knows %d: install that program or a newer one", ErrSchema, len(names), len(p))
	}
	for i, n := range names {
		if p[i].name != n {
			return nil, fmt.Errorf("%w: its migration %d is another than this program's %s", ErrSchema, i+1, p[i].name)
		}
	}
	return p[:len(names)], nil
}

// Rows of one statement: few enough for the parameters that either engine takes.
const maxParameters = 8000

// Most is how many rows of a table Put takes at a time.
func (t Table) Most() int { return max(1, maxParameters/max(1, len(t.Columns))) }

// Put writes rows of a table, at most Most of them.
func (to *Filling) Put(ctx context.Context, t Table, rows [][]any) error {
	if len(rows) == 0 {
		return nil
	}
	var q strings.Builder
	q.WriteString("INSERT INTO " + quoted(t.Name) + " (" + list(t.Columns) + ") VALUES ")
	args := make([]any, 0, len(rows)*len(t.Columns))
	for i, row := range rows {
		if i > 0 {
			q.WriteString(", ")
		}
		q.WriteString("(")
		for j, v := range row {
			if j > 0 {
				q.WriteString(", ")
			}
			args = append(args, v)
			fmt.Fprintf(&q, "$%d", len(args))
		}
		q.WriteString(")")
	}
	if _, err := to.tx.ExecContext(ctx, q.String(), args...); err != nil {
		return fmt.Errorf("write table %s: %w", t.Name, err)
	}
	return nil
}

func quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func list(names []string) string {
	var out []string
	for _, n := range names {
		out = append(out, quoted(n))
	}
	return strings.Join(out, ", ")
}

// texts reads a query of one column of text.
func texts(ctx context.Context, tx Tx, query string, args ...any) (out []string, err error) {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, rows.Err()
}
