// Package storetest runs a domain's tests on both engines and guards the
// promise that one set of queries serves both.
//
// Each gives a test a fresh, migrated database on SQLite and on PostgreSQL.
// Parity compares the two schemas; PrepareAll has both engines read every query.
// What queries may not contain is checked by package housetest.
//
// The databases do not flush: for tests of logic, not of durability.
package storetest

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/relatingfield/vault/internal/pgtest"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/migrations"
)

// Each runs f as the subtests sqlite and postgres, each with a database of its
// own that has the vault's schema and no rows. f may call t.Parallel; it does
// not change the schema.
func Each(t *testing.T, f func(t *testing.T, db *store.DB)) {
	t.Helper()
	EachWith(t, migrations.Files, f)
}

// EachWith is Each with another schema.
func EachWith(t *testing.T, schema fs.FS, f func(t *testing.T, db *store.DB)) {
	t.Helper()
	t.Run(string(store.SQLite), func(t *testing.T) { f(t, Open(t, Fresh(t, store.SQLite, schema))) })
	t.Run(string(store.PostgreSQL), func(t *testing.T) {
		cfg := config(store.PostgreSQL, schema)
		cfg.URL = borrow(t, schema)
		f(t, Open(t, cfg))
	})
}

// Open opens a database and closes it when the test ends.
func Open(t testing.TB, cfg store.Config) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// Fresh makes a migrated database that nobody has used before or uses again, and
// tells how to open it. It is a copy of one that is migrated once per schema.
func Fresh(t testing.TB, e store.Engine, schema fs.FS) store.Config {
	t.Helper()
	cfg := config(e, schema)
	switch e {
	case store.SQLite:
		cfg.Path = filepath.Join(t.TempDir(), "vault.db")
		if err := os.WriteFile(cfg.Path, sqliteTemplate(t, schema), 0o600); err != nil {
			t.Fatal(err)
		}
	case store.PostgreSQL:
		c := pgtest.Shared(t)
		name := postgresCopy(t, c, schema)
		t.Cleanup(func() { drop(t, c, name) })
		cfg.URL = c.URL(name)
	}
	return cfg
}

func config(e store.Engine, schema fs.FS) store.Config {
	return store.Config{Engine: e, Migrations: schema, Volatile: true, MaxConns: 8}
}

// templates holds the bytes of a migrated SQLite file for each schema, since a
// test binary has no other place to keep them between its tests.
var templates struct {
	sync.Mutex
	files map[string][]byte
}

func sqliteTemplate(t testing.TB, schema fs.FS) []byte {
	t.Helper()
	name := digest(t, schema)
	templates.Lock()
	defer templates.Unlock()
	if b, ok := templates.files[name]; ok {
		return b
	}
	path := filepath.Join(t.TempDir(), "template.db")
	migrate(t, store.Config{Engine: store.SQLite, Path: path, Migrations: schema, Volatile: true})
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if templates.files == nil {
		templates.files = make(map[string][]byte)
	}
	templates.files[name] = b
	return b
}

// migrate brings a database up to date and closes it, so that it can be copied.
func migrate(t testing.TB, cfg store.Config) {
	t.Helper()
	cfg.AutoMigrate = true
	db, err := store.Open(t.Context(), cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// digest names a schema by what is in it.
func digest(t testing.TB, schema fs.FS) string {
	t.Helper()
	h := sha256.New()
	err := fs.WalkDir(schema, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(schema, path)
		sum := sha256.Sum256(b)
		h.Write([]byte(path + "\x00"))
		h.Write(sum[:])
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}
