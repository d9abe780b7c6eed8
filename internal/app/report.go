package app

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/relatingfield/vault/internal/config"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/ledger"
	"github.com/relatingfield/vault/internal/report"
)

// Demand gathers everything that is stored about an account, the journal of
// restrictions included. It changes nothing. A SQLite database has one process, so
// there the vault must not serve meanwhile.
func (a *App) Demand(ctx context.Context, account id.Thumbprint) (out report.Demand, err error) {
	v, err := a.aside(ctx)
	if err != nil {
		return out, fmt.Errorf("report demand: %w", err)
	}
	defer func() { err = errors.Join(err, v.db.Close()) }()
	out, err = report.Source{DB: v.db, Keys: v.shred, Ledger: &ledger.Ledger{Keys: v.shred}}.Ask(ctx, account)
	if err != nil {
		return out, err
	}
	p, err := a.journals()
	if err != nil {
		return out, err
	}
	return out, out.Search(p)
}

// Breach writes the worksheet of a breach.
func (a *App) Breach(ctx context.Context, b report.Breach, w io.Writer) (err error) {
	v, err := a.aside(ctx)
	if err != nil {
		return fmt.Errorf("report breach: %w", err)
	}
	defer func() { err = errors.Join(err, v.db.Close()) }()
	b.Kept = int(a.Config.Backups.Keep)
	return b.Worksheet(ctx, v.db, w)
}

// Processing writes the record of processing of the settings in force.
func (a *App) Processing(w io.Writer) error { return report.Processing(w, said(a.Config), a.Now()) }

// said are the settings that a record of processing speaks of.
func said(c config.Config) report.Settings {
	c.Resolve()
	s := report.Settings{
		Listen: c.Listen, OnArrival: c.OnArrival.Enabled, Enrolment: string(c.Enrolment.Mode), PerDay: c.Enrolment.PerDay, Postgres: c.Store.Engine == config.Postgres,
		Objects: kept(c.Blobs.Engine), Second: kept(c.Blobs.Second.Engine), Fixity: int(c.Fixity.Every),
		Uploads: c.Uploads.Keep, Items: c.Trays.Keep, Tray: c.Trays.Term, Forms: c.FieldTools.Remember, Phones: c.FieldTools.Term, Tokens: c.Tokens.TTL, Orphans: c.GC.OrphanAge,
		Webhooks: int(c.Webhooks.Keep), Journal: int(c.Journal.Keep), Backups: int(c.Backups.Keep),
	}
	s.Collector = c.Traces.Endpoint
	if len(c.Origins) > 0 {
		s.Origin = c.Origins[0]
	}
	if c.Blobs.Engine == config.Bucket {
		s.Buckets = append(s.Buckets, c.Blobs.S3.Endpoint)
	}
	if c.Blobs.Second.Engine == config.Bucket {
		s.Buckets = append(s.Buckets, c.Blobs.Second.S3.Endpoint+" (second copy)")
	}
	return s
}

func kept(k config.Keeper) string {
	return map[config.Keeper]string{config.Folder: "a folder", config.Bucket: "a bucket", config.NoKeeper: "none"}[k]
}
