package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/relatingfield/vault/internal/fixity"
	"github.com/relatingfield/vault/internal/payload"
	"github.com/relatingfield/vault/internal/shred"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/testimony"
)

// checkFixity makes what compares and heals, and has readers tell it what they find.
func (v *vault) checkFixity() {
	c := v.cfg.Fixity
	v.fixity = &fixity.Fixity{
		DB: v.db, Payloads: v.payloads, Keys: v.shred, Rewind: v.testimonies.Rewind, Every: c.Every.Duration(), Pace: int64(c.BytesPerSecond),
		PerDay: int64(c.AskedPerDay), Now: v.app.Now, Tick: time.Now, Rand: v.app.Rand, Log: v.log,
	}
	v.payloads.Suspect = v.fixity.Note
}

// sayFixity puts the report into the log: on SQLite nobody else can ask while the
// vault serves.
func (v *vault) sayFixity(ctx context.Context) error {
	r, err := v.fixity.Report(ctx)
	if err != nil {
		return err
	}
	level := slog.LevelInfo
	if r.Damaged() > 0 || r.BadRows > 0 || v.second == nil && r.DoomedSecond > 0 {
		level = slog.LevelWarn
	}
	v.log.Log(ctx, level, "fixity", "pieces", r.Pieces, "bytes", r.Bytes, "copied", r.Copied, "damaged", r.Damaged(), "damaged_rows", r.BadRows,
		"to_delete", r.Doomed, "to_delete_in_second_store", r.DoomedSecond)
	return nil
}

// FixityReport is how all that is stored stands.
type FixityReport = fixity.Report

// FixityResult is what a run has found.
type FixityResult = fixity.Result

// FixityRun says what a run by hand is to do.
type FixityRun = fixity.Everything

// aside opens database and stores beside a vault that may serve; a SQLite database has
// one process, so there the vault must not.
func (a *App) aside(ctx context.Context) (*vault, error) {
	db, err := a.open(ctx, false)
	if err != nil {
		return nil, err
	}
	v, err := a.asideOf(db)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return v, nil
}

// asideOf is aside over a database that is open.
func (a *App) asideOf(db *store.DB) (*vault, error) {
	v := &vault{cfg: a.Config, log: a.Log, app: a, db: db, shred: shred.Keys{Rand: a.Rand}}
	if err := v.openObjects(); err != nil {
		return nil, err
	}
	v.payloads = &payload.Payloads{DB: db, Blobs: v.blobs, Second: v.second, Now: a.Now, Log: a.Log}
	v.testimonies = &testimony.Vault{DB: db, Payloads: v.payloads, Keys: v.shred, Now: a.Now, Rand: a.Rand, Log: a.Log}
	v.checkFixity()
	return v, nil
}

// Fixity reports how all that is stored stands.
func (a *App) Fixity(ctx context.Context) (out FixityReport, err error) {
	v, err := a.aside(ctx)
	if err != nil {
		return out, fmt.Errorf("fixity: %w", err)
	}
	defer func() { err = errors.Join(err, v.db.Close()) }()
	return v.fixity.Report(ctx)
}

// CheckFixity reads everything now, and heals what it can. watch is told how far it
// is.
func (a *App) CheckFixity(ctx context.Context, what FixityRun, watch func(FixityResult)) (out FixityResult, err error) {
	v, err := a.aside(ctx)
	if err != nil {
		return out, fmt.Errorf("fixity: %w", err)
	}
	defer func() { err = errors.Join(err, v.db.Close()) }()
	out, err = v.fixity.All(ctx, what, watch)
	v.payloads.Reap(ctx)
	return out, err
}

// ForgetSecond gives up a second store that is empty or gone: nothing is looked for
// there any more. It says how many copies and deletions are forgotten.
func (a *App) ForgetSecond(ctx context.Context) (copies, deletions int64, err error) {
	v, err := a.aside(ctx)
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, v.db.Close()) }()
	if v.second != nil {
		return 0, 0, errors.New("a second store is configured: take blobs.second out of the configuration first")
	}
	err = v.db.Update(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		copies, deletions, err = fixity.ForgetSecond(ctx, tx)
		return err
	})
	return copies, deletions, err
}
