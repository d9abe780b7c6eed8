package migrations_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/store/storetest"
	"github.com/relatingfield/vault/migrations"
)

// numbers are the names of all migrations, in order.
func numbers(t *testing.T) (out []string) {
	t.Helper()
	files, err := fs.Glob(migrations.Files, "sqlite/*.sql")
	if err != nil || len(files) < 17 {
		t.Fatalf("%d migrations, %v", len(files), err)
	}
	for _, f := range files {
		out = append(out, strings.TrimSuffix(path.Base(f), ".sql"))
	}
	return out
}

// Every schema that ever was, with two rows in each of its tables, becomes the newest
// one on both engines: no row is lost, and every column that was there holds what it
// held, but for those that the list below explains.
func TestEverySchemaBecomesTheNewest(t *testing.T) {
	all := numbers(t)
	for _, e := range []store.Engine{store.SQLite, store.PostgreSQL} {
		t.Run(string(e), func(t *testing.T) {
			for n := range all {
				upgrades(t, e, all[:n+1])
			}
		})
	}
}

// moved says which columns a migration of a later number fills anew from others, and why.
var moved = map[string]string{
	"chains.day":  "0005 takes it from the statements",
	"chains.key":  "0007 takes it from iss",
	"pieces.blob": "0010 makes it of the payloads in one object",
}

func upgrades(t *testing.T, e store.Engine, names []string) {
	t.Helper()
	quiet := slog.New(slog.DiscardHandler)
	cfg := storetest.Fresh(t, e, nothing)
	cfg.Migrations = migrations.Files
	want := map[string][]string{}
	err := store.Fill(t.Context(), cfg, quiet, names, func(ctx context.Context, to *store.Filling) error {
		for _, table := range to.Tables {
			var rows [][]any
			for i := range 2 {
				row := represent(e, table, i)
				rows = append(rows, row)
				want[table.Name] = append(want[table.Name], line(table, row))
			}
			if err := to.Put(ctx, table, rows); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatalf("a vault of schema %s: %v", names[len(names)-1], err)
	}
	cfg.AutoMigrate = true
	db, err := store.Open(t.Context(), cfg, quiet)
	if err != nil {
		t.Fatalf("from schema %s: %v", names[len(names)-1], err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	got := contents(t, cfg)
	for _, table := range slices.Sorted(maps.Keys(want)) {
		for _, row := range want[table] {
			if !slices.ContainsFunc(got[table], func(have map[string]string) bool { return holds(have, row) }) {
				t.Errorf("from schema %s: table %s has no row with %s, but %v", names[len(names)-1], table, row, got[table])
			}
		}
	}
}

// represent is row i of a table: each column says so, in a way that its checks let
// through, and whatever refers to something refers to what is there.
func represent(e store.Engine, t store.Table, i int) (row []any) {
	for _, c := range t.Columns {
		row = append(row, value(e, t.Name, c, i))
	}
	return row
}

var chosen = map[string]any{
	"accounts.role": "participant", "parts.state": "hers", "accreditation_voices.act": "accredit", "policy_trustees.answer": "agreed", "tray_items.state": "waiting",
	"deliveries.state": "waiting", "deliveries.shown": "waiting",
}
