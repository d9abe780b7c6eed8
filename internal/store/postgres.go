package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
)

// postgresDB is the PostgreSQL engine.
type postgresDB struct {
	pool *pgxpool.Pool
	db   *sql.DB // the same connections, as they are handed out
	log  *slog.Logger
	told told

	answers *sql.DB // makes rows for the closures

	servers *servers
	answer  time.Duration // how long a server that is alive takes at most to answer that it is
	end     time.Duration // how long a commit or a rollback may take
	rest    func()        // ends the pulse
}

// waitTime bounds how long a caller waits for a connection.
const waitTime = 10 * time.Second

func openPostgres(ctx context.Context, cfg Config, log *slog.Logger) (backend, error) {
	pc, err := pgxpool.ParseConfig(cfg.URL)
	if err != nil {
		return nil, fmt.Errorf("postgresql url: %w", err)
	}
	pc.MaxConns = 32
	if cfg.MaxConns > 0 {
		pc.MaxConns = int32(min(cfg.MaxConns, 1000))
	}
	if pc.ConnConfig.ConnectTimeout == 0 {
		pc.ConnConfig.ConnectTimeout = 5 * time.Second
	}
	defaults(pc.ConnConfig.RuntimeParams)
	p := &postgresDB{log: log, servers: newServers(), answer: pc.ConnConfig.ConnectTimeout, end: endTime}
	pc.BeforeConnect, pc.PrepareConn = p.servers.prepare, usable
	if p.pool, err = pgxpool.NewWithConfig(ctx, pc); err != nil {
		return nil, classifyStatement(err)
	}
	p.db, p.answers = stdlib.OpenDBFromPool(p.pool), openAnswers()
	p.rest = p.feel(pc.ConnConfig)
	if err := p.fit(ctx, cfg.Volatile, len(hosts(pc.ConnConfig)) > 1); err != nil {
		return nil, errors.Join(err, p.close())
	}
	return p, nil
}

// sound leaves it to the server's own tools (pg_amcheck).
func (*postgresDB) sound(context.Context) ([]string, bool, error) { return nil, false, nil }

// hosts are the different ones of a connection string.
func hosts(cfg *pgx.ConnConfig) map[string]bool {
	all := map[string]bool{fmt.Sprint(cfg.Host, " ", cfg.Port): true}
	for _, f := range cfg.Fallbacks {
		all[fmt.Sprint(f.Host, " ", f.Port)] = true
	}
	return all
}

// defaults are session settings that the URL may override. The times end what a
// dead client or a forgotten lock would hold for ever.
func defaults(params map[string]string) {
	for k, v := range map[string]string{
		"application_name":                    "testimonyd",
		"idle_in_transaction_session_timeout": "60000",
		"lock_timeout":                        "10000",
		"statement_timeout":                   "60000",
	} {
		if params[k] == "" {
			params[k] = v
		}
	}
}

// fit refuses a server that cannot keep this package's promises, and says so where
// one of several could be promoted that lacks what was acknowledged.
func (p *postgresDB) fit(ctx context.Context, volatile, several bool) error {
	ctx, cancel := context.WithTimeout(ctx, waitTime)
	defer cancel()
	var version int
	var encoding, fsync, commit, standbys string
	err := p.pool.QueryRow(ctx, `SELECT CAST(current_setting('server_version_num') AS int), current_setting('server_encoding'),
		current_setting('fsync'), current_setting('synchronous_commit'), current_setting('synchronous_standby_names')`).Scan(&version, &encoding, &fsync, &commit, &standbys)
	if err != nil {
		return classifyStatement(err)
	}
	if version < 130000 {
		return fmt.Errorf("the postgresql server is older than version 13 (%d): upgrade it", version)
	}
	if encoding != "UTF8" {
		return fmt.Errorf("the database is encoded in %s: make one with ENCODING 'UTF8'", encoding)
	}
	if !volatile && (fsync != "on" || commit == "off") {
		return fmt.Errorf("the postgresql server may forget what it has committed (fsync = %s, synchronous_commit = %s): set both to on", fsync, commit)
	}
	if several && (standbys == "" || commit != "on" && commit != "remote_apply") {
		p.log.Warn("a failover may lose what was acknowledged: name a standby in synchronous_standby_names and set synchronous_commit to on (docs/operate/failover.md)")
	}
	return nil
}

// The transactions. Update is serializable: the domain's rules span rows, and
// no list of row locks would be as sure. View is repeatable read: one snapshot
// for all its statements at the cost of the default level, while serializable
// would let readers be aborted and abort writers. Such a snapshot may show a
// state between two concurrent Updates that no serial order had; so what a
// decision rests on is read in the Update that acts on it.
const (
	beginUpdate  = "begin isolation level serializable"
	beginView    = "begin isolation level repeatable read read only"
	beginMigrate = "begin isolation level read committed"
)

func (p *postgresDB) update(ctx context.Context, f Work) error {
	return p.transact(ctx, beginUpdate, f)
}

// insist has no room of its own: the disk is another machine's.
func (p *postgresDB) insist(ctx context.Context, f Work) error { return p.update(ctx, f) }

func (p *postgresDB) makeRoom(context.Context) bool { return false }

func (p *postgresDB) view(ctx context.Context, f Work) error {
	return p.transact(ctx, beginView, f)
}

// migrationLock is the key of the advisory lock, the same in every version.
const migrationLock = 0x7465737469 // "testi"

// migrate locks others out until its transaction ends. It is read committed, so
// that after waiting for the lock it sees what the other has done.
func (p *postgresDB) migrate(ctx context.Context, f Work) error {
	return p.transact(ctx, beginMigrate, func(ctx context.Context, tx Tx) error {
		// Another process's migration may take longer than a lock should, and
		// so may a statement of this one, or what f does between two.
		for _, q := range []string{"SET LOCAL lock_timeout = 0", "SET LOCAL statement_timeout = 0", "SET LOCAL idle_in_transaction_session_timeout = 0"} {
			if _, err := tx.ExecContext(ctx, q); err != nil {
				return err
			}
		}
		if _, err := tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock($1)", int64(migrationLock)); err != nil {
			return err
		}
		return f(ctx, tx)
	})
}

// script uses the simple protocol, which takes several statements.
func (p *postgresDB) script(ctx context.Context, tx Tx, text string) error {
	_, err := tx.ExecContext(ctx, text, pgx.QueryExecModeSimpleProtocol)
	return err
}

func (p *postgresDB) ledger() (ddl, count string) {
	return "CREATE TABLE schema_migration (number BIGINT PRIMARY KEY, name TEXT COLLATE \"C\" NOT NULL, sha256 TEXT COLLATE \"C\" NOT NULL);\n",
		"SELECT count(*) FROM pg_class WHERE oid = to_regclass('schema_migration')"
}

// The copy before a migration is the business of the server's own backups.
func (p *postgresDB) keepCopy(context.Context) error { return nil }
func (p *postgresDB) dropCopy(context.Context) error { return nil }

func (p *postgresDB) ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, p.answer)
	defer cancel()
	if err := p.pool.Ping(ctx); ctx.Err() != nil {
		return errors.Join(errSilent, err)
	} else {
		return classifyStatement(err)
	}
}

func (p *postgresDB) era() Era      { return p.servers.latest() }
func (p *postgresDB) outlive(e Era) { p.servers.outlive(e) }

func (p *postgresDB) diskBytes(ctx context.Context) (n int64, err error) {
	err = p.pool.QueryRow(ctx, "SELECT pg_database_size(current_database())").Scan(&n)
	return n, classifyStatement(err)
}

func (p *postgresDB) close() error {
	p.rest()
	err := errors.Join(p.db.Close(), p.answers.Close())
	p.pool.Close()
	return err
}
