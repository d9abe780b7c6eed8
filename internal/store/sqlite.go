package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	"modernc.org/sqlite"

	"github.com/relatingfield/vault/internal/reserve"
)

// sqliteDB is the SQLite engine: one connection that writes, passed from caller
// to caller, and a few that read.
type sqliteDB struct {
	path    string
	lock    *lock
	write   *sql.DB
	read    *sql.DB
	writer  *writer
	readers *readers
	room    *reserve.Room // nil: none is kept
}

// pragmas are set on every connection, in this order: the timeout first, so
// that the others wait for a lock instead of failing.
//
// FULL flushes the log at every commit: without it an acknowledged change can be
// lost with the power. secure_delete overwrites what is deleted with zeros.
// temp_store keeps sorting out of temporary files. trusted_schema and defensive
// make a tampered database file less of a weapon.
var pragmas = []string{
	"busy_timeout(5000)",
	"journal_mode(WAL)",
	"synchronous(FULL)",
	"foreign_keys(1)",
	"trusted_schema(0)",
	"secure_delete(1)",
	"temp_store(MEMORY)",
	"cache_size(-8192)",
}

func openSQLite(ctx context.Context, cfg Config) (backend, error) {
	if cfg.Path == "" {
		return nil, errors.New("no path for the sqlite database")
	}
	if cfg.Beside {
		return openBeside(ctx, cfg)
	}
	if err := prepareFile(cfg); err != nil {
		return nil, err
	}
	l, err := lockFile(cfg.Path + ".lock")
	if err != nil {
		return nil, err
	}
	s := &sqliteDB{path: cfg.Path, lock: l}
	if err := s.begin(ctx, cfg); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

// begin connects. A database that cannot be opened because its disk is full is
// given the room that is kept for it.
func (s *sqliteDB) begin(ctx context.Context, cfg Config) (err error) {
	if !cfg.Volatile {
		if s.room, err = reserve.Keep(cfg.Path+".reserve", roomKept); err != nil {
			return err
		}
	}
	err = s.connect(ctx, cfg)
	if errors.Is(err, ErrUnavailable) && s.room.Release() {
		err = errors.Join(s.disconnect(), s.connect(ctx, cfg))
	}
	return err
}

func (s *sqliteDB) connect(ctx context.Context, cfg Config) (err error) {
	// Moving the log into the database costs two flushes; doing it every 16 MiB
	// instead of every 4 saves a sixth of the processor's time under load. What a
	// burst or a long read lets it grow to is given back above 32 MiB.
	own := []string{"wal_autocheckpoint(4000)", "journal_size_limit(33554432)"}
	if cfg.Volatile {
		own = append(own, "synchronous(OFF)")
	}
	if s.write, err = pool(cfg.Path, 1, own...); err != nil {
		return err
	}
	n := cfg.MaxConns
	if n <= 0 {
		n = 4
	}
	if s.read, err = pool(cfg.Path, n, "query_only(1)"); err != nil {
		return err
	}
	s.writer = newWriter(s.write)
	s.readers = newReaders(s.read, n)
	return s.ping(ctx)
}

// prepareFile makes folder and file readable by nobody else. SQLite gives its
// log and its index the file's mode.
func prepareFile(cfg Config) error {
	_, err := os.Stat(cfg.Path)
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if !cfg.AutoMigrate {
		return fmt.Errorf("%w: there is no file %s: run `testimonyd migrate`", ErrSchema, cfg.Path)
	}
	dir := filepath.Dir(cfg.Path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if err := createEmpty(cfg.Path); err != nil {
		return err
	}
	return syncDir(dir)
}

func createEmpty(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

// pool is a set of connections to path with the pragmas and further ones.
func pool(path string, conns int, more ...string) (*sql.DB, error) {
	q := url.Values{"_dqs": {"0"}, "_defensive": {"1"}, "_pragma": append([]string(nil), pragmas...)}
	for _, p := range more {
		q.Add("_pragma", p)
	}
	name := "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + q.Encode()
	c, err := sqlite.NewConnector(name)
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(c)
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	return db, nil
}

// update leaves the room that was kept for a full disk to insist.
func (s *sqliteDB) update(ctx context.Context, f Work) error {
	if !s.room.Regain() {
		return errLean
	}
	return s.writer.update(ctx, f)
}

func (s *sqliteDB) insist(ctx context.Context, f Work) error { return s.writer.update(ctx, f) }

func (s *sqliteDB) view(ctx context.Context, f Work) error { return s.readers.view(ctx, f) }

// migrate is update: no other process is at work, and the writer lets closures
// run one after the other.
func (s *sqliteDB) migrate(ctx context.Context, f Work) error { return s.writer.update(ctx, f) }

// script relies on the driver, which runs statement after statement.
func (s *sqliteDB) script(ctx context.Context, tx Tx, text string) error {
	_, err := tx.ExecContext(ctx, text)
	return err
}

func (s *sqliteDB) ledger() (ddl, count string) {
	return "CREATE TABLE schema_migration (number INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, sha256 TEXT NOT NULL) STRICT;\n",
		"SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'schema_migration'"
}

func (s *sqliteDB) ping(ctx context.Context) error {
	return s.readers.view(ctx, func(ctx context.Context, tx Tx) error {
		var n int
		return tx.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema").Scan(&n)
	})
}

// diskBytes asks for the files by name: opening and closing them here would
// drop SQLite's own locks on them.
func (s *sqliteDB) diskBytes(context.Context) (int64, error) {
	var sum int64
	for _, path := range []string{s.path, s.path + "-wal"} {
		fi, err := os.Stat(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return 0, err
		}
		sum += fi.Size()
	}
	return sum, nil
}

func (s *sqliteDB) close() error { return errors.Join(s.disconnect(), s.lock.release()) }

// disconnect ends the readers before the writer, whose connection is then the last
// and leaves an empty log.
func (s *sqliteDB) disconnect() error {
	var err error
	if s.readers != nil {
		s.readers.close()
	}
	if s.read != nil {
		err = errors.Join(err, s.read.Close())
	}
	if s.writer != nil {
		err = errors.Join(err, s.writer.close())
	}
	if s.write != nil {
		err = errors.Join(err, s.write.Close())
	}
	s.readers, s.read, s.writer, s.write = nil, nil, nil, nil
	return err
}

// One process has one database: no other can have taken its place.
func (*sqliteDB) era() Era    { return Era{} }
func (*sqliteDB) outlive(Era) {}
