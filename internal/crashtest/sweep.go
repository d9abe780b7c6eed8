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

// sweep opens the dead server's stores, lets the product sweep them, and then
// holds the folder of payloads against the rows.
func (w *World) sweep(ctx context.Context) (err error) {
	dir := w.daemon.Dir()
	cfg := store.Config{Engine: store.SQLite, Path: filepath.Join(dir, "vault.db"), Migrations: migrations.Files}
	if w.cfg.Cluster != nil {
		cfg = store.Config{Engine: store.PostgreSQL, URL: w.cfg.Cluster.URL(w.database), Migrations: migrations.Files}
	}
	log := slog.New(slog.DiscardHandler)
	db, err := store.Open(ctx, cfg, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	blobs, err := fsblob.Open(filepath.Join(dir, "blobs"), later)
	if err != nil {
		return err
	}
	p := &payload.Payloads{DB: db, Blobs: blobs, Now: later, Log: log}
	p.Reap(ctx)
	orphans, err := p.Sweep(ctx, time.Hour)
	if err != nil {
		return err
	}
	w.counts["orphans swept"] += orphans
	if err := compare(ctx, db, blobs); err != nil {
		return err
	}
	return empty(filepath.Join(dir, "blobs", "tmp"))
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
