package journal_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/relatingfield/vault/internal/journal"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/store/storetest"
	"github.com/relatingfield/vault/migrations"
)

func schema() fs.FS { return migrations.Files }

// resigned changes a line and makes the chain fit again with another key, as
// somebody would who can write the folder and has not the server's keys.
func resigned(lines []string, at int, change func(string) string) []string {
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{9}, ed25519.SeedSize))
	out := append([]string(nil), lines...)
	prev := ""
	for i := at; i < len(out); i++ {
		body, _, _ := strings.Cut(out[i], " ")
		if i == at {
			body = change(body)
		} else {
			_, rest, _ := strings.Cut(body, `"day"`)
			head, _, _ := strings.Cut(body, `"prev"`)
			body = head + `"prev":"` + prev + `","day"` + rest
		}
		sum := sha256.Sum256([]byte(body))
		prev = base64.RawURLEncoding.EncodeToString(sum[:])
		out[i] = body + " " + base64.RawURLEncoding.EncodeToString(ed25519.Sign(key, []byte(body))) + "\n"
	}
	return out
}

// A database that was restored as well knows nothing of the lines that were altered:
// then the chain and its signature tell.
func TestATamperedJournalIsRefusedByARestoredDatabase(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(lines []string) []string
		want  error
	}{
		"a line edited":      {func(l []string) []string { l[2] = edit(l[2]); return l }, journal.ErrForged},
		"a last line edited": {func(l []string) []string { l[4] = strings.Replace(l[4], "grant-4", "grant-9", 1); return l }, journal.ErrForeign},
		"a line taken out":   {func(l []string) []string { return append(l[:2:2], l[3:]...) }, journal.ErrGap},
		"two lines swapped":  {func(l []string) []string { l[2], l[3] = l[3], l[2]; return l }, journal.ErrGap},
		"re-hashed, no key":  {func(l []string) []string { return resigned(l, 2, edit) }, journal.ErrForeign},
		"a line appended":    {func(l []string) []string { return resigned(append(l, l[4]), 5, other(`"seq":5`, `"seq":6`)) }, journal.ErrForged},
	} {
		t.Run(name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, db *store.DB) {
				w := newWorld(t, db)
				j := w.opened("a")
				backup := w.rows()
				for n := 1; n <= 4; n++ {
					w.write(j, entry(n))
				}
				w.must(j.Close())
				w.putLines("a", c.spoil(w.lines("a")))
				w.restore(backup)
				if _, err := w.open("a"); !errors.Is(err, c.want) {
					t.Errorf("opened with %v, want %v", err, c.want)
				}
				if len(w.applied) > 0 {
					t.Errorf("applied %v of a journal like that", w.applied)
				}
			})
		})
	}
}

// Whatever was done to a journal, the vault does not serve, and says what to do.
func TestATamperedJournalIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(w *world, lines []string)
		want  error
	}{
		"missing":            {func(w *world, _ []string) { w.must(os.RemoveAll(filepath.Join(w.place.Dir, "a"))) }, journal.ErrMissing},
		"an empty folder":    {func(w *world, _ []string) { w.must(os.Remove(w.files("a")[0])) }, journal.ErrMissing},
		"the tail cut":       {func(w *world, l []string) { w.putLines("a", l[:len(l)-1]) }, journal.ErrCut},
		"a line cut in two":  {func(w *world, l []string) { w.must(os.Truncate(w.files("a")[0], int64(len(joined(l))-9))) }, journal.ErrCut},
		"emptied":            {func(w *world, _ []string) { w.putLines("a", nil) }, journal.ErrMissing},
		"a line taken out":   {func(w *world, l []string) { w.putLines("a", append(l[:2:2], l[3:]...)) }, journal.ErrGap},
		"the beginning cut":  {func(w *world, l []string) { w.putLines("a", l[1:]) }, journal.ErrGap},
		"two lines swapped":  {func(w *world, l []string) { l[2], l[3] = l[3], l[2]; w.putLines("a", l) }, journal.ErrGap},
		"a line twice":       {func(w *world, l []string) { w.putLines("a", append(l[:3:3], l[2:]...)) }, journal.ErrGap},
		"a line edited":      {func(w *world, l []string) { l[2] = strings.Replace(l[2], "grant-2", "grant-9", 1); w.putLines("a", l) }, journal.ErrOther},
		"a last line edited": {func(w *world, l []string) { l[4] = strings.Replace(l[4], "grant-4", "grant-9", 1); w.putLines("a", l) }, journal.ErrOther},
		"no line at all":     {func(w *world, l []string) { w.putLines("a", append(l, "hello\n")) }, journal.ErrForged},
		"nothing but an end": {func(w *world, l []string) { w.putLines("a", append(l, "\n")) }, journal.ErrForged},
		"re-hashed, no key":  {func(w *world, l []string) { w.putLines("a", resigned(l, 2, edit)) }, journal.ErrOther},
		"another vault's":    {func(w *world, l []string) { w.putLines("a", resigned(l, 0, other(vault, "x"+vault[1:]))) }, journal.ErrForeign},
		"another node's":     {func(w *world, l []string) { w.putLines("a", resigned(l, 0, other(`"node":"a"`, `"node":"b"`))) }, journal.ErrForeign},
		"another key's":      {func(w *world, _ []string) { w.place.Keys[0] = make([]byte, ed25519.PublicKeySize) }, journal.ErrForeign},
		"a file of that name": {func(w *world, l []string) {
			w.must(os.WriteFile(beside(w, "0000000000000099.journal"), []byte(joined(l)), 0o600))
		}, journal.ErrGap},
		"an unknown text file": {func(w *world, l []string) { w.must(os.WriteFile(beside(w, "notes.txt"), []byte("x"), 0o600)) }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, db *store.DB) {
				w := newWorld(t, db)
				j := w.opened("a")
				for n := 1; n <= 4; n++ {
					w.write(j, entry(n))
				}
				w.must(j.Close())
				c.spoil(w, w.lines("a"))
				j, err := w.open("a")
				if !errors.Is(err, c.want) || (c.want != nil) != errors.Is(err, journal.ErrRefused) {
					t.Errorf("opened with %v, want %v", err, c.want)
				}
				if len(w.applied) > 0 {
					t.Errorf("applied %v of a journal like that", w.applied)
				}
				w.must(j.Close())
			})
		})
	}
}

func edit(body string) string { return strings.Replace(body, "grant-2", "grant-9", 1) }

func other(from, to string) func(string) string {
	return func(body string) string { return strings.Replace(body, from, to, 1) }
}

func beside(w *world, name string) string { return filepath.Join(w.place.Dir, "a", name) }

// What a crash left of a last line was never acknowledged: it is cut, and the
// journal goes on behind what was.
func TestATornLastLineIsCut(t *testing.T) {
	for name, left := range map[string]string{
		"half a line":     `{"seq":4,"prev":"AAAA`,
		"zeros":           strings.Repeat("\x00", 5000),
		"all but its end": `{"seq":4,"prev":"x"} c2ln`,
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, storetest.Open(t, storetest.Fresh(t, store.SQLite, schema())))
			j := w.opened("a")
			w.write(j, entry(1))
			w.must(j.Close())
			w.putLines("a", append(w.lines("a"), left))
			reports, err := w.place.Check(nil)
			if err != nil || len(reports) != 1 || !reports[0].Torn {
				t.Errorf("check: %v, %v", reports, err)
			}
			j = w.opened("a")
			w.write(j, entry(2))
			w.must(j.Close())
			if n := len(w.lines("a")); n != 3 {
				t.Errorf("the journal has %d lines", n)
			}
			w.must(w.opened("a").Close())
		})
	}
}

// A crash while a new file was begun leaves one that holds nothing.
func TestAFileThatWasNeverBegunIsBegunAgain(t *testing.T) {
	w := newWorld(t, storetest.Open(t, storetest.Fresh(t, store.SQLite, schema())))
	j := w.opened("a")
	w.write(j, entry(1))
	w.must(j.Close())
	w.must(os.WriteFile(beside(w, "0000000000000003.journal"), []byte(`{"seq":3`), 0o600))
	j = w.opened("a")
	w.write(j, entry(2))
	w.must(j.Close())
	if n := len(w.files("a")); n != 2 {
		t.Errorf("there are %d files", n)
	}
	w.must(w.opened("a").Close())
	w.wants("a database that knows all")
}

// Journal and database rolled back together fit each other: only what was kept
// elsewhere tells.
func TestAKeptHeadFindsWhatWasRolledBackTogether(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		j := w.opened("a")
		w.write(j, entry(1))
		rows, lines := w.rows(), w.lines("a")
		w.write(j, entry(2))
		kept, err := j.Heads()
		w.must(err)
		w.must(j.Close())
		w.must(w.opened("a", kept...).Close())
		w.restore(rows)
		w.putLines("a", lines)
		w.must(w.opened("a").Close())
		if _, err := w.open("a", kept...); !errors.Is(err, journal.ErrRolled) {
			t.Errorf("rolled back: %v", err)
		}
		if _, err := w.place.Check(kept); !errors.Is(err, journal.ErrRolled) {
			t.Errorf("check: %v", err)
		}
		j = w.opened("a")
		w.write(j, entry(3))
		w.write(j, entry(4))
		w.must(j.Close())
		if _, err := w.open("a", kept...); !errors.Is(err, journal.ErrRolled) {
			t.Errorf("rolled back and written on: %v", err)
		}
		forged := kept[0]
		forged.Sig[0] ^= 1
		if _, err := w.open("a", forged); !errors.Is(err, journal.ErrHead) {
			t.Errorf("a head nobody signed: %v", err)
		}
	})
}
