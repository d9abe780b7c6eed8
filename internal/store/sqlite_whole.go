package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// besideSQLite opens a database for reading that another process may serve. It takes
// no part in the lock: whoever only reads a snapshot has no downloads that a
// revocation must cut.
func besideSQLite(ctx context.Context, cfg Config) (backend, error) {
	if _, err := os.Stat(cfg.Path); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: there is no file %s", ErrSchema, cfg.Path)
	} else if err != nil {
		return nil, err
	}
	s := &sqliteDB{path: cfg.Path}
	var err error
	if s.read, err = pool(cfg.Path, 1, "query_only(1)"); err != nil {
		return nil, err
	}
	s.readers = newReaders(s.read, 1)
	if err := s.ping(ctx); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

func (s *sqliteDB) snapshot(ctx context.Context, f Work) error { return s.readers.view(ctx, f) }

func (s *sqliteDB) tables(ctx context.Context, tx Tx) (found []Table, refers map[string][]string, err error) {
	names, err := texts(ctx, tx, "SELECT name FROM sqlite_schema WHERE type = 'table' AND substr(name, 1, 7) <> 'sqlite_'")
	if err != nil {
		return nil, nil, err
	}
	refers = map[string][]string{}
	for _, n := range names {
		t := Table{Name: n}
		if t.Columns, err = texts(ctx, tx, "SELECT name FROM pragma_table_info($1) ORDER BY cid", n); err != nil {
			return nil, nil, err
		}
		if refers[n], err = texts(ctx, tx, `SELECT DISTINCT "table" FROM pragma_foreign_key_list($1)`, n); err != nil {
			return nil, nil, err
		}
		found = append(found, t)
	}
	return found, refers, nil
}

func (s *sqliteDB) rows(ctx context.Context, tx Tx, t Table, f func([]any) error) (err error) {
	rows, err := tx.QueryContext(ctx, "SELECT "+list(t.Columns)+" FROM "+quoted(t.Name))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	return eachRow(ctx, rows, len(t.Columns), f)
}
