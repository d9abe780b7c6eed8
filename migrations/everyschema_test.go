package migrations_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/relatingfield/vault/internal/pgtest"
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
// held.
func TestEverySchemaBecomesTheNewest(t *testing.T) {
	all, types := numbers(t), columnTypes(t)
	for _, e := range []store.Engine{store.SQLite, store.PostgreSQL} {
		t.Run(string(e), func(t *testing.T) {
			for n := range all {
				upgrades(t, e, types, all[:n+1])
			}
		})
	}
}

func upgrades(t *testing.T, e store.Engine, types map[string]string, names []string) {
	t.Helper()
	quiet, from := slog.New(slog.DiscardHandler), names[len(names)-1]
	cfg := empty(t, e)
	was := map[string][]map[string]any{}
	err := store.Fill(t.Context(), cfg, quiet, names, func(ctx context.Context, to *store.Filling) error {
		for _, table := range to.Tables {
			var list [][]any
			for i := range 2 {
				row := represent(types, table, i)
				list = append(list, row)
				was[table.Name] = append(was[table.Name], named(table, row))
			}
			if err := to.Put(ctx, table, list); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatalf("a vault of schema %s: %v", from, err)
	}
	cfg.AutoMigrate = true
	db, err := store.Open(t.Context(), cfg, quiet)
	if err != nil {
		t.Fatalf("from schema %s: %v", from, err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	now := contents(t, cfg)
	for table, list := range was {
		for _, row := range list {
			if !slices.ContainsFunc(now[table], func(have map[string]any) bool { return holds(have, row) }) {
				t.Errorf("from schema %s: table %s has lost %v and has %v", from, table, row, now[table])
			}
		}
	}
}

// represent is row i of a table: what refers to something refers to row i of that.
func represent(types map[string]string, t store.Table, i int) (row []any) {
	for _, c := range t.Columns {
		row = append(row, value(types[t.Name+"."+c], t.Name, c, i))
	}
	return row
}

// value is what stands in a column of row i. Where a check lets few words through, it
// is one of them.
func value(kind, table, column string, i int) any {
	if word, ok := chosen[table+"."+column]; ok {
		return word
	}
	switch {
	case table == "uploads" && column == "blob": // a payload belongs to one of them
		return fmt.Sprintf("upload-%d", i)
	case kind == "TEXT":
		return fmt.Sprintf("row-%d", i)
	case kind == "BLOB":
		sum := sha256.Sum256([]byte{byte(i)})
		return sum[:]
	case column == "until_s":
		return int64(i + 100)
	}
	return int64(i + 1)
}

var chosen = map[string]any{
	"accounts.role": "participant", "parts.state": "hers", "accreditation_voices.act": "accredit", "policy_trustees.answer": "agreed",
	"agreement_voices.act": "agree", "closures.reply": "kept", "recovery_trustees.answer": "agreed",
	"deliveries.state": "waiting", "deliveries.shown": "waiting",
}

// columnTypes are those of the newest schema: no migration changes one.
func columnTypes(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	db := storetest.Open(t, storetest.Fresh(t, store.SQLite, migrations.Files))
	list := rows(t, db, "SELECT m.name || '.' || c.name || '=' || c.type FROM sqlite_schema AS m, pragma_table_info(m.name) AS c WHERE m.type = 'table'")
	for _, entry := range strings.Fields(list) {
		name, kind, _ := strings.Cut(entry, "=")
		out[name] = kind
	}
	return out
}

// empty is a database without any table.
func empty(t *testing.T, e store.Engine) store.Config {
	t.Helper()
	cfg := store.Config{Engine: e, Migrations: migrations.Files, Volatile: true, MaxConns: 2}
	if e == store.SQLite {
		cfg.Path = filepath.Join(t.TempDir(), "vault.db")
		return cfg
	}
	c := pgtest.Shared(t)
	name := fmt.Sprintf("upgrade_%x", sha256.Sum256([]byte(t.TempDir())))[:30]
	if err := c.Create(t.Context(), name, ""); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Drop(context.WithoutCancel(t.Context()), name); err != nil {
			t.Error(err)
		}
	})
	cfg.URL = c.URL(name)
	return cfg
}

// contents reads everything, each row by the names of its columns.
func contents(t *testing.T, cfg store.Config) map[string][]map[string]any {
	t.Helper()
	out := map[string][]map[string]any{}
	err := store.Copy(t.Context(), cfg, slog.New(slog.DiscardHandler), func(ctx context.Context, w *store.Whole) error {
		for _, table := range w.Tables {
			err := w.Rows(ctx, table, func(row []any) error {
				out[table.Name] = append(out[table.Name], named(table, row))
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func named(t store.Table, row []any) map[string]any {
	out := map[string]any{}
	for i, c := range t.Columns {
		out[c] = row[i]
	}
	return out
}

// holds says whether a row has every column as it was.
func holds(have, was map[string]any) bool {
	for c, v := range was {
		if !reflect.DeepEqual(have[c], v) {
			return false
		}
	}
	return true
}

// A program that is older than the database leaves it alone, and says what to do.
func TestAnOlderProgramRefusesANewerSchema(t *testing.T) {
	all := numbers(t)
	for _, e := range []store.Engine{store.SQLite, store.PostgreSQL} {
		t.Run(string(e), func(t *testing.T) {
			cfg := storetest.Fresh(t, e, migrations.Files)
			cfg.Migrations = until(t, all[len(all)-1])
			for _, migrate := range []bool{false, true} {
				cfg.AutoMigrate = migrate
				_, err := store.Open(t.Context(), cfg, slog.New(slog.DiscardHandler))
				if !errors.Is(err, store.ErrSchema) || !strings.Contains(err.Error(), "by a newer program") || !strings.Contains(err.Error(), "install that program or a newer one") {
					t.Errorf("migrating: %v: %v", migrate, err)
				}
			}
			err := store.Copy(t.Context(), cfg, slog.New(slog.DiscardHandler), func(context.Context, *store.Whole) error { return nil })
			if !errors.Is(err, store.ErrSchema) {
				t.Errorf("a backup by the older program: %v", err)
			}
			err = store.Fill(t.Context(), empty(t, e), slog.New(slog.DiscardHandler), append(all, "9999_later"), func(context.Context, *store.Filling) error { return nil })
			if !errors.Is(err, store.ErrSchema) || !strings.Contains(err.Error(), "newer program") {
				t.Errorf("a backup of a newer program: %v", err)
			}
		})
	}
}
