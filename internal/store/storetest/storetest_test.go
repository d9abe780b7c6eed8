package storetest_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/store/storetest"
)

func schema(sqlite, postgres string) fstest.MapFS {
	return fstest.MapFS{"sqlite/0001_x.sql": {Data: []byte(sqlite)}, "postgres/0001_x.sql": {Data: []byte(postgres)}}
}

const (
	lite = `CREATE TABLE o (a TEXT NOT NULL, b INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (a, b)) STRICT;
		CREATE TABLE x (id TEXT NOT NULL PRIMARY KEY, n INTEGER, b BLOB UNIQUE, oa TEXT, ob INTEGER,
			FOREIGN KEY (oa, ob) REFERENCES o (a, b)) STRICT;
		CREATE INDEX x_n ON x (n, id);
		CREATE TRIGGER t BEFORE DELETE ON x BEGIN SELECT RAISE(ABORT, 'no'); END;`
	post = `CREATE TABLE o (a TEXT COLLATE "C" NOT NULL, b BIGINT NOT NULL DEFAULT 0, PRIMARY KEY (a, b));
		CREATE TABLE x (id TEXT COLLATE "C" NOT NULL PRIMARY KEY, n BIGINT, b BYTEA UNIQUE, oa TEXT COLLATE "C", ob BIGINT,
			FOREIGN KEY (oa, ob) REFERENCES o (a, b));
		CREATE INDEX x_n ON x (n, id);
		CREATE FUNCTION t() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$;
		CREATE TRIGGER t BEFORE DELETE ON x FOR EACH ROW EXECUTE FUNCTION t();`
)

// Every kind of difference between two schemas is told, and none where there is
// none.
func TestDifferencesAreTold(t *testing.T) {
	if got := storetest.Differences(t, schema(lite, post)); len(got) != 0 {
		t.Errorf("schemas that are the same differ in %q", got)
	}
	for _, c := range []struct{ from, to, told string }{
		{"CREATE TABLE o", "CREATE TABLE more (a TEXT) STRICT; CREATE TABLE o", "table more"},
		{"DEFAULT 0, PRIMARY KEY (a, b)) STRICT", "DEFAULT 0, PRIMARY KEY (a, b))", "table o not strict"},
		{"n INTEGER, ", "n INTEGER, m INTEGER, ", "column x.m INTEGER"},
		{"n INTEGER, ", "n INTEGER NOT NULL, ", "column x.n INTEGER NOT NULL"},
		{"n INTEGER, ", "n TEXT, ", "column x.n TEXT"},
		{" DEFAULT 0", "", "column o.b INTEGER NOT NULL"},
		{"PRIMARY KEY (a, b)", "PRIMARY KEY (a, b), UNIQUE (b)", "unique o (b)"},
		{"BLOB UNIQUE", "BLOB", "unique x (b)"},
		{"(n, id)", "(id, n)", "index x (id,n)"},
		{"(n, id)", "(n, id) WHERE n > 0", "index x (n,id) partial"},
		{"REFERENCES o (a, b)", "REFERENCES o (a, b) ON DELETE CASCADE", "reference x (oa,ob) to o ON DELETE CASCADE"},
		{"TRIGGER t", "TRIGGER u", "trigger u on x"},
	} {
		got := storetest.Differences(t, schema(strings.Replace(lite, c.from, c.to, 1), post))
		if !slices.ContainsFunc(got, func(line string) bool { return strings.HasSuffix(line, ": "+c.told) }) {
			t.Errorf("%q for %q: told %q", c.to, c.from, got)
		}
	}
	got := storetest.Differences(t, schema(lite, strings.Replace(post, `oa TEXT COLLATE "C"`, "oa TEXT", 1)))
	if len(got) != 2 || !strings.Contains(strings.Join(got, " "), `column x.oa TEXT not COLLATE "C"`) {
		t.Errorf("a column sorted by language: told %q", got)
	}
}

// Each test starts with no rows, whatever the one before it left.
func TestEachStartsEmpty(t *testing.T) {
	for range 3 {
		storetest.EachWith(t, schema(lite, post), func(t *testing.T, db *store.DB) {
			err := db.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
				var n int
				if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM x").Scan(&n); err != nil || n != 0 {
					t.Errorf("%d rows at the start: %v", n, err)
				}
				_, err := tx.ExecContext(ctx, "INSERT INTO x (id) VALUES ('left over')") // its trigger forbids deleting it
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}

// The queries of generated files are found as they are sent.
func TestGeneratedQueriesAreFound(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"query.sql.go": "package x\n\nconst get = `-- name: Get :one\nSELECT n FROM x WHERE id = $1\n`\n\nconst (\n\tput = \"INSERT\"\n\tn = 1\n)\n\nvar v = \"not a query\"\n",
		"other.go":     "package x\n\nconst no = \"not generated\"\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"-- name: Get :one\nSELECT n FROM x WHERE id = $1\n", "INSERT"}
	if got := storetest.Generated(t, dir); !slices.Equal(got, want) {
		t.Fatalf("found %q", got)
	}
}
