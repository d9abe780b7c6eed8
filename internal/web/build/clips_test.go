package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Every instruction of a participant's step can be heard in Arabic, Ukrainian, French and
// English, as it is written today; in Sorani none can. What is heard is light enough for
// a slow line, and no clip is left that nothing says.
func TestInstructionsCanBeHeard(t *testing.T) {
	texts, err := readWords(filepath.Join(sources, "app", "words"))
	if err != nil {
		t.Fatal(err)
	}
	noted, err := readClips(sources)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]bool{}
	for key := range texts["en"]["tell"] {
		if !strings.HasSuffix(key, ".do") {
			continue
		}
		for _, lang := range []string{"ar", "uk", "fr", "en"} {
			name := lang + "/" + key + ".ogg"
			want[name] = true
			info, err := os.Stat(filepath.Join(sources, "media", name))
			if err != nil || !noted.says(texts, name) {
				t.Errorf("%s does not say the text of today: run internal/web/listen/make (%v)", name, err)
			} else if info.Size() > 25_000 {
				t.Errorf("%s has %d bytes", name, info.Size())
			}
		}
	}
	if len(want) < 40 {
		t.Errorf("%d clips", len(want))
	}
	found, err := fs.Glob(os.DirFS(filepath.Join(sources, "media")), "*/*.ogg")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range found {
		if !want[name] {
			t.Errorf("%s is said nowhere: remove it", name)
		}
	}
}

// A clip whose text has changed since it was made is not served.
func TestAnOldClipIsSilent(t *testing.T) {
	root := copied(t)
	file := filepath.Join(root, "app", "words", "fr", "tell.json")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	heard := func() bool {
		texts, err := readWords(filepath.Join(root, "app", "words"))
		if err != nil {
			t.Fatal(err)
		}
		made, a := files{}, assets{}
		if err := copyMedia(root, texts, made, a); err != nil {
			t.Fatal(err)
		}
		return a["media/fr/tell.write.do.ogg"] != ""
	}
	if !heard() {
		t.Error("the clip is not served")
	}
	if err := os.WriteFile(file, []byte(strings.Replace(string(text), `"tell.write.do": "`, `"tell.write.do": "Non ! `, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if heard() {
		t.Error("the clip says what the page does not")
	}
}
