package partial_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/relatingfield/vault/internal/partial"
)

func open(t *testing.T, target, source, version string) *partial.File {
	t.Helper()
	f, err := partial.Open(target, source, version)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func names(t *testing.T, dir string) (out []string) {
	t.Helper()
	list, err := os.ReadDir(dir)
	must(t, err)
	for _, e := range list {
		out = append(out, e.Name())
	}
	return out
}

// What was written is there the next time, hidden and for nobody else, and grows at
// its end.
func TestAPartialFileIsTakenUp(t *testing.T) {
	dir := t.TempDir()
	target := filepath.Join(dir, "part-1")
	f := open(t, target, "grant", "v1")
	_, err := f.Write([]byte("one "))
	must(t, err)
	must(t, f.Keep())
	f = open(t, target, "grant", "v1")
	if f.Size() != 4 {
		t.Fatalf("%d bytes", f.Size())
	}
	_, err = f.Write([]byte("two"))
	must(t, err)
	if b, err := io.ReadAll(f.Reader()); err != nil || string(b) != "one two" {
		t.Errorf("%q, %v", b, err)
	}
	info, err := os.Stat(filepath.Join(dir, names(t, dir)[0]))
	must(t, err)
	if info.Mode().Perm() != 0o600 || !strings.HasPrefix(info.Name(), ".part-1.") {
		t.Errorf("%s %v", info.Name(), info.Mode())
	}
	must(t, f.MoveTo(target))
	if b, err := os.ReadFile(target); err != nil || string(b) != "one two" || len(names(t, dir)) != 1 {
		t.Errorf("%q, %v, %v", b, err, names(t, dir))
	}
}

// Another version of the same is another file, and what there was of the first goes.
// Of other sources and for other targets everything stays.
func TestAnotherVersionReplacesTheFirst(t *testing.T) {
	dir := t.TempDir()
	must(t, open(t, filepath.Join(dir, "part-1"), "grant", "v1").Keep())
	must(t, os.Mkdir(open(t, filepath.Join(dir, "part-2"), "grant", "v1").Workshop(), 0o700))
	must(t, open(t, filepath.Join(dir, "part-1"), "other", "v1").Keep())
	must(t, os.WriteFile(filepath.Join(dir, ".part-1.notes.partial"), nil, 0o600))
	f := open(t, filepath.Join(dir, "part-1"), "grant", "v2")
	if got := names(t, dir); len(got) != 5 || f.Size() != 0 {
		t.Errorf("%q", got)
	}
	must(t, f.Keep())
}

// Of what was taken back nothing stays, neither the bytes nor what was being made of
// them.
func TestWhatIsDroppedIsGone(t *testing.T) {
	dir := t.TempDir()
	for _, target := range []string{"part-1", "part-2"} {
		f := open(t, filepath.Join(dir, target), "grant", "v1")
		must(t, os.Mkdir(f.Workshop(), 0o700))
		must(t, os.WriteFile(filepath.Join(f.Workshop(), "content"), []byte("x"), 0o600))
		must(t, f.Keep())
	}
	must(t, open(t, filepath.Join(dir, "part-1"), "other", "v1").Keep())
	if n, err := partial.Drop(dir, "part-2", "grant"); n != 1 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if n, err := partial.Drop(dir, "", "grant"); n != 1 || err != nil || len(names(t, dir)) != 1 {
		t.Errorf("%d, %v, %v", n, err, names(t, dir))
	}
	if n, err := partial.Drop(filepath.Join(dir, "nowhere"), "", "grant"); n != 0 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
}

// Two programs do not write into one file, nor does one take it away from the other.
func TestOneProgramAtATimeWorksOnATarget(t *testing.T) {
	dir := t.TempDir()
	target := filepath.Join(dir, "part-1")
	f := open(t, target, "grant", "v1")
	if _, err := partial.Open(target, "grant", "v1"); !errors.Is(err, partial.ErrBusy) {
		t.Error(err)
	}
	if n, err := partial.Drop(dir, "", "grant"); n != 0 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	must(t, f.Discard())
	if got := names(t, dir); len(got) != 0 {
		t.Errorf("%q is left", got)
	}
}

// What others can read, and what is no file, is not written to.
func TestOnlyAnOwnPlainFileIsTakenUp(t *testing.T) {
	dir := t.TempDir()
	target := filepath.Join(dir, "part-1")
	f := open(t, target, "grant", "v1")
	path := filepath.Join(dir, names(t, dir)[0])
	must(t, f.Discard())
	elsewhere := filepath.Join(dir, "elsewhere")
	for name, plant := range map[string]func() error{
		"readable by others": func() error {
			return errors.Join(os.WriteFile(path, []byte("x"), 0o600), os.Chmod(path, 0o644))
		},
		"a link":   func() error { return os.Symlink(elsewhere, path) },
		"a folder": func() error { return os.Mkdir(path, 0o700) },
	} {
		must(t, plant())
		f := open(t, target, "grant", "v1")
		if f.Size() != 0 {
			t.Errorf("%s: %d bytes were taken up", name, f.Size())
		}
		_, err := f.Write([]byte("y"))
		must(t, err)
		must(t, f.Discard())
	}
	if _, err := os.Lstat(elsewhere); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a link was followed: %v", err)
	}
}

// A draft has no name before it is published, where the system can do that; it is
// whole when it has one.
func TestADraftHasNoNameBeforeItIsPublished(t *testing.T) {
	path := filepath.Join(t.TempDir(), "content")
	d, err := partial.NewDraft(path)
	must(t, err)
	defer d.Close()
	_, err = d.Write([]byte("words"))
	must(t, err)
	if b, err := os.ReadFile(d.Name()); err != nil || string(b) != "words" {
		t.Errorf("it cannot be read by its descriptor: %q, %v", b, err)
	}
	must(t, d.Publish())
	if b, err := os.ReadFile(path); err != nil || !bytes.Equal(b, []byte("words")) {
		t.Errorf("%q, %v", b, err)
	}
}

// A name is read in one spelling, and nothing that is not ours is taken for ours.
func FuzzParse(f *testing.F) {
	f.Add(partial.Name{Target: "part-1", Source: partial.Key("a"), Version: partial.Key("b")}.String())
	f.Add(".part-1.age.x.y.partial")
	f.Add("..partial")
	f.Add(".letter.partial")
	f.Fuzz(func(t *testing.T, s string) {
		n, ok := partial.Parse(s)
		if ok && (n.String() != s || n.Target == "" || len(n.Source) != 22 || len(n.Version) != 22) {
			t.Errorf("%q is read as %+v", s, n)
		}
	})
}
