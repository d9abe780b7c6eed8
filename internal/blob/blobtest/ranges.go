package blobtest

import (
	"bytes"
	"io"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/relatingfield/vault/internal/blob"
)

// slice is how deliveries read: a position and so many bytes from there.
const slice = 256 << 10

// inSlices: read as deliveries do, from anywhere to anywhere, it is what was put.
func inSlices(t *testing.T, s blob.Store) {
	content := Random(t, 3<<20+17)
	o, err := s.Open(t.Context(), put(t, s, content))
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	for _, from := range []int{0, 1, slice - 1, slice, 1 << 20, len(content) - 1, len(content), 0} {
		var got bytes.Buffer
		for at := from; at < len(content); at += slice {
			if _, err := o.Seek(int64(at), io.SeekStart); err != nil {
				t.Fatal(err)
			}
			if _, err := io.CopyN(&got, o, int64(min(slice, len(content)-at))); err != nil {
				t.Fatalf("slice at %d: %v", at, err)
			}
		}
		if !bytes.Equal(got.Bytes(), content[from:]) {
			t.Errorf("from %d: %d other bytes", from, got.Len())
		}
		if n, err := o.Read(make([]byte, 1)); n != 0 || err != io.EOF {
			t.Errorf("behind the end: %d, %v, want io.EOF", n, err)
		}
	}
	if at, err := o.Seek(-7, io.SeekEnd); err != nil || at != int64(len(content)-7) {
		t.Errorf("seven before the end is %d, %v", at, err)
	}
	if at, err := o.Seek(3, io.SeekCurrent); err != nil || at != int64(len(content)-4) {
		t.Errorf("three further is %d, %v", at, err)
	}
	if got, err := io.ReadAll(o); err != nil || !bytes.Equal(got, content[len(content)-4:]) {
		t.Errorf("the last four are %d, %v", len(got), err)
	}
}

// atOnce: readers of one open object do not get in each other's way.
func atOnce(t *testing.T, s blob.Store) {
	content := Random(t, 1<<20)
	o, err := s.Open(t.Context(), put(t, s, content))
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	var wait sync.WaitGroup
	for i := range 8 {
		random := rand.New(rand.NewPCG(1, uint64(i)))
		wait.Go(func() {
			for range 8 {
				at, n := random.IntN(len(content)), random.IntN(100_000)
				want := content[at:min(len(content), at+n)]
				got := make([]byte, n)
				m, err := o.ReadAt(got, int64(at))
				if m != len(want) || !bytes.Equal(got[:m], want) || (err != nil) != (m < n) || err != nil && err != io.EOF {
					t.Errorf("%d at %d: %d came, %v", n, at, m, err)
				}
			}
		})
	}
	wait.Wait()
}
