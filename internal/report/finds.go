package report

import (
	"cmp"
	"slices"
	"strings"

	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/store"
)

// finds are the rows found so far and the names to look for.
type finds struct {
	names, keys map[string]bool // true once it was looked for
	rows        map[string]Row
}

func newFinds(account id.Thumbprint) *finds {
	return &finds{map[string]bool{string(account): false}, map[string]bool{}, map[string]Row{}}
}

// fresh gives what has not been looked for yet.
func (f *finds) fresh() (names, keys []string) { return take(f.names), take(f.keys) }

func take(from map[string]bool) (out []string) {
	for name, done := range from {
		if !done {
			out, from[name] = append(out, name), true
		}
	}
	slices.Sort(out)
	return out
}

// add keeps a row once, and what hangs on it.
func (f *finds) add(t store.Relation, cells []store.Cell) {
	r := Row{t.Name, cells}
	if _, ok := f.rows[r.identity()]; ok {
		return
	}
	f.rows[r.identity()] = r
	f.hang(r)
}

func (f *finds) hang(r Row) {
	for _, c := range r.Cells {
		if c.Null || c.Text == "" || !slices.Contains(hangs[r.Table], c.Column.Name) {
			continue
		}
		into := f.names
		if c.Column.Type == "BLOB" {
			into = f.keys
		}
		if !into[c.Text] {
			into[c.Text] = false
		}
	}
}

// identity tells rows of a table apart: no table has two rows that are equal in
// everything but long columns, because each has a key.
func (r Row) identity() string {
	var b strings.Builder
	b.WriteString(r.Table)
	for _, c := range r.Cells {
		b.WriteByte(0)
		b.WriteString(c.Text)
	}
	return b.String()
}

// sorted are all rows, in the order of the tables.
func (f *finds) sorted(tables []store.Relation) []Row {
	var out []Row
	for _, t := range tables {
		var of []Row
		for _, r := range f.rows {
			if r.Table == t.Name {
				of = append(of, r)
			}
		}
		slices.SortFunc(of, func(a, b Row) int { return cmp.Compare(a.identity(), b.identity()) })
		out = append(out, of...)
	}
	return out
}
