package app

import (
	"context"
	"errors"
	"fmt"

	"github.com/relatingfield/vault/internal/fsck"
	"github.com/relatingfield/vault/internal/ledger"
	"github.com/relatingfield/vault/internal/serverkeys"
	"github.com/relatingfield/vault/internal/stewardship"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/migrations"
)

// FsckReport is what a check of everything against everything has found.
type FsckReport = fsck.Report

// FsckHow says what it does.
type FsckHow = fsck.How

// Fsck holds everything that is stored against everything else. It may run beside a
// vault that serves; repairing on SQLite, where one process writes, needs the vault
// stopped.
func (a *App) Fsck(ctx context.Context, how FsckHow) (out *FsckReport, err error) {
	db, err := a.look(ctx, !how.Repair)
	if err != nil {
		return nil, fmt.Errorf("fsck: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	v, err := a.asideOf(db)
	if err != nil {
		return nil, fmt.Errorf("fsck: %w", err)
	}
	f, err := v.fsck(ctx)
	if err != nil {
		return nil, fmt.Errorf("fsck: %w", err)
	}
	out, err = f.Run(ctx, how)
	if how.Repair {
		v.payloads.Reap(ctx)
	}
	if err != nil {
		err = fmt.Errorf("fsck: %w", err)
	}
	return out, err
}

// look opens the database, only to look at it or not. It does not bring it up to date:
// the rows are to be seen as they are.
func (a *App) look(ctx context.Context, only bool) (*store.DB, error) {
	c := a.Config.Store
	return store.Open(ctx, store.Config{
		Engine: store.Engine(c.Engine), Path: c.Path, URL: string(c.URL.Reveal()), Migrations: migrations.Files, Volatile: a.Volatile, Beside: only,
	}, a.Log)
}

func (v *vault) fsck(ctx context.Context) (*fsck.Fsck, error) {
	v.book = &stewardship.Book{DB: v.db}
	name, err := v.book.Vault(ctx)
	if err != nil {
		return nil, err
	}
	keys, err := serverkeys.Open(v.cfg.KeysDir, v.app.Rand, v.app.Now)
	if err != nil {
		return nil, err
	}
	p, _, err := place(v.cfg, keys, name.String(), v.app.Now)
	if err != nil {
		return nil, err
	}
	kept, err := keptHeads(v.cfg.Journal)
	if err != nil {
		return nil, err
	}
	return &fsck.Fsck{
		DB: v.db, First: v.blobs, Second: v.second, Fixity: v.fixity, Keys: v.shred, Ledger: &ledger.Ledger{Vault: name.String(), Keys: v.shred, Now: v.app.Now},
		Roster: v.currentRoster, Journals: p, Kept: kept, Grace: v.cfg.GC.OrphanAge, Stale: v.cfg.Uploads.Keep, Expire: v.testimonies.Expire, Now: v.app.Now,
	}, nil
}

// currentRoster follows the stored chain of rosters.
func (v *vault) currentRoster(ctx context.Context) error {
	return v.db.View(ctx, func(ctx context.Context, tx store.Tx) error {
		_, err := v.book.Current(ctx, tx)
		return err
	})
}
