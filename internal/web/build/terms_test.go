package main

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// What a reader owes is said in the same words on a page, at the command line and in
// every TERMS.json: she signs terms here that are read there.
func TestTermsReadAsTheyDoEverywhere(t *testing.T) {
	for _, lang := range languages {
		there := wordsOf[string](t, filepath.Join("..", "..", "explain", "words", lang+".json"))
		here := wordsOf[any](t, filepath.Join("..", "app", "words", lang, "terms.json"))
		compared := 0
		for key, want := range there {
			room, _, _ := strings.Cut(key, ".")
			if !slices.Contains([]string{"terms", "purpose", "attribution", "media", "prohibited", "place", "access", "list"}, room) {
				continue
			}
			if room != "terms" {
				key = "terms." + key
			}
			compared++
			if here[key] != want {
				t.Errorf("%s: %s is %q on the page and %q elsewhere", lang, key, here[key], want)
			}
		}
		if compared < 50 {
			t.Errorf("%s: only %d texts were compared, of %d", lang, compared, len(slices.Collect(maps.Keys(there))))
		}
	}
}

func wordsOf[T any](t *testing.T, path string) map[string]T {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	words := map[string]T{}
	if err := json.Unmarshal(text, &words); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return words
}
