package migrations_test

import (
	"context"
	"io/fs"
	"log/slog"
	"path"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/store/storetest"
	"github.com/relatingfield/vault/migrations"
)

// until is the schema as it was before the migration that begins with name.
func until(t *testing.T, name string) fs.FS {
	t.Helper()
	older := fstest.MapFS{}
	for _, engine := range []string{"postgres", "sqlite"} {
		files, err := fs.ReadDir(migrations.Files, engine)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if f.Name() >= name {
				continue
			}
			b, err := fs.ReadFile(migrations.Files, path.Join(engine, f.Name()))
			if err != nil {
				t.Fatal(err)
			}
			older[path.Join(engine, f.Name())] = &fstest.MapFile{Data: b}
		}
	}
	return older
}

// upgraded makes a database of the schema before name, lets fill write to it, and
// brings it up to date.
func upgraded(t *testing.T, e store.Engine, name string, fill ...string) *store.DB {
	t.Helper()
	cfg := storetest.Fresh(t, e, until(t, name))
	old, err := store.Open(t.Context(), cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	err = old.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
		for _, statement := range fill {
			if _, err := tx.ExecContext(ctx, statement); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := old.Close(); err != nil {
		t.Fatal(err)
	}
	cfg.Migrations, cfg.AutoMigrate = migrations.Files, true
	return storetest.Open(t, cfg)
}

// rows reads a table as lines of text.
func rows(t *testing.T, db *store.DB, query string) string {
	t.Helper()
	var lines []string
	err := db.View(t.Context(), func(ctx context.Context, tx store.Tx) error {
		found, err := tx.QueryContext(ctx, query)
		if err != nil {
			return err
		}
		defer found.Close()
		for found.Next() {
			var line string
			if err := found.Scan(&line); err != nil {
				return err
			}
			lines = append(lines, line)
		}
		return found.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(lines, " ")
}

// A vault that kept each payload in one object finds it after the upgrade, of
// parts and of uploads under way; what lies in rows stays there.
func TestOldPayloadsBecomePieces(t *testing.T) {
	zero := strings.Repeat("00", 32)
	for e, blob := range map[store.Engine]string{store.SQLite: "x'" + zero + "'", store.PostgreSQL: "'\\x" + zero + "'"} {
		t.Run(string(e), func(t *testing.T) {
			part := "INSERT INTO parts (testimony, n, state, arrived, classic, length, payload_sha256, commitment, header_sha256, blob, header) VALUES ('t', "
			db := upgraded(t, e, "0010",
				"INSERT INTO accounts (id, role, key_sha256, enrolled_day) VALUES ('her', 'participant', "+blob+", 0)",
				"INSERT INTO testimonies (id, owner, ordinal, created_day, card_sha256) VALUES ('t', 'her', 1, 0, "+blob+")",
				part+"1, 'hers', 0, 0, 300000, "+blob+", "+blob+", "+blob+", 'large', "+blob+")",
				part+"2, 'hers', 0, 0, 300, "+blob+", "+blob+", "+blob+", NULL, "+blob+")",
				"INSERT INTO uploads (testimony, n, header_sha256, nonce, length, classic, begun_day, blob, header) VALUES ('t', 3, "+blob+", "+blob+", 400000, 0, 0, 'under-way', "+blob+")",
			)
			got := rows(t, db, "SELECT payload || ':' || from_b || ':' || length || ':' || blob FROM pieces ORDER BY payload")
			if want := "large:0:300000:large under-way:0:400000:under-way"; got != want {
				t.Errorf("pieces are %q, want %q", got, want)
			}
		})
	}
}
