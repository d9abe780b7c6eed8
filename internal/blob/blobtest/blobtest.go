// Package blobtest is the contract of package blob as tests. Every store runs
// all of them:
//
//	func TestStore(t *testing.T) {
//		blobtest.Run(t, func(t *testing.T) blob.Store { … })
//	}
//
// and where several stores share a place, RunPlace. Faulty is a store that fails on
// command, for the tests of those who use one.
package blobtest

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/blob"
	"github.com/relatingfield/vault/internal/id"
)

// Run tests a store; open makes an empty one.
func Run(t *testing.T, open func(t *testing.T) blob.Store) {
	for name, test := range map[string]func(*testing.T, blob.Store){
		"what was put comes back":                       comesBack,
		"an object is as long as was announced":         exactSize,
		"of what ends early the beginning is kept":      some,
		"an object is never overwritten":                neverOverwritten,
		"deleting is final and may be repeated":         deleting,
		"a list names every object and its day":         listing,
		"a source's failure leaves nothing":             failing,
		"an ended context leaves nothing":               cancelled,
		"objects do not get in each other's way":        together,
		"of rivals for one key exactly one wins, whole": rivals,
		"what is no key is refused":                     noKey,
		"it can be read in slices, from anywhere":       inSlices,
		"many may read it at once":                      atOnce,
		"an open object can be read after its deletion": readOn,
		"what is hashed on its way is stored":           hashed,
		"after failed, not done, one starts again":      failedNotDone,
		"after failed, but done, nothing is lost":       failedButDone,
	} {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

// Sizes are around every boundary an implementation may have.
var sizes = []int{0, 1, 4095, 4096, 65536, 512<<10 - 1, 512 << 10, 512<<10 + 1, 1 << 20, 5<<20 + 3}

func comesBack(t *testing.T, s blob.Store) {
	for _, n := range sizes {
		content := Random(t, n)
		key := put(t, s, content)
		o, err := s.Open(t.Context(), key)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(o)
		if err != nil || !bytes.Equal(got, content) || o.Size() != int64(n) {
			t.Errorf("%d bytes: %d came back, Size %d, %v", n, len(got), o.Size(), err)
		}
		if _, err := o.Seek(int64(n/2), io.SeekStart); err != nil {
			t.Error(err)
		}
		if got, err := io.ReadAll(o); err != nil || !bytes.Equal(got, content[n/2:]) {
			t.Errorf("%d bytes: %d behind the middle, %v", n, len(got), err)
		}
		at := make([]byte, n-n/3)
		if m, err := o.ReadAt(at, int64(n/3)); m != len(at) || !bytes.Equal(at, content[n/3:]) || err != nil && err != io.EOF {
			t.Errorf("%d bytes: ReadAt gave %d, %v", n, m, err)
		}
		if err := o.Close(); err != nil {
			t.Error(err)
		}
	}
}

func exactSize(t *testing.T, s blob.Store) {
	for _, n := range sizes {
		content := Random(t, n+1)
		if err := s.Put(t.Context(), Key(t), int64(n), bytes.NewReader(content)); !errors.Is(err, blob.ErrSize) {
			t.Errorf("one byte more than %d: %v, want ErrSize", n, err)
		}
		if err := s.Put(t.Context(), Key(t), int64(n+2), bytes.NewReader(content)); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("one byte less than %d: %v, want io.ErrUnexpectedEOF", n+2, err)
		}
	}
	if err := s.Put(t.Context(), Key(t), -1, bytes.NewReader(nil)); !errors.Is(err, blob.ErrSize) {
		t.Errorf("a negative size: %v, want ErrSize", err)
	}
	empty(t, s)
}

func some(t *testing.T, s blob.Store) {
	for _, n := range sizes {
		content := Random(t, n)
		for _, most := range []int{n - 1, n, n + 1, 2*n + 1} {
			if most < 1 {
				continue
			}
			key, r, want := Key(t), bytes.NewReader(content), min(n, most)
			got, err := s.PutSome(t.Context(), key, int64(most), r)
			if err != nil || got != int64(want) || r.Len() != n-want {
				t.Errorf("%d bytes into room for %d: %d stored, %d left unread, %v", n, most, got, r.Len(), err)
			}
			if want > 0 && !bytes.Equal(read(t, s, key), content[:want]) {
				t.Errorf("%d bytes into room for %d came back otherwise", n, most)
			}
			if err := s.Delete(t.Context(), key); err != nil {
				t.Fatal(err)
			}
		}
	}
	broken := errors.New("the line broke")
	if n, err := s.PutSome(t.Context(), Key(t), 10, io.MultiReader(bytes.NewReader(make([]byte, 5)), &Failing{broken})); !errors.Is(err, broken) || n != 0 {
		t.Errorf("a source's failure: %d, %v", n, err)
	}
	if _, err := s.PutSome(t.Context(), Key(t), 0, bytes.NewReader(nil)); !errors.Is(err, blob.ErrSize) {
		t.Errorf("room for nothing: %v, want ErrSize", err)
	}
	key := put(t, s, []byte("first"))
	if _, err := s.PutSome(t.Context(), key, 6, bytes.NewReader([]byte("second"))); !errors.Is(err, blob.ErrExists) {
		t.Errorf("%v, want ErrExists", err)
	}
	if err := s.Delete(t.Context(), key); err != nil {
		t.Fatal(err)
	}
	empty(t, s)
}

func neverOverwritten(t *testing.T, s blob.Store) {
	key := put(t, s, []byte("first"))
	if err := s.Put(t.Context(), key, 6, bytes.NewReader([]byte("second"))); !errors.Is(err, blob.ErrExists) {
		t.Errorf("%v, want ErrExists", err)
	}
	if got := read(t, s, key); string(got) != "first" {
		t.Errorf("the object is %q", got)
	}
}

func deleting(t *testing.T, s blob.Store) {
	key, other := put(t, s, []byte("one")), put(t, s, []byte("two"))
	for range 2 {
		if err := s.Delete(t.Context(), key); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Open(t.Context(), key); !errors.Is(err, blob.ErrNotFound) {
			t.Errorf("%v, want ErrNotFound", err)
		}
	}
	if err := s.Delete(t.Context(), Key(t)); err != nil {
		t.Errorf("an object that never was: %v", err)
	}
	if got := read(t, s, other); string(got) != "two" {
		t.Errorf("the other object is %q", got)
	}
}

func listing(t *testing.T, s blob.Store) {
	want := map[id.ID]int64{}
	for n := range 50 {
		want[put(t, s, Random(t, n))] = int64(n)
	}
	got := map[id.ID]int64{}
	err := s.List(t.Context(), func(e blob.Entry) error {
		if age := time.Since(time.Unix(e.Day, 0)); e.Day%86400 != 0 || age < 0 || age > 48*time.Hour {
			t.Errorf("%s: day %d", e.Key, e.Day)
		}
		got[e.Key] = e.Size
		return s.Delete(t.Context(), e.Key)
	})
	if err != nil || len(got) != len(want) {
		t.Fatalf("%d listed, %v", len(got), err)
	}
	for key, n := range want {
		if got[key] != n {
			t.Errorf("%s: %d bytes, want %d", key, got[key], n)
		}
	}
	empty(t, s)
	put(t, s, nil)
	stop := errors.New("stop")
	if err := s.List(t.Context(), func(blob.Entry) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("the callback's error came back as %v", err)
	}
}

func failing(t *testing.T, s blob.Store) {
	broken := errors.New("the line broke")
	for _, n := range sizes {
		// Also the kind of end that readers of whole bodies report.
		for _, end := range []error{broken, io.ErrUnexpectedEOF} {
			r := io.MultiReader(bytes.NewReader(Random(t, n)), &Failing{end})
			if err := s.Put(t.Context(), Key(t), int64(n+1), r); !errors.Is(err, end) {
				t.Errorf("after %d bytes: %v, want %v", n, err, end)
			}
			r = io.MultiReader(bytes.NewReader(Random(t, n)), &Failing{end})
			if err := s.Put(t.Context(), Key(t), int64(n), r); !errors.Is(err, end) {
				t.Errorf("after all %d bytes: %v, want %v", n, err, end)
			}
		}
	}
	empty(t, s)
}

// Failing is a reader that has only an error.
type Failing struct{ Err error }

// Read gives the error at once.
func (f *Failing) Read([]byte) (int, error) { return 0, f.Err }

func cancelled(t *testing.T, s blob.Store) {
	ctx, cancel := context.WithCancel(t.Context())
	r := io.MultiReader(bytes.NewReader(Random(t, 3<<20)), readerFunc(func(p []byte) (int, error) { cancel(); return len(p), nil }))
	if err := s.Put(ctx, Key(t), 1<<30, r); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want context.Canceled", err)
	}
	empty(t, s)
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func together(t *testing.T, s blob.Store) {
	var wait sync.WaitGroup
	for i := range 16 {
		content := bytes.Repeat([]byte{byte(i)}, 300_000+i)
		key := Key(t)
		wait.Go(func() {
			if err := s.Put(t.Context(), key, int64(len(content)), bytes.NewReader(content)); err != nil {
				t.Error(err)
				return
			}
			if o, err := s.Open(t.Context(), key); err != nil {
				t.Error(err)
			} else if got, err := io.ReadAll(o); err != nil || !bytes.Equal(got, content) || o.Close() != nil {
				t.Errorf("object %d came back as %d bytes, %v", i, len(got), err)
			}
		})
	}
	wait.Wait()
}

func rivals(t *testing.T, s blob.Store) {
	key := Key(t)
	contents := make([][]byte, 8)
	errs := make([]error, len(contents))
	var wait sync.WaitGroup
	for i := range contents {
		contents[i] = bytes.Repeat([]byte{byte(i + 1)}, 100_000)
		wait.Go(func() { errs[i] = s.Put(t.Context(), key, 100_000, bytes.NewReader(contents[i])) })
	}
	wait.Wait()
	won := -1
	for i, err := range errs {
		switch {
		case err == nil && won < 0:
			won = i
		case !errors.Is(err, blob.ErrExists):
			t.Errorf("rival %d: %v", i, err)
		}
	}
	if won < 0 || !slices.Equal(read(t, s, key), contents[won]) {
		t.Errorf("winner %d has not what it put", won)
	}
}

func noKey(t *testing.T, s blob.Store) {
	for _, key := range []id.ID{"", "a", "../../../../etc/passwd", "aaaaaaaaaaaaaaaaaaaaaaaaa/", "AAAAAAAAAAAAAAAAAAAAAAAAAA"} {
		_, openErr := s.Open(t.Context(), key)
		for what, err := range map[string]error{
			"put": s.Put(t.Context(), key, 0, bytes.NewReader(nil)), "open": openErr, "delete": s.Delete(t.Context(), key),
		} {
			if !errors.Is(err, id.ErrBad) {
				t.Errorf("%s of %q: %v, want id.ErrBad", what, key, err)
			}
		}
	}
}

func readOn(t *testing.T, s blob.Store) {
	content := Random(t, 1<<20)
	key := put(t, s, content)
	o, err := s.Open(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	if err := s.Delete(t.Context(), key); err != nil {
		t.Fatal(err)
	}
	// Whether it can be read is the store's choice; other bytes are not.
	if got, err := io.ReadAll(o); err == nil && !bytes.Equal(got, content) {
		t.Error("other bytes came out of a deleted object")
	}
}

// Key draws a key.
func Key(t testing.TB) id.ID {
	t.Helper()
	key, err := id.New(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// Random is n random bytes.
func Random(t *testing.T, n int) []byte {
	t.Helper()
	b := make([]byte, n)
	if _, err := rand.Read(b); err != nil {
		t.Fatal(err)
	}
	return b
}

func put(t *testing.T, s blob.Store, content []byte) id.ID {
	t.Helper()
	key := Key(t)
	if err := s.Put(t.Context(), key, int64(len(content)), bytes.NewReader(content)); err != nil {
		t.Fatal(err)
	}
	return key
}

func read(t *testing.T, s blob.Store, key id.ID) []byte {
	t.Helper()
	o, err := s.Open(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	b, err := io.ReadAll(o)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func empty(t *testing.T, s blob.Store) {
	t.Helper()
	err := s.List(t.Context(), func(e blob.Entry) error {
		t.Errorf("%s is left", e.Key)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
