package payload_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/blob"
	"github.com/relatingfield/vault/internal/blob/blobtest"
	"github.com/relatingfield/vault/internal/blob/fsblob"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/payload"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/store/storetest"
)

// world is payloads over a store that can be told to fail.
type world struct {
	*payload.Payloads
	t     *testing.T
	blobs *blobtest.Faulty
}

func each(t *testing.T, test func(w *world)) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		blobs, err := fsblob.Open(t.TempDir(), time.Now)
		if err != nil {
			t.Fatal(err)
		}
		faulty := &blobtest.Faulty{Store: blobs}
		test(&world{&payload.Payloads{DB: db, Blobs: faulty, Now: time.Now, Log: slog.New(slog.DiscardHandler)}, t, faulty})
	})
}

// store puts content as pieces of these lengths.
func (w *world) store(content []byte, lengths ...int) id.ID {
	w.t.Helper()
	name, from := w.id(), 0
	for _, n := range lengths {
		object := w.id()
		w.must(w.Blobs.Put(w.t.Context(), object, int64(n), bytes.NewReader(content[from:from+n])))
		w.append(name, payload.Piece{From: int64(from), Length: int64(n), Blob: object, Digest: []byte{1}})
		from += n
	}
	return name
}

func (w *world) append(name id.ID, p payload.Piece) {
	w.t.Helper()
	w.must(w.update(func(tx store.Tx) error { return payload.Append(w.t.Context(), tx, name, p) }))
}

func (w *world) update(do func(tx store.Tx) error) error {
	return w.DB.Update(w.t.Context(), func(_ context.Context, tx store.Tx) error { return do(tx) })
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) id() id.ID {
	w.t.Helper()
	i, err := id.New(rand.Reader)
	w.must(err)
	return i
}

func (w *world) objects() (n int) {
	w.t.Helper()
	w.must(w.Blobs.List(w.t.Context(), func(blob.Entry) error { n++; return nil }))
	return n
}

// Every range of a payload reads as if it lay in one piece.
func TestPiecesReadAsOne(t *testing.T) {
	each(t, func(w *world) {
		content := blobtest.Random(t, 1000)
		name := w.store(content, 1, 299, 400, 300)
		f, err := w.Open(t.Context(), name, 1000)
		w.must(err)
		defer f.Close()
		edges := []int64{0, 1, 2, 299, 300, 301, 650, 699, 700, 701, 999, 1000}
		for _, from := range edges {
			for _, to := range edges {
				var out bytes.Buffer
				n, err := f.CopyRange(&out, from, to)
				if want := content[min(from, to):to]; err != nil || !bytes.Equal(out.Bytes(), want) || n != int64(len(want)) {
					t.Errorf("%d to %d: %d bytes, %v", from, to, n, err)
				}
			}
		}
		if _, err := f.CopyRange(&bytes.Buffer{}, 999, 1001); err == nil {
			t.Error("a byte behind the end was read")
		}
	})
}

// What is not whole is told before it is read, or where it is found; never other
// bytes.
func TestWhatIsNotWholeIsTold(t *testing.T) {
	each(t, func(w *world) {
		content := blobtest.Random(t, 30)
		whole := w.store(content, 10, 10, 10)
		for name, length := range map[id.ID]int64{whole: 31, w.store(content, 10, 10): 30} {
			if _, err := w.Open(t.Context(), name, length); !errors.Is(err, blob.ErrDamaged) {
				t.Errorf("another length: %v", err)
			}
		}
		gap := w.store(content, 10)
		w.append(gap, payload.Piece{From: 11, Length: 19, Blob: w.id()})
		if _, err := w.Open(t.Context(), gap, 30); !errors.Is(err, blob.ErrDamaged) {
			t.Errorf("a gap: %v", err)
		}
		if _, err := w.Open(t.Context(), w.id(), 0); !errors.Is(err, blob.ErrNotFound) {
			t.Errorf("none: %v", err)
		}
		w.blobs.Next(blobtest.OpOpen, blobtest.FailedNotDone)
		if _, err := w.Open(t.Context(), whole, 30); !errors.Is(err, blobtest.ErrFault) {
			t.Errorf("the first object cannot be opened: %v", err)
		}
		short := w.store(content, 10)
		object := w.id()
		w.must(w.Blobs.Put(t.Context(), object, 5, bytes.NewReader(content[:5])))
		w.append(short, payload.Piece{From: 10, Length: 10, Blob: object})
		f, err := w.Open(t.Context(), short, 20)
		w.must(err)
		defer f.Close()
		var out bytes.Buffer
		if n, err := f.CopyRange(&out, 0, 20); !errors.Is(err, blob.ErrDamaged) || n != 10 || !bytes.Equal(out.Bytes(), content[:10]) {
			t.Errorf("a short object: %d bytes, %v", n, err)
		}
	})
}

// Two writers cannot both be next.
func TestOnePieceBeginsAtOnePlace(t *testing.T) {
	each(t, func(w *world) {
		name := w.store(make([]byte, 10), 10)
		err := w.update(func(tx store.Tx) error {
			return payload.Append(t.Context(), tx, name, payload.Piece{From: 0, Length: 5, Blob: w.id()})
		})
		if !errors.Is(err, store.ErrConflict) {
			t.Errorf("%v, want store.ErrConflict", err)
		}
	})
}

// A doomed payload is gone with its transaction; its objects go when they can be
// deleted, and no other does.
func TestWhatIsDoomedGoes(t *testing.T) {
	each(t, func(w *world) {
		name, other := w.store(make([]byte, 30), 10, 10, 10), w.store(make([]byte, 10), 10)
		w.must(w.update(func(tx store.Tx) error { return payload.Doom(t.Context(), tx, name) }))
		if _, err := w.Open(t.Context(), name, 30); !errors.Is(err, blob.ErrNotFound) {
			t.Errorf("doomed: %v", err)
		}
		w.blobs.Next(blobtest.OpDelete, blobtest.FailedNotDone)
		w.Reap(t.Context())
		if n := w.objects(); n != 4 {
			t.Errorf("%d objects after a deletion that failed, want 4", n)
		}
		w.blobs.Next(blobtest.OpDelete, blobtest.FailedButDone)
		w.Reap(t.Context())
		w.Reap(t.Context())
		if n := w.objects(); n != 1 {
			t.Errorf("%d objects are left, want 1", n)
		}
		f, err := w.Open(t.Context(), other, 10)
		w.must(err)
		w.must(f.Close())
	})
}

// An object whose piece was refused goes; one whose piece may have been written
// stays until that is known.
func TestDiscardKeepsWhatMayBeNamed(t *testing.T) {
	each(t, func(w *world) {
		object := w.id()
		w.must(w.Blobs.Put(t.Context(), object, 1, bytes.NewReader([]byte{1})))
		for _, err := range []error{nil, store.ErrUncertain} {
			if got := w.Discard(t.Context(), object, err); !errors.Is(got, err) || w.objects() != 1 {
				t.Errorf("after %v: %v, %d objects", err, got, w.objects())
			}
		}
		if err := w.Discard(t.Context(), object, store.ErrConflict); !errors.Is(err, store.ErrConflict) || w.objects() != 0 {
			t.Errorf("refused: %v, %d objects", err, w.objects())
		}
	})
}
