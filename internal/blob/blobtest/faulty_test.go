package blobtest_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/blob"
	"github.com/relatingfield/vault/internal/blob/blobtest"
	"github.com/relatingfield/vault/internal/blob/fsblob"
	"github.com/relatingfield/vault/internal/id"
)

func faulty(t *testing.T, content []byte) (*blobtest.Faulty, id.ID) {
	t.Helper()
	s, err := fsblob.Open(t.TempDir(), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	key := blobtest.Key(t)
	if err := s.Put(t.Context(), key, int64(len(content)), bytes.NewReader(content)); err != nil {
		t.Fatal(err)
	}
	return &blobtest.Faulty{Store: s}, key
}

// A faulty store without faults is the store, and one that is only slow keeps the
// contract.
func TestASlowStoreKeepsTheContract(t *testing.T) {
	blobtest.Run(t, func(t *testing.T) blob.Store {
		f, key := faulty(t, nil)
		if err := f.Delete(t.Context(), key); err != nil {
			t.Fatal(err)
		}
		f.Always(blobtest.OpPut, blobtest.Slow)
		f.Always(blobtest.OpOpen, blobtest.Slow)
		return f
	})
}

// What is cut or changed differs from what was put in just that, however it is
// read, and without an error.
func TestSpoiltObjectsDiffer(t *testing.T) {
	content := blobtest.Random(t, 100_001)
	flipped := bytes.Clone(content)
	flipped[50_000] ^= 1
	for fault, want := range map[blobtest.Fault][]byte{blobtest.Truncated: content[:50_000], blobtest.Corrupted: flipped} {
		f, key := faulty(t, content)
		f.Next(blobtest.OpOpen, fault)
		o, err := f.Open(t.Context(), key)
		if err != nil {
			t.Fatal(err)
		}
		defer o.Close()
		if got, err := io.ReadAll(o); err != nil || !bytes.Equal(got, want) || o.Size() != int64(len(want)) {
			t.Errorf("fault %d: %d bytes, size %d, %v", fault, len(got), o.Size(), err)
		}
		if at, err := o.Seek(-10, io.SeekEnd); err != nil || at != int64(len(want)-10) {
			t.Errorf("fault %d: ten before the end is %d, %v", fault, at, err)
		}
		if got, err := io.ReadAll(o); err != nil || !bytes.Equal(got, want[len(want)-10:]) {
			t.Errorf("fault %d: the last ten are %d, %v", fault, len(got), err)
		}
		again, err := f.Open(t.Context(), key)
		if err != nil {
			t.Fatal(err)
		}
		defer again.Close()
		if got, err := io.ReadAll(again); err != nil || !bytes.Equal(got, content) {
			t.Errorf("fault %d stayed: %v", fault, err)
		}
	}
}

// Refusals are told as a store tells them, once or until they end.
func TestRefusalsAreTold(t *testing.T) {
	f, key := faulty(t, []byte("content"))
	for fault, want := range map[blobtest.Fault]error{blobtest.Full: blob.ErrFull, blobtest.Unavailable: blob.ErrUnavailable} {
		f.Always(blobtest.OpPut, fault)
		for range 2 {
			if err := f.Put(t.Context(), blobtest.Key(t), 1, bytes.NewReader([]byte{0})); !errors.Is(err, want) {
				t.Errorf("put: %v, want %v", err, want)
			}
		}
		f.Always(blobtest.OpPut, blobtest.None)
		if err := f.Put(t.Context(), blobtest.Key(t), 1, bytes.NewReader([]byte{0})); err != nil {
			t.Errorf("put after it ended: %v", err)
		}
		f.Next(blobtest.OpOpen, fault)
		if _, err := f.Open(t.Context(), key); !errors.Is(err, want) {
			t.Errorf("open: %v, want %v", err, want)
		}
		if o, err := f.Open(t.Context(), key); err != nil || o.Close() != nil {
			t.Errorf("open again: %v", err)
		}
	}
}

// Whoever waits too long for a slow store ends with its context.
func TestSlowWaitsForWhoeverSays(t *testing.T) {
	f, _ := faulty(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	f.Wait = func(ctx context.Context) error { cancel(); <-ctx.Done(); return ctx.Err() }
	f.Next(blobtest.OpPut, blobtest.Slow)
	if err := f.Put(ctx, blobtest.Key(t), 1, bytes.NewReader([]byte{0})); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want context.Canceled", err)
	}
}
