package journal_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/relatingfield/vault/internal/journal"
	"github.com/relatingfield/vault/internal/store"
)

// A node finds the latest era that any node has seen of the same cluster; what was
// seen of another cluster says nothing, and what is no era is refused.
func TestTheLatestEraOfAllNodesIsFound(t *testing.T) {
	w := newWorld(t, nil)
	a, err := journal.Open(w.at("a"), w.key)
	w.must(err)
	defer a.Close()
	b, err := journal.Open(w.at("b"), w.key)
	w.must(err)
	defer b.Close()
	latest, own, err := a.Eras("7")
	if err != nil || latest != (store.Era{}) || own != latest {
		t.Fatalf("before anything was seen: %v, %v, %v", latest, own, err)
	}
	first, second := store.Era{System: "7", Timeline: 1}, store.Era{System: "7", Timeline: 2}
	w.must(a.KeepEra(second))
	w.must(a.KeepEra(first)) // a node may be set back on purpose, after a restore
	w.must(b.KeepEra(second))
	if latest, own, err = a.Eras("7"); err != nil || latest != second || own != first {
		t.Errorf("found %v, %v, %v", latest, own, err)
	}
	if latest, _, err = a.Eras("8"); err != nil || latest != (store.Era{}) {
		t.Errorf("of another cluster: %v, %v", latest, err)
	}
	w.must(os.WriteFile(filepath.Join(w.place.Dir, "b", "era"), []byte("7\n"), 0o600))
	if _, _, err = a.Eras("7"); !errors.Is(err, journal.ErrEra) {
		t.Errorf("a broken era: %v", err)
	}
}

// Whatever lies in the place of an era is read as one, and written back the same, or
// refused.
func FuzzAnEraHasOneSpelling(f *testing.F) {
	f.Add("7345678901234567890 1\n")
	f.Add("7 01\n")
	f.Add("7 1")
	f.Add(" 1\n")
	f.Fuzz(func(t *testing.T, text string) {
		w := newWorld(t, nil)
		j, err := journal.Open(w.at("a"), w.key)
		w.must(err)
		defer j.Close()
		path := filepath.Join(w.place.Dir, "a", "era")
		w.must(os.WriteFile(path, []byte(text), 0o600))
		_, own, err := j.Eras("")
		if errors.Is(err, journal.ErrEra) {
			return
		}
		w.must(err)
		w.must(j.KeepEra(own))
		again, err := os.ReadFile(path)
		if err != nil || string(again) != text {
			t.Errorf("%q was read as %+v and written as %q: %v", text, own, again, err)
		}
	})
}
