package blobtest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"sync"
	"testing"

	"github.com/relatingfield/vault/internal/blob"
	"github.com/relatingfield/vault/internal/id"
)

// ErrFault is the error of an operation that Faulty was told to fail.
var ErrFault = errors.New("a fault on command")

// Fault is what happens to an operation.
type Fault int

// The faults. The two that fail are the two halves of every crash: before the
// effect, and between the effect and the answer.
const (
	None          Fault = iota
	FailedNotDone       // nothing happens and an error is returned
	FailedButDone       // it happens and an error is returned all the same
)

// Op is an operation of a store.
type Op string

// The operations that can fail.
const (
	OpPut    Op = "put"
	OpOpen   Op = "open"
	OpDelete Op = "delete"
	OpList   Op = "list"
)

// Faulty is a store that fails on command.
type Faulty struct {
	blob.Store

	mu   sync.Mutex
	next map[Op]Fault
}

// Next decides what happens to the next operation op; those after it work.
func (f *Faulty) Next(op Op, fault Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.next == nil {
		f.next = make(map[Op]Fault)
	}
	f.next[op] = fault
}

// do runs an operation as decided.
func (f *Faulty) do(op Op, run func() error) error {
	f.mu.Lock()
	fault := f.next[op]
	delete(f.next, op)
	f.mu.Unlock()
	if fault == FailedNotDone {
		return ErrFault
	}
	err := run()
	if err == nil && fault == FailedButDone {
		return ErrFault
	}
	return err
}

// Put implements blob.Store.
func (f *Faulty) Put(ctx context.Context, key id.ID, size int64, r io.Reader) error {
	return f.do(OpPut, func() error { return f.Store.Put(ctx, key, size, r) })
}

// PutSome implements blob.Store.
func (f *Faulty) PutSome(ctx context.Context, key id.ID, most int64, r io.Reader) (n int64, err error) {
	err = f.do(OpPut, func() (err error) {
		n, err = f.Store.PutSome(ctx, key, most, r)
		return err
	})
	if err != nil {
		n = 0
	}
	return n, err
}

// Open implements blob.Store.
func (f *Faulty) Open(ctx context.Context, key id.ID) (o blob.Object, err error) {
	err = f.do(OpOpen, func() (err error) {
		o, err = f.Store.Open(ctx, key)
		return err
	})
	if err != nil && o != nil {
		return nil, errors.Join(err, o.Close())
	}
	return o, err
}

// Delete implements blob.Store.
func (f *Faulty) Delete(ctx context.Context, key id.ID) error {
	return f.do(OpDelete, func() error { return f.Store.Delete(ctx, key) })
}

// List implements blob.Store.
func (f *Faulty) List(ctx context.Context, tell func(blob.Entry) error) error {
	return f.do(OpList, func() error { return f.Store.List(ctx, tell) })
}

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
