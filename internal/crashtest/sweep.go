package crashtest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/relatingfield/vault/internal/blob"
	"github.com/relatingfield/vault/internal/blob/fsblob"
	"github.com/relatingfield/vault/internal/payload"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/migrations"
)

// later is a clock on which everything that a crash left is old enough to be
// swept: a vault waits for a day, and for unfinished files a week.
func later() time.Time { return time.Now().Add(10 * 24 * time.Hour) }

// sweep lets the product sweep what a dead server left.
func (w *World) sweep(ctx context.Context) error {
	dir := w.daemon.Dir()
	cfg := sqlite(dir)
	if w.cfg.Cluster != nil {
		cfg = store.Config{Engine: store.PostgreSQL, URL: w.cfg.Cluster.URL(w.database), Migrations: migrations.Files}
	}
	orphans, err := sweep(ctx, cfg, filepath.Join(dir, "blobs"))
	w.counts["orphans swept"] += orphans
	return err
}

// Sweep lets the product sweep the data folder of a dead server on SQLite, and fails
// if the folder of payloads then holds what no row names, or a row names what it
// does not hold. It tells how many objects no row named.
func Sweep(ctx context.Context, dir string) (orphans int, err error) {
	return sweep(ctx, sqlite(dir), filepath.Join(dir, "blobs"))
}

func sqlite(dir string) store.Config {
	return store.Config{Engine: store.SQLite, Path: filepath.Join(dir, "vault.db"), Migrations: migrations.Files}
}

// sweep opens the dead server's stores, sweeps them, and then holds the folder of
// payloads against the rows.
func sweep(ctx context.Context, cfg store.Config, dir string) (orphans int, err error) {
	log := slog.New(slog.DiscardHandler)
	db, err := store.Open(ctx, cfg, log)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	blobs, err := fsblob.Open(dir, later)
	if err != nil {
		return 0, err
	}
	p := &payload.Payloads{DB: db, Blobs: blobs, Now: later, Log: log}
	p.Reap(ctx)
	if orphans, err = p.Sweep(ctx, time.Hour); err != nil {
		return orphans, err
	}
	if err := compare(ctx, db, blobs); err != nil {
		return orphans, err
	}
	return orphans, empty(filepath.Join(dir, "tmp"))
}

// compare holds objects against rows, both ways.
func compare(ctx context.Context, db *store.DB, blobs blob.Store) error {
	named, err := names(ctx, db)
	if err != nil {
		return err
	}
	err = blobs.List(ctx, func(e blob.Entry) error {
		if !named[string(e.Key)] {
			return fmt.Errorf("payload %s is named by no row", e.Key)
		}
		delete(named, string(e.Key))
		return nil
	})
	if err != nil {
		return err
	}
	for key := range named {
		return fmt.Errorf("payload %s is named by a row and is not there", key)
	}
	return nil
}

// names reads which objects rows name. Doomed ones are those that Reap could not
// delete, and there must be none.
func names(ctx context.Context, db *store.DB) (map[string]bool, error) {
	named := map[string]bool{}
	err := db.View(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		rows, err := tx.QueryContext(ctx, "SELECT blob FROM pieces")
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, rows.Close()) }()
		for rows.Next() {
			var key string
			if err := rows.Scan(&key); err != nil {
				return err
			}
			named[key] = true
		}
		return rows.Err()
	})
	return named, err
}

// empty says whether a folder holds no file.
func empty(dir string) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			err = fmt.Errorf("%s was left behind", path)
		}
		return err
	})
}
