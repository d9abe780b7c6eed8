package store_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/relatingfield/vault/internal/pgtest"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/store/storetest"
)

// found lists the files under dir that hold mark.
func found(t *testing.T, dir string, mark []byte) (paths []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) { // a server cleans up meanwhile
			return nil
		}
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if bytes.Contains(b, mark) {
			paths = append(paths, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

// After a scrub no file of the database holds the erased bytes. On PostgreSQL
// the segments of the log are left out: closed ones age out by the server's rule.
func TestErasedBytesAreGoneFromTheDisk(t *testing.T) {
	for _, e := range engines() {
		t.Run(string(e), func(t *testing.T) {
			cfg := storetest.Fresh(t, store.SQLite, schema())
			dir := filepath.Dir(cfg.Path)
			if e == store.PostgreSQL {
				c := pgtest.New(t, pgtest.Options{})
				cfg = store.Config{Engine: e, URL: c.URL("postgres"), Migrations: schema(), AutoMigrate: true}
				dir = filepath.Join(c.DataDir(), "base")
			}
			db := storetest.Open(t, cfg)
			mark := []byte("a mark that is nowhere else 1f0e3dad99908345f7439f8ffabdffc4")
			row := exec("INSERT INTO items (id, owner, n, body) VALUES ('erased', 'she', 1, $1)", mark)
			update(t, db, owner("she"), exec("INSERT INTO items (id, owner, n, body) VALUES ('kept', 'she', 1, $1)", random(300)), row)
			if err := db.Scrub(t.Context(), "items"); err != nil {
				t.Fatal(err)
			}
			if len(found(t, dir, mark)) == 0 {
				t.Fatal("the mark is not on the disk before it is erased: the test is blind")
			}
			update(t, db, exec("DELETE FROM items WHERE id = 'erased'"))
			if err := db.Scrub(t.Context(), "items"); err != nil {
				t.Fatal(err)
			}
			if left := found(t, dir, mark); len(left) != 0 {
				t.Fatalf("the mark is still in %v", left)
			}
			if got := count(t, db, "SELECT count(*) FROM items"); got != 1 {
				t.Fatalf("%d rows are left", got)
			}
		})
	}
}

func count(t *testing.T, db *store.DB, query string) (n int) {
	t.Helper()
	err := db.View(t.Context(), func(ctx context.Context, tx store.Tx) error { return tx.QueryRowContext(ctx, query).Scan(&n) })
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Many erasures at once are scrubbed together, beside writers and readers.
func TestScrubsAreShared(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		update(t, db, owner("she"))
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				if err := db.Scrub(t.Context(), "items"); err != nil {
					t.Error(err)
				}
			})
			wg.Go(func() { owners(t, db) })
			wg.Go(func() { update(t, db, exec("UPDATE owners SET id = 'she' WHERE id = 'she'")) })
		}
		wg.Wait()
	})
}

// While an old snapshot can still see the erased rows, Scrub says so; it works
// once the snapshot is gone.
func TestScrubSaysWhenAnOldReaderHoldsTheRows(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		update(t, db, owner("she"), owner("he"))
		err := db.View(t.Context(), func(ctx context.Context, tx store.Tx) error {
			if _, err := listOwners(ctx, tx); err != nil {
				return err
			}
			update(t, db, exec("DELETE FROM owners WHERE id = 'he'"))
			if err := db.Scrub(t.Context(), "owners"); !errors.Is(err, store.ErrUnavailable) {
				t.Errorf("beside an old snapshot: %v", err)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Scrub(t.Context(), "owners"); err != nil {
			t.Fatal(err)
		}
	})
}

// Only the plain name of a table is put into a statement.
func TestScrubTakesNoStatements(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		for _, name := range []string{"", `owners"; DROP TABLE owners; --`, "Owners", "a b"} {
			if err := db.Scrub(t.Context(), name); err == nil {
				t.Errorf("%q was accepted", name)
			}
		}
	})
}

// A role that may not force checkpoints and segments scrubs all the same, and
// is told once what it lacks.
func TestScrubWithoutPrivilegesIsReportedOnce(t *testing.T) {
	c := pgtest.Shared(t)
	cfg := storetest.Fresh(t, store.PostgreSQL, schema())
	name := strings.TrimPrefix(strings.Split(cfg.URL, "?")[0], "postgres://vault@/")
	if err := c.Exec(t.Context(), name, `CREATE ROLE plain LOGIN`, `ALTER TABLE owners OWNER TO plain`, `GRANT ALL ON ALL TABLES IN SCHEMA public TO plain`); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Exec(context.Background(), name, `REASSIGN OWNED BY plain TO vault`, `DROP OWNED BY plain`, `DROP ROLE plain`); err != nil {
			t.Error(err)
		}
	})
	var said bytes.Buffer
	cfg.URL = strings.Replace(cfg.URL, "vault@", "plain@", 1)
	db, err := store.Open(t.Context(), cfg, slog.New(slog.NewTextHandler(&said, nil)))
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := db.Scrub(t.Context(), "owners"); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(said.String(), "level=WARN"); n != 2 {
		t.Fatalf("%d warnings, want one about checkpoints and one about segments:\n%s", n, said.String())
	}
}
