package fsblob_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/blob"
	"github.com/relatingfield/vault/internal/blob/blobtest"
	"github.com/relatingfield/vault/internal/blob/fsblob"
)

func open(t testing.TB, dir string) *fsblob.Store {
	t.Helper()
	s, err := fsblob.Open(dir, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestStore(t *testing.T) {
	blobtest.Run(t, func(t *testing.T) blob.Store { return open(t, t.TempDir()) })
}

func TestPlace(t *testing.T) {
	blobtest.RunPlace(t, func(t *testing.T) blobtest.Place {
		dir := t.TempDir()
		return blobtest.Place{Open: func(t *testing.T) blob.Store { return open(t, dir) }}
	})
}

// A file that was cut while it was open is damaged, not shorter.
func TestACutFileIsDamaged(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	key := blobtest.Key(t)
	if err := s.Put(t.Context(), key, 5000, bytes.NewReader(make([]byte, 5000))); err != nil {
		t.Fatal(err)
	}
	o, err := s.Open(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	if err := os.Truncate(filepath.Join(dir, "objects", string(key)[:2], string(key)), 4000); err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(struct{ io.Reader }{o}); len(b) != 4000 || !errors.Is(err, blob.ErrDamaged) {
		t.Errorf("read: %d bytes, %v, want ErrDamaged", len(b), err)
	}
	if n, err := o.ReadAt(make([]byte, 1000), 3500); n != 500 || !errors.Is(err, blob.ErrDamaged) {
		t.Errorf("read at: %d bytes, %v, want ErrDamaged", n, err)
	}
}

// Nobody but the vault's user can read anything, no time says more than the day,
// and failures leave no file behind.
func TestFilesArePrivateAndTellNoHour(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	if err := s.Put(t.Context(), blobtest.Key(t), 3, bytes.NewReader([]byte("abc"))); err != nil {
		t.Fatal(err)
	}
	if err := s.Put(t.Context(), blobtest.Key(t), 4, bytes.NewReader([]byte("abc"))); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Fatal(err)
	}
	files := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %o", path, info.Mode().Perm())
		}
		if !d.IsDir() {
			files++
			if info.ModTime().Unix()%86400 != 0 {
				t.Errorf("%s tells the hour: %s", path, info.ModTime())
			}
		}
		return nil
	})
	if err != nil || files != 1 {
		t.Errorf("%d files, %v; want 1", files, err)
	}
}

// Opening sweeps what nobody is writing any more, and leaves what another process
// is at.
func TestUnfinishedFilesAreSweptUnlessTheyAreBeingWritten(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	stale := filepath.Join(dir, "tmp", "stale")
	if err := os.WriteFile(stale, []byte("half of it"), 0o600); err != nil {
		t.Fatal(err)
	}
	key := blobtest.Key(t)
	r, w := io.Pipe()
	done := make(chan error)
	go func() { done <- s.Put(t.Context(), key, 6, r) }()
	if _, err := io.WriteString(w, "abc"); err != nil { // now it is being written
		t.Fatal(err)
	}
	second := open(t, dir)
	if _, err := os.Stat(stale); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the stale file: %v", err)
	}
	_, err := io.WriteString(w, "def")
	if err := errors.Join(err, w.Close(), <-done); err != nil {
		t.Fatal(err)
	}
	o, err := second.Open(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	if b, err := io.ReadAll(o); err != nil || string(b) != "abcdef" {
		t.Fatalf("%q, %v", b, err)
	}
}

// The day is that of UTC, by the clock that was given.
func TestTheDayIsTheClocks(t *testing.T) {
	at := time.Date(2026, 3, 1, 23, 59, 59, 7, time.FixedZone("", -5*3600))
	s, err := fsblob.Open(t.TempDir(), func() time.Time { return at })
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Put(t.Context(), blobtest.Key(t), 0, bytes.NewReader(nil)); err != nil {
		t.Fatal(err)
	}
	want := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC).Unix()
	err = s.List(t.Context(), func(e blob.Entry) error {
		if e.Day != want {
			t.Errorf("day %d, want %d", e.Day, want)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A folder that is gone is an error, not an empty store or a missing object.
func TestALostFolderIsNotAnEmptyOne(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "blobs")
	s := open(t, dir)
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := s.Put(t.Context(), blobtest.Key(t), 0, bytes.NewReader(nil)); err == nil || errors.Is(err, blob.ErrNotFound) {
		t.Errorf("put: %v", err)
	}
	if err := s.List(t.Context(), func(blob.Entry) error { return nil }); err == nil {
		t.Error("a lost folder was listed")
	}
}
