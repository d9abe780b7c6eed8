// Package store runs transactions on SQLite or PostgreSQL and hides which.
//
// # What it promises
//
// Update is serializable and durable: when it returns nil, the changes of the
// closure have reached the disk (SQLite: WAL with synchronous FULL; PostgreSQL:
// a server that flushes, checked when opening), and the outcome is as if all
// closures had run one after the other. When it returns an error nothing of the
// closure is kept, except for ErrUncertain, which says that nobody knows.
//
// Insist is Update for what takes something back. On a full disk Update refuses
// early enough that Insist goes on: SQLite keeps room for it in PATH.reserve. A
// PostgreSQL server's disk is the business of its operator.
//
// View sees one consistent snapshot of committed data and cannot write, on
// either engine.
//
// Of several servers in a PostgreSQL connection string the one that takes writes is
// found, anew after a restart or a failover; meanwhile callers get ErrUnavailable. A
// server that does not answer any more is given up within seconds. One whose place
// another has taken, as far as anybody here has seen, is refused (Era).
//
// A database that is not migrated, was migrated by a newer program or by files
// that have changed since, is refused.
//
// # What it asks
//
// A closure may run more than once, so it changes nothing outside its
// transaction that a second run would not overwrite. It runs statements and, where
// it restricts, writes one line of the journal (package journal), and does nothing
// else: on SQLite every other writer waits for it. It returns the error
// of a failed statement, wrapped with %w: after one the transaction only rolls
// back. It does not call Update or View. The queries keep to the common subset
// of the two engines, which package storetest checks.
//
// # What it does not do
//
// It does not translate SQL, generate identifiers or know any table but its own
// ledger of migrations. It does not replicate or promote: what a failover keeps
// is for the servers' settings (docs/operate/failover.md). SQLite serves one process only,
// guarded by a lock file.
package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"sync/atomic"
)

// Engine names a database engine, and the folder of its migrations.
type Engine string

// The engines there are.
const (
	SQLite     Engine = "sqlite"
	PostgreSQL Engine = "postgres"
)

// Config says which database to open and how.
type Config struct {
	Engine Engine
	// Path is the SQLite file. Its folder is made with mode 0700, the file
	// with 0600; beside it stand PATH-wal, PATH-shm, PATH.lock and
	// PATH.reserve.
	Path string
	// URL is the PostgreSQL connection string. It holds a password: Config
	// prints without it.
	URL string
	// MaxConns bounds the connections: of PostgreSQL altogether, of SQLite for
	// reading (writing has one). 0 is 32 for PostgreSQL, 4 for SQLite.
	MaxConns int
	// Migrations holds the folders sqlite and postgres with NNNN_name.sql.
	Migrations fs.FS
	// AutoMigrate brings the database up to date, and makes it where there is
	// none, instead of refusing it.
	AutoMigrate bool
	// Beside opens an SQLite database that another process may be serving, to look at
	// it: View works, everything else is ErrBeside. A View there must be short: while
	// it lasts, what that process erased cannot be wiped from its log. PostgreSQL
	// takes any number of processes, and ignores it.
	Beside bool
	// Volatile accepts that an acknowledged change is lost in a crash: SQLite
	// does not flush, and a PostgreSQL that does not is not refused. For tests.
	Volatile bool
}

// redacted is a Config as it may be shown.
type redacted Config

func (c Config) redacted() redacted {
	if c.URL != "" {
		c.URL = "[redacted]"
	}
	return redacted(c)
}

// Format implements fmt.Formatter without the password, for every verb.
func (c Config) Format(f fmt.State, verb rune) {
	fmt.Fprintf(f, fmt.FormatString(f, verb), c.redacted())
}

// LogValue implements slog.LogValuer without the password.
func (c Config) LogValue() slog.Value { return slog.AnyValue(c.redacted()) }

// MarshalJSON implements json.Marshaler by refusing: a Config with its password
// has no business in a document.
func (c Config) MarshalJSON() ([]byte, error) {
	return nil, errors.New("a store.Config is not written as JSON: it holds a password")
}

// DB is an open database. Its methods may be called by any number of
// goroutines.
type DB struct {
	engine Engine
	back   backend
	plan   plan
	scrubs *rounds
	closed atomic.Bool
	from   int // migrations that were done when it was opened
}

// backend is one engine. Errors of its transactions are classified, or the
// closure's own.
type backend interface {
	// update runs f once in a serializable, durable transaction.
	update(ctx context.Context, f Work) error
	// insist is update for what may use the room that is kept for a full disk, and
	// makeRoom gives it that room: false where there is none.
	insist(ctx context.Context, f Work) error
	makeRoom(ctx context.Context) bool
	// view runs f once in a read-only transaction on one snapshot.
	view(ctx context.Context, f Work) error
	// migrate runs f once in a durable transaction that sees what every other
	// process's migrate before it has done and overlaps with none.
	migrate(ctx context.Context, f Work) error
	// snapshot is view for a read of everything, however long it takes. tables lists
	// all tables in tx, and which each refers to; rows reads one of them.
	snapshot(ctx context.Context, f Work) error
	relations(ctx context.Context, tx Tx) ([]Relation, error)                 // all tables, by name
	refers(ctx context.Context, tx Tx, table string) (to []string, err error) // by foreign keys
	rows(ctx context.Context, tx Tx, t Table, f func(values []any) error) error
	// script runs the statements of a migration file in tx.
	script(ctx context.Context, tx Tx, sql string) error
	// ledger is the DDL of the ledger of migrations, and a query that counts
	// the tables of its name.
	ledger() (ddl, count string)
	// keepCopy makes a copy to go back to when a migration goes wrong, and
	// dropCopy destroys it, if there is one.
	keepCopy(ctx context.Context) error
	dropCopy(ctx context.Context) error
	// scrub removes what deleted rows of tables have left on the disk.
	scrub(ctx context.Context, tables []string) error
	// sound looks at the database's own structure and lists what is broken; looked is
	// false where it cannot, or may not.
	sound(ctx context.Context) (broken []string, looked bool, err error)
	diskBytes(ctx context.Context) (int64, error)
	ping(ctx context.Context) error
	// era is the latest history that was seen, and outlive says that another is
	// later.
	era() Era
	outlive(e Era)
	close() error
}

// Open opens the database and checks that it can keep the promises.
func Open(ctx context.Context, cfg Config, log *slog.Logger) (*DB, error) {
	db, err := open(ctx, cfg, log)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	return db, nil
}

func open(ctx context.Context, cfg Config, log *slog.Logger) (*DB, error) {
	plan, err := readPlan(cfg.Migrations, cfg.Engine)
	if err != nil {
		return nil, err
	}
	back, err := connect(ctx, cfg, log)
	if err != nil {
		return nil, err
	}
	db := &DB{engine: cfg.Engine, back: back, plan: plan, scrubs: newRounds(back.scrub)}
	if cfg.AutoMigrate {
		err = db.Migrate(ctx)
	} else {
		err = db.refuseUnlessCurrent(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, back.close())
	}
	return db, nil
}

func connect(ctx context.Context, cfg Config, log *slog.Logger) (backend, error) {
	switch cfg.Engine {
	case SQLite:
		return openSQLite(ctx, cfg)
	case PostgreSQL:
		return openPostgres(ctx, cfg, log)
	}
	return nil, fmt.Errorf("engine %q: choose %q or %q", cfg.Engine, SQLite, PostgreSQL)
}

// Engine tells which engine runs, for messages and measurements; queries are
// the same on both.
func (db *DB) Engine() Engine { return db.engine }

// Ping returns nil when the database answers, else ErrUnavailable.
func (db *DB) Ping(ctx context.Context) error {
	if db.closed.Load() {
		return errClosed
	}
	if err := db.back.ping(ctx); err != nil {
		return fmt.Errorf("ping database: %w", err)
	}
	return nil
}

// Sound reads the database's own structure and lists what is broken in it; looked tells
// whether it has been read at all. An SQLite file is read whole, unless it is open
// Beside; a PostgreSQL server has tools of its own.
func (db *DB) Sound(ctx context.Context) (broken []string, looked bool, err error) {
	if broken, looked, err = db.back.sound(ctx); err != nil {
		return nil, false, fmt.Errorf("read the database's structure: %w", err)
	}
	return broken, looked, nil
}

// DiskBytes is what the database takes up on disk, in bytes: on SQLite with its
// write-ahead log, on PostgreSQL without.
func (db *DB) DiskBytes(ctx context.Context) (int64, error) {
	n, err := db.back.diskBytes(ctx)
	if err != nil {
		return 0, fmt.Errorf("measure database: %w", err)
	}
	return n, nil
}

// Close waits for transactions and scrubs that run and closes the database.
// What comes later gets ErrUnavailable. A second Close does nothing.
func (db *DB) Close() error {
	if db.closed.Swap(true) {
		return nil
	}
	db.scrubs.wait()
	if err := db.back.close(); err != nil {
		return fmt.Errorf("close database: %w", err)
	}
	return nil
}
