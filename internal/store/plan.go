package store

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
)

// migration is one file: a step of the schema that is never changed again.
type migration struct {
	name string // NNNN_name
	sql  string
	sum  string // hexadecimal SHA-256 of the file
}

// plan holds the migrations of one engine in order; the number of the first is 1.
type plan []migration

var migrationName = regexp.MustCompile(`^([0-9]{4})_[a-z0-9_]+\.sql$`)

// readPlan reads the files of engine and makes sure that the other engine has
// files of the same names, so that "migration 7" is one thing.
func readPlan(files fs.FS, engine Engine) (plan, error) {
	if files == nil {
		return nil, fmt.Errorf("%w: no migrations were given", ErrSchema)
	}
	names := make(map[Engine][]string)
	for _, e := range []Engine{SQLite, PostgreSQL} {
		var err error
		if names[e], err = migrationNames(files, e); err != nil {
			return nil, err
		}
	}
	if !slices.Equal(names[SQLite], names[PostgreSQL]) {
		return nil, fmt.Errorf("%w: the folders %s and %s hold different migrations: %v, %v",
			ErrSchema, SQLite, PostgreSQL, names[SQLite], names[PostgreSQL])
	}
	var p plan
	for _, n := range names[engine] {
		text, err := fs.ReadFile(files, path.Join(string(engine), n))
		if err != nil {
			return nil, fmt.Errorf("read migration: %w", err)
		}
		sum := sha256.Sum256(text)
		p = append(p, migration{n[:len(n)-len(".sql")], string(text), hex.EncodeToString(sum[:])})
	}
	return p, nil
}

// migrationNames lists a folder, which must count from 1 without a gap.
func migrationNames(files fs.FS, engine Engine) ([]string, error) {
	entries, err := fs.ReadDir(files, string(engine))
	if err != nil {
		return nil, fmt.Errorf("read migrations: %w", err)
	}
	var names []string
	for i, e := range entries {
		m := migrationName.FindStringSubmatch(e.Name())
		if m == nil {
			return nil, fmt.Errorf("%w: migration %s/%s is not called NNNN_name.sql", ErrSchema, engine, e.Name())
		}
		if n, err := strconv.Atoi(m[1]); err != nil || n != i+1 {
			return nil, fmt.Errorf("%w: migration %s/%s should have the number %04d", ErrSchema, engine, e.Name(), i+1)
		}
		names = append(names, e.Name())
	}
	return names, nil
}

// applied is one line of the ledger.
type applied struct{ name, sum string }

// check compares the plan with what was done and returns what is left to do.
func (p plan) check(done []applied) (plan, error) {
	if len(done) > len(p) {
		return nil, fmt.Errorf("%w: it was migrated to %s by a newer program, this one knows %d migrations: install that program or a newer one",
			ErrSchema, done[len(done)-1].name, len(p))
	}
	for i, d := range done {
		if d.name != p[i].name || d.sum != p[i].sum {
			return nil, fmt.Errorf("%w: migration %s was applied from another file (%s, sha256 %s): go back to the program that did it, and add a new migration instead of changing one",
				ErrSchema, p[i].name, d.name, d.sum)
		}
	}
	return p[len(done):], nil
}
