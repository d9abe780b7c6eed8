package store

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// horizonTime bounds how long scrub waits for old transactions to end.
const horizonTime = 5 * time.Second

// told remembers what was logged, so that each erasure does not log it again.
type told struct {
	mu    sync.Mutex
	about map[string]bool
}

func (t *told) first(what string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.about[what] {
		return false
	}
	if t.about == nil {
		t.about = make(map[string]bool)
	}
	t.about[what] = true
	return true
}

// scrub rewrites the tables without their dead rows. The files of before are
// unlinked at the checkpoint, and the segment of the log that holds the rows is
// closed, so that archiving and recycling can take its course.
func (p *postgresDB) scrub(ctx context.Context, tables []string) error {
	conn, err := p.pool.Acquire(ctx)
	if err != nil {
		return classifyStatement(err)
	}
	defer conn.Release()
	ctx, stop := lineOf(conn.Conn()).life.with(ctx)
	defer stop()
	if err := waitForHorizon(ctx, conn); err != nil {
		return err
	}
	for _, t := range tables {
		err := again(ctx, func() error {
			_, err := conn.Exec(ctx, `VACUUM (FULL) "`+t+`"`)
			return classifyStatement(err)
		})
		if err != nil {
			return err
		}
	}
	if done, err := allowed(ctx, conn, "CHECKPOINT"); err != nil {
		return err
	} else if !done && p.told.first("checkpoint") {
		p.log.Warn("erased rows stay in unlinked files until the server's next checkpoint: grant pg_checkpoint to the vault's role")
	}
	if done, err := allowed(ctx, conn, "SELECT pg_switch_wal()"); err != nil {
		return err
	} else if !done && p.told.first("switch") {
		p.log.Warn("erased rows stay in the open log segment until it is full: grant execute on pg_switch_wal to the vault's role")
	}
	return nil
}

// allowed runs what an ordinary role may not do, and reports whether this one
// may. The server does both on its own in time; only the traces stay longer.
func allowed(ctx context.Context, conn *pgxpool.Conn, query string) (bool, error) {
	_, err := conn.Exec(ctx, query)
	var refused *pgconn.PgError
	if errors.As(err, &refused) && refused.Code == "42501" { // insufficient_privilege
		return false, nil
	}
	return err == nil, classifyStatement(err)
}

// waitForHorizon returns once no transaction is left that began before now: to
// such a one the deleted rows may still be visible, and VACUUM would keep them.
func waitForHorizon(ctx context.Context, conn *pgxpool.Conn) error {
	ctx, cancel := context.WithTimeout(ctx, horizonTime)
	defer cancel()
	var now string
	if err := conn.QueryRow(ctx, "SELECT CAST(pg_current_xact_id() AS text)").Scan(&now); err != nil {
		return classifyStatement(err)
	}
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		old, err := older(ctx, conn, now)
		if err == nil && old == 0 {
			return nil
		}
		if err != nil && ctx.Err() == nil {
			return classifyStatement(err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return as(fmt.Errorf("%d older transactions or replication slots still see the rows", old), ErrUnavailable)
		}
	}
}

// older counts what holds back the horizon of VACUUM behind transaction now.
// age() is the distance from the newest transaction: the larger, the older.
// Another VACUUM shows a horizon but holds none back.
func older(ctx context.Context, conn *pgxpool.Conn, now string) (n int, err error) {
	err = conn.QueryRow(ctx, `
		WITH mine AS (SELECT age(CAST(CAST(CAST($1 AS text) AS xid8) AS xid)) AS age)
		SELECT (SELECT count(*) FROM pg_stat_activity, mine
				WHERE pid <> pg_backend_pid() AND (datname IS NULL OR datname = current_database())
				AND pid NOT IN (SELECT pid FROM pg_stat_progress_vacuum)
				AND (age(backend_xmin) > mine.age OR age(backend_xid) > mine.age))
			 + (SELECT count(*) FROM pg_replication_slots, mine WHERE age(xmin) > mine.age)
			 + (SELECT count(*) FROM pg_prepared_xacts, mine WHERE age(transaction) > mine.age)`, now).Scan(&n)
	return n, err
}
