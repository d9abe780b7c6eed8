package store

import (
	"context"
	"errors"
	"fmt"
	"os"
)

// ErrBeside refuses to change a database that is only looked at.
var ErrBeside = errors.New("the database is only looked at, beside a process that may be serving it")

// beside is an SQLite database that another process may be serving. The lock file says
// that one process serves; who only reads takes no part in that: SQLite keeps readers
// of other processes apart from its writer.
type beside struct{ *sqliteDB }

func openBeside(ctx context.Context, cfg Config) (backend, error) {
	if _, err := os.Stat(cfg.Path); err != nil {
		return nil, err
	}
	s := &sqliteDB{path: cfg.Path}
	var err error
	if s.read, err = pool(cfg.Path, 1, "query_only(1)"); err != nil {
		return nil, err
	}
	s.readers = newReaders(s.read, 1)
	if err := s.ping(ctx); err != nil {
		return nil, errors.Join(err, s.disconnect())
	}
	return beside{s}, nil
}

func (beside) update(context.Context, Work) error  { return ErrBeside }
func (beside) migrate(context.Context, Work) error { return ErrBeside }
func (beside) insist(context.Context, Work) error  { return ErrBeside }

func (beside) makeRoom(context.Context) bool            { return false }
func (beside) scrub(context.Context, []string) error    { return ErrBeside }
func (beside) script(context.Context, Tx, string) error { return ErrBeside }
func (beside) keepCopy(context.Context) error           { return ErrBeside }
func (b beside) close() error                           { return b.disconnect() }

// dropCopy leaves it to the process that serves.
func (beside) dropCopy(context.Context) error { return nil }

// sound does not read: it would keep one snapshot for as long as the file takes.
func (beside) sound(context.Context) ([]string, bool, error) { return nil, false, nil }

// faultsListed bounds what SQLite lists.
const faultsListed = 100

// sound has SQLite read every page, and look for rows whose parent is missing.
func (s *sqliteDB) sound(ctx context.Context) (broken []string, looked bool, err error) {
	err = s.readers.view(ctx, func(ctx context.Context, tx Tx) error {
		broken = nil
		lines, err := listed(ctx, tx, fmt.Sprintf("PRAGMA integrity_check(%d)", faultsListed), 1)
		if err != nil {
			return err
		}
		for _, l := range lines {
			if l != "ok" {
				broken = append(broken, l)
			}
		}
		orphans, err := listed(ctx, tx, "PRAGMA foreign_key_check", 4)
		for _, o := range orphans {
			broken = append(broken, "a row of "+o+" without what it refers to")
		}
		return err
	})
	return broken[:min(len(broken), faultsListed)], err == nil, err
}

// listed reads the first column of so many.
func listed(ctx context.Context, tx Tx, query string, columns int) (out []string, err error) {
	rows, err := tx.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() && len(out) < faultsListed {
		var first string
		into := []any{&first}
		for range columns - 1 {
			into = append(into, new(any))
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		out = append(out, first)
	}
	return out, rows.Err()
}
