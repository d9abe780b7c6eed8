package main

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const sources = ".." // internal/web

// copied is the folder of sources in another place, with the packages linked.
func copied(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	for _, part := range []string{"pages", "media", "listen", "app/src", "app/words", "app/package.json", "app/tsconfig.json"} {
		err := filepath.WalkDir(filepath.Join(sources, part), func(file string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			name, err := filepath.Rel(sources, file)
			if err != nil {
				return err
			}
			body, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			return put(filepath.Join(root, name), body)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	packages, err := filepath.Abs(filepath.Join(sources, "app", "node_modules"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(packages); err != nil {
		t.Fatalf("%v: run make site, which fetches the packages", err)
	}
	if err := os.Symlink(packages, filepath.Join(root, "app", "node_modules")); err != nil {
		t.Fatal(err)
	}
	return root
}

// made reads a folder.
func made(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := os.ReadFile(filepath.Join(dir, name))
		out[name] = string(body)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Two builds in two folders are the same to the byte, and the second over the first
// leaves nothing of what came before.
func TestBuildsAreReproducible(t *testing.T) {
	one, two := t.TempDir(), t.TempDir()
	if err := build(copied(t), one); err != nil {
		t.Fatal(err)
	}
	if err := put(filepath.Join(two, "a", "old.js"), []byte("old")); err != nil {
		t.Fatal(err)
	}
	if err := build(copied(t), two); err != nil {
		t.Fatal(err)
	}
	if a, b := made(t, one), made(t, two); !maps.Equal(a, b) {
		t.Errorf("%v\n%v", slices.Sorted(maps.Keys(a)), slices.Sorted(maps.Keys(b)))
	}
}

// Each fault of a catalogue ends the build with the key and the language in it, and
// nothing is written.
func TestFaultsOfCataloguesAreFound(t *testing.T) {
	whole := func() map[string]string {
		files := map[string]string{"pages/a.html": `{{.T "a.one"}}`, "app/src/a.ts": `t("a.many", { count }); t("a.state.*")`}
		for _, lang := range languages {
			files["app/words/"+lang+"/tell.json"] = `{"a.one":"x {name}","a.many":` + plural(lang) + `,"a.state.open":"y"}`
		}
		return files
	}
	for name, c := range map[string]struct{ file, text, want string }{
		"nothing":         {"pages/b.html", "", ""},
		"missing":         {"app/words/fr/tell.json", `{"a.one":"x {name}","a.many":{"one":"1","other":"{count}"}}`, `fr/tell.json: "a.state.open" is missing`},
		"left over":       {"app/words/uk/tell.json", `{"a.one":"x {name}","a.many":{"one":"1","few":"{count}","many":"{count}"},"a.state.open":"y","b":"z"}`, `uk/tell.json: "b" is not in English`},
		"unused":          {"app/src/a.ts", `t("a.many")`, `"a.state.open" is used nowhere`},
		"misfilled":       {"app/words/ckb/tell.json", `{"a.one":"x {nome}","a.many":{"one":"1","other":"{count}"},"a.state.open":"y"}`, `ckb/tell.json: "a.one" (other) fills in [{nome}]`},
		"empty":           {"app/words/ckb/tell.json", `{"a.one":" ","a.many":{"one":"1","other":"{count}"},"a.state.open":"y"}`, `ckb/tell.json: "a.one" is empty`},
		"no plural":       {"app/words/fr/tell.json", `{"a.one":"x {name}","a.many":"{count}","a.state.open":"y"}`, `fr/tell.json: "a.many" is a plural in one language`},
		"a form too few":  {"app/words/ar/tell.json", `{"a.one":"x {name}","a.many":{"one":"1","other":"{count}"},"a.state.open":"y"}`, `ar/tell.json: "a.many" has the plural forms [one other]`},
		"a strange place": {"app/words/fr/tell.json", `{"a.one":"x {name}","a.many":{"one":"1","other":"{number}"},"a.state.open":"y"}`, `fr/tell.json: "a.many" (other) fills in [{number}]`},
		"twice":           {"app/words/fr/tell.json", `{"a.one":"x {name}","a.many":{"one":"1","other":"{count}"},"a.state.open":"y","a.one":"z {name}"}`, `duplicate object member name "a.one"`},
		"in two rooms":    {"app/words/en/mine.json", `{"a.one":"x {name}"}`, `"a.one" stands in mine and in tell`},
		"not JSON":        {"app/words/fr/tell.json", `{`, `fr/tell.json`},
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			files := whole()
			files[c.file] = c.text
			for file, text := range files {
				if err := put(filepath.Join(root, file), []byte(text)); err != nil {
					t.Fatal(err)
				}
			}
			texts, err := readWords(filepath.Join(root, "app", "words"))
			if err == nil {
				err = texts.check(root)
			}
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}

func plural(lang string) string {
	forms := make([]string, 0, 6)
	for _, c := range categories[lang] {
		forms = append(forms, `"`+c+`":"{count}"`)
	}
	return "{" + strings.Join(forms, ",") + "}"
}

// noise compresses to about as much as it is.
func noise(n int) []byte {
	b := make([]byte, n/2)
	_, _ = rand.Read(b)
	return []byte(hex.EncodeToString(b))
}

// A page beyond its budget fails the build, whichever of its parts has grown: its
// markup, a style, a module that a module imports, or a text that its script asks for.
// What a module loads later does not count.
func TestBudgetsHold(t *testing.T) {
	whole := func() files {
		made := files{"/a/s.css": nil, "/a/unlock.json": nil, "/a/notes.js": []byte(`import{a}from"./c-X.js";import("./c-LATER.js")`), "/a/c-X.js": nil, "/a/c-LATER.js": noise(1_000_000)}
		for _, lang := range languages {
			for _, b := range budgets {
				made["/"+lang+b.page] = []byte(`<link href="/a/s.css">`)
			}
			made["/"+lang+"/notes"] = []byte(`<link href="/a/s.css"><script src="/a/notes.js">`)
		}
		return made
	}
	names := assets{"words/unlock/en": "/a/unlock.json"}
	fine := whole()
	if err := weigh(fine, squeeze(fine), names); err != nil {
		t.Fatal(err)
	}
	for path, page := range map[string]string{"/fr/help": "/fr/help", "/a/s.css": "/ckb/about", "/a/c-X.js": "/en/notes", "/a/unlock.json": "/en/notes"} {
		made := whole()
		made[path] = append(bytes.Clone(made[path]), noise(200_000)...)
		if err := weigh(made, squeeze(made), names); err == nil || !strings.Contains(err.Error(), page+" ") {
			t.Errorf("%s has grown: %v", path, err)
		}
	}
}

// Helpers whom an operator names stand on the support page of their language; one who
// is named without a word on what they do is refused.
func TestHelpersNearHer(t *testing.T) {
	file := filepath.Join(t.TempDir(), "uk.json")
	if all, err := readHelpers(file); err != nil || all != nil {
		t.Errorf("no file: %v, %v", all, err)
	}
	for text, ok := range map[string]bool{
		`[{"name":"a","what":"b","reach":"c"},{"name":"d","what":"e"}]`: true,
		`[{"name":"a"}]`:                        false,
		`[{"name":"a","what":"b","phone":"c"}]`: false,
		`{}`:                                    false,
	} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := readHelpers(file); (err == nil) != ok {
			t.Errorf("%s: %v", text, err)
		}
	}
}
