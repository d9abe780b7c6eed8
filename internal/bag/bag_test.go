package bag_test

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/relatingfield/vault/internal/bag"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func saying(text string) func(io.Writer) error {
	return func(w io.Writer) error { _, err := io.WriteString(w, text); return err }
}

// packed makes a bag of a few files.
func packed(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "bag")
	w, err := bag.Begin(dir)
	must(t, err)
	for name, text := range map[string]string{"original/item-1/شهادتي.txt": "كنت أحمل الخبز", "a b/c'd.txt": "x", "empty": ""} {
		_, err := w.Payload(name, saying(text))
		must(t, err)
	}
	must(t, w.Tag("README.txt", []byte("read me\n")))
	_, _, err = w.Finish([]bag.Field{{Label: "Bagging-Date", Value: "2026-11-23"}, {Label: "External-Description", Value: "شهادة"}})
	must(t, err)
	return dir
}

func tool(t *testing.T, dir, name string, args ...string) ([]byte, error) {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	return cmd.CombinedOutput()
}

// The programs that everybody has check a bag, and so does this package.
func TestABagChecksWithOrdinaryPrograms(t *testing.T) {
	dir := packed(t)
	for _, c := range [][]string{{"sha512sum", "-c", "--strict", bag.Manifest512}, {"sha256sum", "-c", "--strict", bag.Manifest256},
		{"sha512sum", "-c", "--strict", bag.TagManifest512}, {"sha256sum", "-c", "--strict", bag.TagManifest256}} {
		if out, err := tool(t, dir, c[0], c[1:]...); err != nil {
			t.Errorf("%v: %v\n%s", c, err, out)
		}
	}
	found, err := bag.Check(os.DirFS(dir))
	must(t, err)
	if found["data/original/item-1/شهادتي.txt"].Size != 26 {
		t.Errorf("%+v", found)
	}
	info, err := os.ReadFile(filepath.Join(dir, bag.Info))
	must(t, err)
	if !strings.HasSuffix(string(info), "Payload-Oxum: 27.3\n") {
		t.Errorf("%s", info)
	}
	must(t, filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		i, e := d.Info()
		if e == nil && i.Mode().Perm()&0o077 != 0 {
			t.Errorf("others can read %s", path)
		}
		return errors.Join(err, e)
	}))
}

// Whatever is done to a bag, it is noticed; a signature beside it is not part of it.
func TestEveryChangeToABagIsNoticed(t *testing.T) {
	content := "data/original/item-1/شهادتي.txt"
	for name, change := range map[string]func(dir string) error{
		"content":      func(dir string) error { return os.WriteFile(filepath.Join(dir, content), []byte("other"), 0o600) },
		"gone":         func(dir string) error { return os.Remove(filepath.Join(dir, content)) },
		"more":         func(dir string) error { return os.WriteFile(filepath.Join(dir, "data/more"), nil, 0o600) },
		"more beside":  func(dir string) error { return os.WriteFile(filepath.Join(dir, "more"), nil, 0o600) },
		"description":  func(dir string) error { return os.WriteFile(filepath.Join(dir, "README.txt"), nil, 0o600) },
		"info":         func(dir string) error { return edit(dir, bag.Info, "2026", "2025") },
		"oxum":         func(dir string) error { return edit(dir, bag.Info, "27.3", "28.3") },
		"declaration":  func(dir string) error { return edit(dir, bag.Declaration, "1.0", "0.97") },
		"no manifest":  func(dir string) error { return os.Remove(filepath.Join(dir, bag.Manifest256)) },
		"manifest":     func(dir string) error { return edit(dir, bag.Manifest512, "empty", "other") },
		"no last line": func(dir string) error { return edit(dir, bag.Manifest512, "\n", "") },
		"tag manifest": func(dir string) error { return edit(dir, bag.TagManifest512, "README", "README2") },
		"a link":       func(dir string) error { return os.Symlink("/etc/hostname", filepath.Join(dir, "data/link")) },
		"a way out":    func(dir string) error { return edit(dir, bag.Manifest512, "data/empty", "data/../../x") },
	} {
		dir := packed(t)
		must(t, change(dir))
		if _, err := bag.Check(os.DirFS(dir)); !errors.Is(err, bag.ErrBroken) {
			t.Errorf("%s: %v", name, err)
		}
	}
	dir := packed(t)
	must(t, os.Mkdir(filepath.Join(dir, bag.Signatures), 0o700))
	must(t, os.WriteFile(filepath.Join(dir, bag.Signatures, "x.jws"), []byte("x"), 0o600))
	if _, err := bag.Check(os.DirFS(dir)); err != nil {
		t.Error(err)
	}
}

func edit(dir, name, from, to string) error {
	path := filepath.Join(dir, name)
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return os.WriteFile(path, []byte(strings.Replace(string(b), from, to, 1)), 0o600)
}

// hostile are names that want to be elsewhere, or something else.
func hostile() []string {
	return []string{"../x", "/etc/passwd", `..\x`, "a\x00b", "a\nb", "a\rb", "a%0Ab", "..", ".", "", " ", ".hidden", "-rf", "~x", "CON", "nul.txt", "com1.txt",
		"a\u202etxt.exe", "x:y", "a|b", "a\"b", "$(x)", "`x`", strings.Repeat("ي", 300) + ".txt", "e\u0301.txt", "a. . ", "\xff", "\u200e", "x\ufeff", "\u2028", "lpt¹"}
}

// A name that somebody gave is safe on every system, once made so; a name in any
// script stays.
func TestNamesAreMadeSafe(t *testing.T) {
	for given, want := range map[string]string{"شهادتي.txt": "شهادتي.txt", "Моя розповідь.docx": "Моя розповідь.docx", "می\u200cخواهم.txt": "می\u200cخواهم.txt",
		"../../x": "_.._x", "e\u0301.txt": "é.txt", "CON": "_CON", "": "file", "..": "file", "a. .": "a"} {
		if got := bag.SafeName(given); got != want {
			t.Errorf("%q is %q", given, got)
		}
	}
	for _, given := range hostile() {
		safe(t, given)
	}
}

func safe(t *testing.T, given string) {
	t.Helper()
	got := bag.SafeName(given)
	switch {
	case bag.SafeName(got) != got:
		t.Errorf("%q: %q is %q the next time", given, got, bag.SafeName(got))
	case got == "" || len(got) > 255 || !utf8.ValidString(got) || !norm.NFC.IsNormalString(got),
		!filepath.IsLocal(got), strings.ContainsAny(got, "/\\:*?\"<>|%$`\r\n\x00\u202e"), strings.HasPrefix(got, "."), strings.HasPrefix(got, "-"), strings.HasSuffix(got, "."):
		t.Errorf("%q is %q", given, got)
	}
}

func FuzzNamesAreMadeSafe(f *testing.F) {
	for _, name := range hostile() {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, given string) { safe(t, given) })
}

// A writer takes no name that is not safe, and no two that are one on some system.
func TestABagTakesNoUnsafeName(t *testing.T) {
	w, err := bag.Begin(filepath.Join(t.TempDir(), "bag"))
	must(t, err)
	defer w.Close()
	for _, name := range append(hostile(), "../x/y", "a//b", "a/../b", "a/.") {
		if bag.SafeName(name) == name {
			continue
		}
		if _, err := w.Payload(name, saying("x")); err == nil {
			t.Errorf("%q was taken", name)
		}
	}
	for i, name := range []string{"Straße.txt", "straße.TXT", "ﬁ.txt", "fi.txt"} {
		if _, err := w.Payload(name, saying("x")); (err == nil) != (i%2 == 0) {
			t.Errorf("%q: %v", name, err)
		}
	}
	if _, _, err := w.Finish([]bag.Field{{Label: "X", Value: "a\nPayload-Oxum: 0.0"}}); err == nil {
		t.Error("a value wrote a line of its own")
	}
}

// A bag that was not finished has no file with a name.
func TestAnUnfinishedBagHoldsNothing(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "bag")
	w, err := bag.Begin(dir)
	must(t, err)
	_, err = w.Payload("original/words.txt", saying("words"))
	must(t, err)
	must(t, w.Close())
	must(t, filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			t.Errorf("%s has a name", path)
		}
		return err
	}))
	if _, err := bag.Begin(dir); err == nil {
		t.Error("a second bag in the same place")
	}
}

func FuzzParseManifest(f *testing.F) {
	f.Add([]byte(strings.Repeat("a", 64) + "  data/x\n"))
	f.Add([]byte(strings.Repeat("a", 128) + "  data/../x\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		listed, err := bag.ParseManifest(text)
		if err != nil {
			return
		}
		for name := range listed {
			if !filepath.IsLocal(filepath.FromSlash(name)) || strings.ContainsAny(name, "\\\r\n") {
				t.Errorf("%q was taken", name)
			}
		}
	})
}
