package takeout_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/takeout"
)

func begin(t *testing.T, dir string) *takeout.Folder {
	t.Helper()
	f, err := takeout.Begin(dir)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// A folder is finished once, goes on when it was broken off, and is nobody else's.
func TestAFolderIsBegunBrokenOffAndFinished(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "all")
	f := begin(t, dir)
	must(t, f.Write(takeout.Readme, []byte("read me")))
	must(t, f.Write("001/part-1.age", []byte("sealed")))

	f = begin(t, dir)
	must(t, f.Write(takeout.Readme, []byte("read me")))
	if !f.Keep("001/part-1.age", reads("sealed")) || f.Keep("001/part-2.age", reads("sealed")) || f.Keep("001/part-1.age", reads("other")) {
		t.Error("what lies there is not told from what does not")
	}
	must(t, f.Finish())
	sums, err := os.ReadFile(filepath.Join(dir, takeout.Sums))
	must(t, err)
	if n := strings.Count(string(sums), "\n"); n != 2 || !strings.Contains(string(sums), "  001/part-1.age\n") {
		t.Errorf("the sums are\n%s", sums)
	}
	if _, err := takeout.Begin(dir); !errors.Is(err, takeout.ErrWhole) {
		t.Errorf("a whole one: %v", err)
	}
	other := t.TempDir()
	must(t, os.WriteFile(filepath.Join(other, "letter"), nil, 0o600))
	if _, err := takeout.Begin(other); !errors.Is(err, takeout.ErrForeign) {
		t.Errorf("a folder of other things: %v", err)
	}
	must(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		info, e := d.Info()
		if e == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("others can read %s", path)
		}
		return errors.Join(err, e)
	}))
}

// reads checks a file by its text.
func reads(want string) func(io.Reader) error {
	return func(r io.Reader) error {
		b, err := io.ReadAll(r)
		if err == nil && string(b) != want {
			err = errors.New("it is another")
		}
		return err
	}
}

// A file that could not be filled leaves nothing under its name.
func TestAHalfFileIsNone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "all")
	f := begin(t, dir)
	broken := errors.New("the line broke")
	err := f.Fill("001/part-1.age", func(w io.Writer) error {
		_, err := w.Write([]byte("half"))
		return errors.Join(err, broken)
	})
	if !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
	left, err := os.ReadDir(filepath.Join(dir, "001"))
	if err != nil || len(left) != 0 {
		t.Errorf("%v is left, %v", left, err)
	}
}

// The README is there in every language, and names the programs that it takes.
func TestEveryReadmeSaysHowToOpen(t *testing.T) {
	for _, l := range takeout.Languages() {
		b, err := takeout.ReadmeIn(l)
		must(t, err)
		for _, typed := range []string{"sha256sum -c SHA256SUMS", "age -d -i key.txt -o part.tar 001/part-1.age", "tar -xf part.tar", "testimony identity --vault ID key.txt", "testimony import FOLDER", "1.3.0"} {
			if !bytes.Contains(b, []byte(typed)) {
				t.Errorf("%s does not say %q", l, typed)
			}
		}
	}
	if _, err := takeout.ReadmeIn("tlh"); err == nil {
		t.Error("there is a README in a language that nobody wrote")
	}
}

// What is written is read back the same.
func TestStatementsAreReadBack(t *testing.T) {
	tid, err := id.New(bytes.NewReader(make([]byte, 16)))
	must(t, err)
	want := []statement.Entry{{Seq: 1, Hash: [32]byte{1}, Compact: "a.b.c"}, {Seq: 2, Hash: [32]byte{2}, Testimony: tid}}
	text, err := takeout.Lines(want)
	must(t, err)
	got, err := takeout.ReadLines(bytes.NewReader(text))
	must(t, err)
	if len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("%+v", got)
	}
}

// An index cannot lead out of its folder.
func TestAnIndexStaysInItsFolder(t *testing.T) {
	good := `{"vault":"v","account":"a","seq":1,"testimonies":[{"testimony":"aaaaaaaaaaaaaaaaaaaaaaaaaa","place":"001"}]}`
	if _, err := takeout.ParseIndex([]byte(good)); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"..", "../001", "/etc", "001/..", "", "1"} {
		if _, err := takeout.ParseIndex([]byte(strings.Replace(good, "001", bad, 1))); err == nil {
			t.Errorf("place %q was taken", bad)
		}
	}
}

func FuzzParseIndex(f *testing.F) {
	f.Add([]byte(`{"vault":"v","account":"a","seq":1,"testimonies":[{"testimony":"aaaaaaaaaaaaaaaaaaaaaaaaaa","place":"001"}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		index, err := takeout.ParseIndex(text)
		if err != nil {
			return
		}
		for _, k := range index.Testimonies {
			if !filepath.IsLocal(k.Place) || strings.ContainsAny(k.Place, `/\`) {
				t.Errorf("place %q", k.Place)
			}
		}
	})
}

func FuzzReadLines(f *testing.F) {
	f.Add([]byte(`{"seq":1,"sha256":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","statement":"a.b.c"}` + "\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		entries, err := takeout.ReadLines(bytes.NewReader(text))
		if err != nil {
			return
		}
		again, err := takeout.Lines(entries)
		if err != nil {
			t.Fatal(err)
		}
		same, err := takeout.ReadLines(bytes.NewReader(again))
		if err != nil || len(same) != len(entries) {
			t.Errorf("%d entries became %d, %v", len(entries), len(same), err)
		}
	})
}
