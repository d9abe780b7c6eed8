package store_test

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/relatingfield/vault/internal/pgtest"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/store/storetest"
)

func contains(err error, text string) bool { return strings.Contains(err.Error(), text) }

// empty names a database that does not exist yet, or is empty, on each engine.
func empty(t *testing.T, f func(t *testing.T, cfg store.Config)) {
	t.Helper()
	for _, e := range engines() {
		t.Run(string(e), func(t *testing.T) {
			cfg := store.Config{Engine: e, Volatile: true, AutoMigrate: true}
			if e == store.SQLite {
				cfg.Path = filepath.Join(t.TempDir(), "vault.db")
			} else {
				cfg.URL = storetest.Fresh(t, e, fstest.MapFS{"sqlite": {Mode: fs.ModeDir}, "postgres": {Mode: fs.ModeDir}}).URL
			}
			f(t, cfg)
		})
	}
}

func try(t *testing.T, cfg store.Config) error {
	t.Helper()
	db, err := store.Open(t.Context(), cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	return db.Close()
}

// with adds a second migration to the schema.
func with(name, sqlite, postgres string) fstest.MapFS {
	all := schema()
	maps.Copy(all, files(name, sqlite, postgres))
	return all
}

func second() fstest.MapFS {
	const ddl = "CREATE TABLE more (n INTEGER NOT NULL);"
	return with("0002_more", ddl[:len(ddl)-1]+" STRICT;", ddl)
}

// A database that is behind is refused with the next step, unless the opener
// may migrate; then it is brought up to date and stays so.
func TestADatabaseThatIsBehindIsRefused(t *testing.T) {
	empty(t, func(t *testing.T, cfg store.Config) {
		refuse := func(cfg store.Config) {
			t.Helper()
			cfg.AutoMigrate = false
			if err := try(t, cfg); !errors.Is(err, store.ErrSchema) || !contains(err, "run `testimonyd migrate`") {
				t.Fatalf("opening: %v", err)
			}
		}
		for _, s := range []fs.FS{schema(), second()} {
			cfg.Migrations = s
			refuse(cfg)
			for range 2 {
				if err := try(t, cfg); err != nil {
					t.Fatal(err)
				}
			}
			cfg := cfg
			cfg.AutoMigrate = false
			if err := try(t, cfg); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// A changed file, a renamed one and a newer database are refused, migrating or
// not, and the message says what to do.
func TestAForeignHistoryIsRefused(t *testing.T) {
	changed, renamed := second(), schema()
	for _, dir := range []string{"sqlite", "postgres"} {
		changed[dir+"/0001_items.sql"] = &fstest.MapFile{Data: append(changed[dir+"/0001_items.sql"].Data, '\n')}
		renamed[dir+"/0002_other.sql"] = second()[dir+"/0002_more.sql"]
	}
	empty(t, func(t *testing.T, cfg store.Config) {
		cfg.Migrations = second()
		if err := try(t, cfg); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			name   string
			schema fs.FS
			says   string
		}{
			{"changed", changed, "0001_items was applied from another file"},
			{"renamed", renamed, "0002_other was applied from another file"},
			{"newer", schema(), "newer program"},
		} {
			for _, cfg.AutoMigrate = range []bool{true, false} {
				cfg.Migrations = c.schema
				if err := try(t, cfg); !errors.Is(err, store.ErrSchema) || !contains(err, c.says) {
					t.Errorf("%s: %v", c.name, err)
				}
			}
		}
	})
}

// A migration that fails leaves nothing of itself and everything from before;
// mended, it goes on from there.
func TestAFailedMigrationChangesNothing(t *testing.T) {
	broken := with("0002_broken", "CREATE TABLE more (n INTEGER NOT NULL) STRICT; INSERT INTO more VALUES ('x');",
		"CREATE TABLE more (n BIGINT NOT NULL); INSERT INTO more VALUES ('x');")
	empty(t, func(t *testing.T, cfg store.Config) {
		cfg.Migrations = schema()
		db := storetest.Open(t, cfg)
		update(t, db, owner("she"))
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		cfg.Migrations = broken
		if err := try(t, cfg); err == nil || !contains(err, "migrate: 0002_broken") {
			t.Fatalf("migrating: %v", err)
		}
		cfg.Migrations = second()
		db = storetest.Open(t, cfg)
		if got := owners(t, db); len(got) != 1 {
			t.Fatalf("owners are %v", got)
		}
		update(t, db, exec("INSERT INTO more (n) VALUES (1)"))
	})
}

// While SQLite migrates a copy stands beside the database; it stays after a
// failure, only for its owner, and is gone after success, also after a crash
// that came between the last migration and its removal.
func TestTheCopyGoesWhenTheMigrationIsDone(t *testing.T) {
	cfg := store.Config{Engine: store.SQLite, Path: filepath.Join(t.TempDir(), "vault.db"), Migrations: schema(), AutoMigrate: true}
	name := cfg.Path + ".before-migration"
	there := func() bool { _, err := os.Stat(name); return err == nil }
	if err := try(t, cfg); err != nil || there() {
		t.Fatalf("a new database has nothing to copy: %v, %v", err, there())
	}
	cfg.Migrations = with("0002_broken", "nonsense", "nonsense")
	if err := try(t, cfg); err == nil || !there() {
		t.Fatalf("a failed migration: %v, copy %v", err, there())
	}
	if fi, err := os.Stat(name); err != nil || fi.Mode() != 0o600 {
		t.Errorf("the copy: %v, %v", fi.Mode(), err)
	}
	copied := cfg
	copied.Path, copied.Migrations, copied.AutoMigrate = name, schema(), false
	if err := try(t, copied); err != nil {
		t.Errorf("the copy does not open: %v", err)
	}
	cfg.Migrations = second()
	if err := try(t, cfg); err != nil || there() {
		t.Fatalf("a successful migration: %v, copy %v", err, there())
	}
	if err := os.WriteFile(name, []byte("left over"), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg.AutoMigrate = false
	if err := try(t, cfg); err != nil || there() {
		t.Fatalf("an opening: %v, copy %v", err, there())
	}
}

// The folders must hold the same migrations, counted from 1 without a gap.
func TestMigrationsAreCounted(t *testing.T) {
	const ddl = "CREATE TABLE x (n INTEGER NOT NULL)"
	for name, bad := range map[string]fs.FS{
		"none":       nil,
		"one folder": fstest.MapFS{"sqlite/0001_x.sql": {Data: []byte(ddl)}},
		"different":  fstest.MapFS{"sqlite/0001_x.sql": {Data: []byte(ddl)}, "postgres/0001_y.sql": {Data: []byte(ddl)}},
		"a gap":      with("0003_x", ddl, ddl),
		"two firsts": with("0001_x", ddl, ddl),
		"no number":  with("x", ddl, ddl),
	} {
		cfg := store.Config{Engine: store.SQLite, Path: filepath.Join(t.TempDir(), "vault.db"), Migrations: bad, AutoMigrate: true}
		if err := try(t, cfg); err == nil {
			t.Errorf("%s: accepted", name)
		}
		if _, err := os.Stat(cfg.Path); err == nil {
			t.Errorf("%s: a file was made", name)
		}
	}
}

// Nodes that start together migrate once.
func TestConcurrentMigrationsHappenOnce(t *testing.T) {
	c := pgtest.Shared(t)
	if err := c.Create(t.Context(), "rush", ""); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Drop(context.Background(), "rush"); err != nil {
			t.Error(err)
		}
	})
	cfg := store.Config{Engine: store.PostgreSQL, URL: c.URL("rush"), Migrations: second(), AutoMigrate: true, Volatile: true, MaxConns: 2}
	var wg sync.WaitGroup
	for range 5 {
		wg.Go(func() {
			if err := try(t, cfg); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}
