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
	"context"
	"crypto/rand"
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
// own that has the vault's schema. f may call t.Parallel.
func Each(t *testing.T, f func(t *testing.T, db *store.DB)) {
	t.Helper()
	EachWith(t, migrations.Files, f)
}

// EachWith is Each with another schema.
func EachWith(t *testing.T, schema fs.FS, f func(t *testing.T, db *store.DB)) {
	t.Helper()
	for _, e := range []store.Engine{store.SQLite, store.PostgreSQL} {
		t.Run(string(e), func(t *testing.T) { f(t, Open(t, Fresh(t, e, schema))) })
	}
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

// Fresh makes a migrated database for the test and tells how to open it. It is
// a copy of one that is migrated once per schema, since migrating takes longer
// than most tests.
func Fresh(t testing.TB, e store.Engine, schema fs.FS) store.Config {
	t.Helper()
	cfg := store.Config{Engine: e, Migrations: schema, Volatile: true, MaxConns: 8}
	switch e {
	case store.SQLite:
		cfg.Path = filepath.Join(t.TempDir(), "vault.db")
		if err := os.WriteFile(cfg.Path, sqliteTemplate(t, schema), 0o600); err != nil {
			t.Fatal(err)
		}
	case store.PostgreSQL:
		cfg.URL = postgresCopy(t, schema)
	}
	return cfg
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

func postgresCopy(t testing.TB, schema fs.FS) string {
	t.Helper()
	c := pgtest.Shared(t)
	template := "template_" + digest(t, schema)
	err := c.Template(t.Context(), template, func(url string) error {
		migrate(t, store.Config{Engine: store.PostgreSQL, URL: url, Migrations: schema, Volatile: true})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var b [8]byte
	rand.Read(b[:]) // never fails
	name := "test_" + hex.EncodeToString(b[:])
	if err := c.Create(t.Context(), name, template); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Drop(context.Background(), name); err != nil {
			t.Error(err)
		}
	})
	return c.URL(name)
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
