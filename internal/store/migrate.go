package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
)

// Migrate brings the schema up to date. It only goes forward, one file per
// transaction, so a crash or a failure leaves the database between two files
// and the next call goes on from there. Two processes that migrate at the same
// time do each file once.
//
// On SQLite a copy of the database is kept beside it until all is done, to go
// back to by hand. It holds what the database held, so it is overwritten and
// removed at the end; a failure names it and leaves it.
func (db *DB) Migrate(ctx context.Context) error {
	todo, err := db.pending(ctx)
	if err != nil {
		return err
	}
	db.from = len(db.plan) - len(todo)
	if len(todo) > 0 && len(todo) < len(db.plan) {
		if err := db.back.keepCopy(ctx); err != nil {
			return fmt.Errorf("migrate: keep a copy: %w", err)
		}
	}
	for len(todo) > 0 {
		if todo, err = db.step(ctx); err != nil {
			return err
		}
	}
	if err := db.back.dropCopy(ctx); err != nil {
		return fmt.Errorf("migrate: remove the copy: %w", err)
	}
	return nil
}

// Migrated tells which migration was the newest when Migrate began, empty for a
// database that it made, and which is now.
func (db *DB) Migrated() (from, to string) {
	if db.from > 0 {
		from = db.plan[db.from-1].name
	}
	return from, db.plan[len(db.plan)-1].name
}

// Newest is the name of the last migration of an engine.
func Newest(files fs.FS, e Engine) (string, error) {
	p, err := readPlan(files, e)
	if err != nil {
		return "", err
	}
	if len(p) == 0 {
		return "", fmt.Errorf("%w: no migrations were given", ErrSchema)
	}
	return p[len(p)-1].name, nil
}

// refuseUnlessCurrent is the check of a server that does not migrate.
func (db *DB) refuseUnlessCurrent(ctx context.Context) error {
	todo, err := db.pending(ctx)
	if err != nil {
		return err
	}
	if len(todo) > 0 {
		return fmt.Errorf("%w: %d migrations are to be done, from %s: run `testimonyd migrate`", ErrSchema, len(todo), todo[0].name)
	}
	// A copy that is still here outlived a crash after the last migration.
	return db.back.dropCopy(ctx)
}

// pending is what the ledger says is left to do.
func (db *DB) pending(ctx context.Context) (todo plan, err error) {
	err = db.View(ctx, func(ctx context.Context, tx Tx) error {
		done, err := db.done(ctx, tx)
		if err != nil {
			return err
		}
		todo, err = db.plan.check(done)
		return err
	})
	return todo, err
}

// step does the next migration, if there is one left when its turn comes, and
// returns what is left after it.
func (db *DB) step(ctx context.Context) (todo plan, err error) {
	err = again(ctx, func() error {
		return db.back.migrate(ctx, func(ctx context.Context, tx Tx) error {
			done, err := db.done(ctx, tx)
			if err != nil {
				return err
			}
			todo, err = db.plan.check(done)
			if err != nil || len(todo) == 0 {
				return err
			}
			err = db.apply(ctx, tx, len(done)+1, todo[0])
			todo = todo[1:]
			return err
		})
	})
	return todo, err
}

func (db *DB) apply(ctx context.Context, tx Tx, number int, m migration) error {
	ddl, _ := db.back.ledger()
	if number > 1 {
		ddl = ""
	}
	err := db.back.script(ctx, tx, ddl+m.sql)
	if err == nil {
		_, err = tx.ExecContext(ctx, "INSERT INTO schema_migration (number, name, sha256) VALUES ($1, $2, $3)", number, m.name, m.sum)
	}
	if err != nil {
		return fmt.Errorf("migrate: %s: %w", m.name, err)
	}
	return nil
}

// done reads the ledger, which an empty database does not have.
func (db *DB) done(ctx context.Context, tx Tx) (list []applied, err error) {
	_, count := db.back.ledger()
	var n int
	if err := tx.QueryRowContext(ctx, count).Scan(&n); err != nil || n == 0 {
		return nil, err
	}
	rows, err := tx.QueryContext(ctx, "SELECT name, sha256 FROM schema_migration ORDER BY number")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var a applied
		if err := rows.Scan(&a.name, &a.sum); err != nil {
			return nil, err
		}
		list = append(list, a)
	}
	return list, rows.Err()
}
