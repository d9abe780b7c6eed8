package thieftest_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/canarytest"
	"github.com/relatingfield/vault/internal/nodetest"
	"github.com/relatingfield/vault/internal/statement"
)

// said are the signatures of what she said about the testimony, and her card: a
// statement is there when its signature is. They are found before the erasure, by
// the vault's own answer.
func (w *world) said() (out []canarytest.Mark) {
	w.t.Helper()
	for _, compact := range w.chain() {
		s, err := statement.Parse(compact)
		w.must(err)
		if about, ok := statement.SubjectOf(s.Body); !ok || about != w.testimony {
			continue
		}
		_, sig, _ := strings.Cut(compact[strings.Index(compact, ".")+1:], ".")
		out = append(out, canarytest.Mark{Name: "her statement " + string(s.Act()), Data: []byte(sig)})
	}
	if len(out) < parts+2 {
		w.t.Fatalf("she said only %d things about the testimony", len(out))
	}
	var t api.Testimony
	w.get("/v1/testimonies/"+string(w.testimony), &t)
	return append(out, canarytest.Mark{Name: "her card", Data: t.Card[len(t.Card)/2:]})
}

// chain are her statements as the vault gives them out.
func (w *world) chain() (out []string) {
	w.t.Helper()
	var page api.Chain
	w.get("/v1/statements?after=0", &page)
	for _, e := range page.Statements {
		out = append(out, e.Statement)
	}
	return out
}

func (w *world) get(path string, out any) {
	w.t.Helper()
	resp, err := http.DefaultClient.Do(w.her.Request(http.MethodGet, path, nil))
	w.must(err)
	defer resp.Body.Close()
	w.must(json.NewDecoder(resp.Body).Decode(out))
}

// dump is a folder with a dump of the database as operators make them, while the
// vault is served.
func (w *world) dump() string {
	w.t.Helper()
	dir := w.t.TempDir()
	to := filepath.Join(dir, "dump")
	if w.vault.Cluster == nil {
		w.with(func(db *sql.DB) error {
			_, err := db.ExecContext(w.t.Context(), "VACUUM INTO ?", to)
			return err
		})
		return dir
	}
	program, err := exec.LookPath("pg_dump")
	if err != nil {
		w.t.Fatal("pg_dump is missing: install it with: apt-get install postgresql-client")
	}
	if out, err := exec.Command(program, "--file", to, w.vault.Cluster.URL(nodetest.Database)).CombinedOutput(); err != nil {
		w.t.Fatalf("pg_dump: %v\n%s", err, out)
	}
	return dir
}

// remains compares every row that still names the testimony or its grant, in any
// spelling, with the list in the threat model: neither more columns of it hold
// anything, nor fewer.
func (w *world) remains() {
	w.t.Helper()
	left, documented := w.named(), w.documented()
	for column := range left {
		if !documented[column] {
			w.t.Errorf("%s still holds something of an erased testimony, and docs/threat-model.md does not say so", column)
		}
	}
	for column := range documented {
		if !left[column] {
			w.t.Errorf("docs/threat-model.md says that %s remains, and it holds nothing", column)
		}
	}
}

// named are the columns that hold something in rows that name the testimony or its
// grant, and the lines of the journal that do.
func (w *world) named() map[string]bool {
	w.t.Helper()
	names, err := canarytest.New(canarytest.Mark{Name: "its name", Data: []byte(w.testimony)}, canarytest.Mark{Name: "its grant", Data: []byte(w.grant)})
	w.must(err)
	out := map[string]bool{}
	w.with(func(db *sql.DB) error {
		for _, table := range w.tables(db) {
			for _, row := range w.rowsOf(db, table) {
				if w.finds(names, row) {
					for column, v := range row {
						if len(v) > 0 {
							out[table+"."+column] = true
						}
					}
				}
			}
		}
		return nil
	})
	if found, _, err := names.Tree(w.vault.Journal("node-2")); err != nil || len(found) > 0 {
		w.must(err)
		out["journal.line"] = true
	}
	return out
}

func (w *world) finds(s *canarytest.Scanner, row map[string][]byte) bool {
	w.t.Helper()
	for column, v := range row {
		found, err := s.Read(column, bytes.NewReader(v))
		w.must(err)
		if len(found) > 0 {
			return true
		}
	}
	return false
}

// documented reads the table of what remains.
func (w *world) documented() map[string]bool {
	w.t.Helper()
	text, err := os.ReadFile("../../docs/threat-model.md")
	w.must(err)
	_, section, ok := strings.Cut(string(text), "### What remains of an erased testimony")
	if !ok {
		w.t.Fatal("docs/threat-model.md does not say what remains of an erased testimony")
	}
	section, _, _ = strings.Cut(section, "\n#")
	out := map[string]bool{}
	for line := range strings.Lines(section) {
		cells := strings.Split(line, "|")
		if len(cells) < 4 || !strings.Contains(cells[1], "`") {
			continue
		}
		table := strings.Trim(cells[1], " `")
		for _, column := range strings.Split(cells[2], ",") {
			out[table+"."+strings.Trim(column, " `")] = true
		}
	}
	return out
}

// with opens the database beside whoever else has.
func (w *world) with(f func(db *sql.DB) error) {
	w.t.Helper()
	driver, from := "sqlite", "file:"+filepath.Join(w.vault.Data, "vault.db")
	if w.vault.Cluster != nil {
		driver, from = "pgx", w.vault.Cluster.URL(nodetest.Database)
	}
	db, err := sql.Open(driver, from)
	w.must(err)
	defer db.Close()
	w.must(f(db))
}

func (w *world) tables(db *sql.DB) (out []string) {
	w.t.Helper()
	listing := `SELECT name FROM sqlite_master WHERE type = 'table'`
	if w.vault.Cluster != nil {
		listing = `SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'`
	}
	rows, err := db.QueryContext(w.t.Context(), listing)
	w.must(err)
	defer rows.Close()
	for rows.Next() {
		var name string
		w.must(rows.Scan(&name))
		out = append(out, name)
	}
	w.must(rows.Err())
	slices.Sort(out)
	return out
}

func (w *world) rowsOf(db *sql.DB, table string) (out []map[string][]byte) {
	w.t.Helper()
	rows, err := db.QueryContext(context.Background(), fmt.Sprintf(`SELECT * FROM "%s"`, table))
	w.must(err)
	defer rows.Close()
	columns, err := rows.Columns()
	w.must(err)
	for rows.Next() {
		row := make([]sql.RawBytes, len(columns))
		into := make([]any, len(columns))
		for i := range row {
			into[i] = &row[i]
		}
		w.must(rows.Scan(into...))
		named := map[string][]byte{}
		for i, v := range row {
			named[columns[i]] = bytes.Clone(v)
		}
		out = append(out, named)
	}
	w.must(rows.Err())
	return out
}
