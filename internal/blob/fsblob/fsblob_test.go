package fsblob_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
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

// What a crash left in tmp goes when it is old; what may be somebody's stays.
func TestOldUnfinishedFilesAreSwept(t *testing.T) {
	dir := t.TempDir()
	open(t, dir)
	old, young := filepath.Join(dir, "tmp", "old"), filepath.Join(dir, "tmp", "young")
	for _, p := range []string{old, young} {
		if err := os.WriteFile(p, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	eightDays := time.Now().Add(-8 * 24 * time.Hour)
	if err := os.Chtimes(old, eightDays, eightDays); err != nil {
		t.Fatal(err)
	}
	open(t, dir)
	if _, err := os.Stat(old); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the old file: %v", err)
	}
	if _, err := os.Stat(young); err != nil {
		t.Errorf("the young file: %v", err)
	}
}

// BenchmarkPut receives 1 GiB over loopback HTTP and makes it durable; compare
// the plain way beside it.
func BenchmarkPut(b *testing.B) {
	const size = 1 << 30
	s := open(b, b.TempDir())
	for name, store := range map[string]func(r io.Reader) error{
		"fsblob": func(r io.Reader) error { return s.Put(b.Context(), blobtest.Key(&testing.T{}), size, r) },
		"plain": func(r io.Reader) error {
			f, err := os.CreateTemp(b.TempDir(), "")
			if err != nil {
				return err
			}
			_, err = io.Copy(f, r)
			return errors.Join(err, f.Sync(), f.Close())
		},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if err := store(r.Body); err != nil {
				b.Error(err)
			}
		}))
		b.Run(name, func(b *testing.B) {
			b.SetBytes(size)
			for b.Loop() {
				resp, err := http.Post(server.URL, "application/octet-stream", io.LimitReader(zeros{}, size))
				if err != nil {
					b.Fatal(err)
				}
				resp.Body.Close()
			}
		})
		server.Close()
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }
