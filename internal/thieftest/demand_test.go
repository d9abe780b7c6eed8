package thieftest_test

import (
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/relatingfield/vault/internal/canarytest"
)

// demanded wants a demand about her to find every row that names her, her testimony or
// her grant in any spelling, in whatever table: what is found here is found by reading
// everything, without the list of what hangs on whom. It says nothing about others.
func (w *world) demanded() {
	w.t.Helper()
	out, err := w.vault.Run("report", "demand", "--rows", string(w.her.Account()))
	if err != nil {
		w.t.Fatalf("%v\n%s", err, out)
	}
	told := toldRows(out)
	names, err := canarytest.New(canarytest.Mark{Name: "her account", Data: []byte(w.her.Account())}, canarytest.Mark{Name: "her testimony", Data: []byte(w.testimony)},
		canarytest.Mark{Name: "her grant", Data: []byte(w.grant)})
	w.must(err)
	seen := 0
	w.with(func(db *sql.DB) error {
		for _, table := range w.tables(db) {
			for _, row := range w.rowsOf(db, table) {
				if !w.finds(names, row) {
					continue
				}
				seen++
				if !slices.ContainsFunc(told[table], func(t map[string]any) bool { return same(t, row) }) {
					w.t.Errorf("a row of %s names her, and the demand does not have it", table)
				}
			}
		}
		return nil
	})
	if seen < 20 {
		w.t.Errorf("only %d rows name her: the search does not reach what is there", seen)
	}
	w.inventory(out)
}

// inventory wants the words to be kept apart from the rows: neither has anything that
// opens, or was readable in what she sent.
func (w *world) inventory(rows string) {
	w.t.Helper()
	words, err := w.vault.Run("report", "demand", string(w.her.Account()))
	if err != nil {
		w.t.Fatalf("%v\n%s", err, words)
	}
	for _, want := range []string{"acts that the account signed", "opened by nothing that is here", "openings"} {
		if !strings.Contains(words, want) {
			w.t.Errorf("the inventory does not say %q", want)
		}
	}
	for _, told := range []string{words, rows} {
		for _, secret := range []string{"тихо", "ніч", string(w.her.Keys.IdentityFile().Reveal()), "c.m4a"} {
			if strings.Contains(told, secret) {
				w.t.Errorf("the demand hands over %q", secret)
			}
		}
	}
	nobody := strings.Repeat("A", 42) + "E"
	if out, err := w.vault.Run("report", "demand", nobody); err != nil || !strings.Contains(out, "Nothing. No row names this account") {
		w.t.Errorf("about nobody: %v, %s", err, out)
	}
}

// toldRows are the rows of a demand, by table.
func toldRows(out string) map[string][]map[string]any {
	told := map[string][]map[string]any{}
	for line := range strings.Lines(out) {
		var row struct {
			Table string
			Row   map[string]any
		}
		decoder := json.NewDecoder(strings.NewReader(line))
		decoder.UseNumber()
		if decoder.Decode(&row) == nil && row.Table != "" {
			told[row.Table] = append(told[row.Table], row.Row)
		}
	}
	return told
}

// same tells whether a row of the demand is that of the database: each column as it
// is, in base64url, or with its length.
func same(told map[string]any, row map[string][]byte) bool {
	for column, v := range told {
		switch v := v.(type) {
		case nil:
			if len(row[column]) > 0 {
				return false
			}
		case map[string]any:
			if fmt.Sprint(v["sealed_bytes"]) != fmt.Sprint(len(row[column])) {
				return false
			}
		default:
			if text := fmt.Sprint(v); text != string(row[column]) && text != base64.RawURLEncoding.EncodeToString(row[column]) {
				return false
			}
		}
	}
	return len(told) == len(row)
}
