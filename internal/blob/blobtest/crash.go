package blobtest

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"testing"

	"github.com/relatingfield/vault/internal/blob"
	"github.com/relatingfield/vault/internal/id"
)

// What a caller does after an error is right in both cases: he leaves the object
// to be found by List, and starts again with a new key.

func failedNotDone(t *testing.T, s blob.Store) {
	f := &Faulty{Store: s}
	content := Random(t, 1000)
	f.Next(OpPut, FailedNotDone)
	if err := f.Put(t.Context(), Key(t), 1000, bytes.NewReader(content)); !errors.Is(err, ErrFault) {
		t.Fatal(err)
	}
	empty(t, f)
	key := put(t, f, content)
	f.Next(OpDelete, FailedNotDone)
	if err := f.Delete(t.Context(), key); !errors.Is(err, ErrFault) {
		t.Fatal(err)
	}
	if got := read(t, f, key); !bytes.Equal(got, content) {
		t.Error("the object is gone though deleting it failed")
	}
	if err := f.Delete(t.Context(), key); err != nil {
		t.Fatal(err)
	}
	empty(t, f)
}

func failedButDone(t *testing.T, s blob.Store) {
	f := &Faulty{Store: s}
	content := Random(t, 1000)
	orphan := Key(t)
	f.Next(OpPut, FailedButDone)
	if err := f.Put(t.Context(), orphan, 1000, bytes.NewReader(content)); !errors.Is(err, ErrFault) {
		t.Fatal(err)
	}
	if err := f.Put(t.Context(), orphan, 1000, bytes.NewReader(content)); !errors.Is(err, blob.ErrExists) {
		t.Errorf("the same key again: %v", err)
	}
	key := put(t, f, content)
	found := map[id.ID]int64{}
	if err := f.List(t.Context(), func(e blob.Entry) error { found[e.Key] = e.Size; return nil }); err != nil {
		t.Fatal(err)
	}
	if len(found) != 2 || found[orphan] != 1000 {
		t.Errorf("the orphan is not found: %v", found)
	}
	for _, k := range []id.ID{orphan, key} {
		f.Next(OpDelete, FailedButDone)
		if err := f.Delete(t.Context(), k); !errors.Is(err, ErrFault) {
			t.Fatal(err)
		}
		if err := f.Delete(t.Context(), k); err != nil {
			t.Errorf("deleting again: %v", err)
		}
	}
	empty(t, f)
}

// hashed is how uploads come: the store has the source write itself, or reads it.
func hashed(t *testing.T, s blob.Store) {
	for _, n := range sizes {
		content := Random(t, n)
		h := blob.NewHashing(bytes.NewReader(content))
		key := Key(t)
		if err := s.Put(t.Context(), key, int64(n), h); err != nil {
			t.Fatal(err)
		}
		if sum, err := h.Sum(); err != nil || sum != sha256.Sum256(content) {
			t.Errorf("%d bytes: another digest, %v", n, err)
		}
		if got := read(t, s, key); !bytes.Equal(got, content) {
			t.Errorf("%d bytes came back otherwise", n)
		}
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	}
}
