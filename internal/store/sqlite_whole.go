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

func (s *sqliteDB) relations(ctx context.Context, tx Tx) ([]Relation, error) {
	return catalogued(ctx, tx, `SELECT t.name, c.name, c.type FROM pragma_table_list AS t JOIN pragma_table_info(t.name) AS c
		WHERE t.schema = 'main' AND t.type = 'table' AND substr(t.name, 1, 7) <> 'sqlite_' ORDER BY t.name, c.cid`)
}

func (s *sqliteDB) refers(ctx context.Context, tx Tx, table string) ([]string, error) {
	return texts(ctx, tx, `SELECT DISTINCT "table" FROM pragma_foreign_key_list($1)`, table)
}

func (s *sqliteDB) rows(ctx context.Context, tx Tx, t Table, f func([]any) error) (err error) {
	rows, err := tx.QueryContext(ctx, "SELECT "+list(t.Columns)+" FROM "+quoted(t.Name))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	return eachRow(ctx, rows, len(t.Columns), f)
}
