// Package app puts the vault together: it is the only place where parts meet
// their configuration and each other.
//
// Promises: Run serves when it says so and not before, with every part opened
// and checked; when its context ends it stops taking requests, lets those under
// way finish within the grace, writes what waits to be written, and closes.
// Found and Migrate leave a vault as it was when they fail.
//
// Assumes: the configuration has been resolved and validated. Does not: parse a
// command line, or print.
package app

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"strings"
	"time"

	"github.com/relatingfield/vault/internal/config"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/migrations"
)

// App is one testimonyd process.
type App struct {
	Config config.Config
	Log    *slog.Logger
	Now    func() time.Time // the machine's clock
	Steady func() time.Time // one that nobody sets; nil: whatever Now says is believed
	Rand   io.Reader        // cryptographically secure
	Cores  int              // that may compute for large recordings at a time

	// Asked is told of each statement that requests ask of the database; nil: nobody is.
	Asked func()

	// still serves without any job: nobody is told or reminded of anything, nothing
	// is deleted. It is for a vault that is only looked at, in a drill.
	still bool

	// Volatile accepts that an acknowledged change is lost in a crash. For tests
	// that crash nothing.
	Volatile bool
}

// New is an App on the machine's clock and randomness.
func New(cfg config.Config, log *slog.Logger) *App {
	return &App{Config: cfg, Log: log, Now: time.Now, Steady: steady, Rand: rand.Reader, Cores: runtime.GOMAXPROCS(0)}
}

// Serving is what a person can be told once requests are answered.
type Serving struct {
	Addr     string   // host:port that is listened on
	Origins  []string // where clients come
	Vault    string   // the vault id
	Practice bool     // nothing real belongs there
}

// Run serves until ctx ends, and tells ready when the first request will be
// answered. A vault that has not been founded is refused with
// stewardship.ErrNotFounded.
func (a *App) Run(ctx context.Context, ready func(Serving)) error {
	if err := a.run(ctx, ready); err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	return nil
}

func (a *App) run(ctx context.Context, ready func(Serving)) (err error) {
	db, err := a.open(ctx, a.Config.Store.Engine == config.SQLite)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	l, err := a.listen(ctx)
	if err != nil {
		return err
	}
	v, err := a.assemble(ctx, db, origins(a.Config, l.people.Addr()))
	if err != nil {
		return errors.Join(err, l.close())
	}
	return v.serve(ctx, l, ready)
}

// open opens the database. A single process brings its own up to date; where
// several share one, an operator decides when (testimonyd migrate).
func (a *App) open(ctx context.Context, migrate bool) (*store.DB, error) {
	return store.Open(ctx, a.database(migrate), a.Log)
}

// database says which database there is, or will be.
func (a *App) database(migrate bool) store.Config {
	c := a.Config.Store
	return store.Config{
		Engine: store.Engine(c.Engine), Path: c.Path, URL: string(c.URL.Reveal()),
		Migrations: migrations.Files, AutoMigrate: migrate, Volatile: a.Volatile,
	}
}

// Migrate brings the database up to date, and makes it where there is none.
func (a *App) Migrate(ctx context.Context) (Migrated, error) {
	db, err := a.open(ctx, true)
	if err != nil {
		return Migrated{}, fmt.Errorf("migrate: %w", err)
	}
	var out Migrated
	out.From, out.To = db.Migrated()
	return out, db.Close()
}

// Migrated says which schema there was, empty for none, and which there is.
type Migrated struct{ From, To string }

// ErrNoWayBack refuses to migrate where nobody could go back.
var ErrNoWayBack = errors.New("there is no finished backup of the schema that the database has now: take one first, with this program: testimonyd backup")

// KeepsAWayBack is ErrNoWayBack unless there is a backup of the schema that the database
// has, or there is nothing to migrate.
func (a *App) KeepsAWayBack(ctx context.Context) error {
	var names []string
	err := store.Copy(ctx, a.database(false), a.Log, func(_ context.Context, w *store.Whole) error {
		names = w.Migrations
		return nil
	})
	if err != nil {
		return err
	}
	newest, err := store.Newest(migrations.Files, store.Engine(a.Config.Store.Engine))
	if err != nil {
		return err
	}
	if now := names[len(names)-1]; now != newest && a.WayBack(now) == "" {
		return ErrNoWayBack
	}
	return nil
}

// WayBack names the newest backup that was taken of a schema, empty for none: to go
// back behind a migration is to restore it with the program that made it.
func (a *App) WayBack(schema string) string {
	list, err := a.Backups()
	if err != nil {
		return ""
	}
	name := ""
	for _, k := range list {
		if k.Finished && k.Err == nil && k.Manifest.Schema == schema {
			name = k.Name
		}
	}
	return name
}

// origins are those that are configured, or else those of the loopback address
// that is listened on, whose port may have been unknown until now.
func origins(cfg config.Config, addr net.Addr) []string {
	if len(cfg.Origins) > 0 {
		return cfg.Origins
	}
	_, port, err := net.SplitHostPort(addr.String())
	if err != nil {
		return nil
	}
	out := config.LoopbackOrigins(port)
	if cfg.TLS.Mode != config.NoTLS {
		for i, o := range out {
			out[i] = "https" + strings.TrimPrefix(o, "http")
		}
	}
	return out
}

// serve answers on l until ctx ends. The jobs stop after the last request, since
// requests leave them work.
func (v *vault) serve(ctx context.Context, l lines, ready func(Serving)) (err error) {
	jobs, stop := context.WithCancel(context.WithoutCancel(ctx))
	finished := v.background(jobs)
	defer func() { stop(); <-finished; err = errors.Join(err, v.shut()) }()

	unwatch, err := v.show(jobs)
	if err != nil {
		return errors.Join(err, l.close())
	}
	defer func() { err = errors.Join(err, unwatch()) }()
	defer v.sendTraces(jobs)()
	behind := v.watch(jobs)
	served := l.serve(v)
	ready(Serving{l.people.Addr().String(), v.origins, v.id, v.practice})
	select {
	case err := <-served:
		return err
	case err := <-behind:
		// What is under way may rest on a database that has forgotten: nothing of it
		// may go on.
		return errors.Join(err, v.server.Close())
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), v.cfg.ShutdownGrace)
	defer cancel()
	if err := v.server.Shutdown(grace); err != nil {
		v.log.Warn("stopped before every request had ended", "cause", err)
	}
	v.turns.Close()
	// Both lines end with the server.
	if err := <-served; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
