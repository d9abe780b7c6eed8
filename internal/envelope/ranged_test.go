package envelope_test

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"testing/iotest"

	"github.com/relatingfield/vault/internal/envelope"
	"pgregory.net/rapid"
)

func ranged(t testing.TB, payload []byte, key envelope.FileKey, want envelope.Binding) *envelope.RangeReader {
	t.Helper()
	r, err := envelope.NewRangeReader(bytes.NewReader(payload), key, want)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// The range reader is a correct io.ReaderAt: the standard library's own tester
// reads, seeks and over-reads it.
func TestRangesAreTheBytesOfThePlaintext(t *testing.T) {
	for _, n := range edges() {
		key := newKey(t)
		plaintext := noise(n)
		payload, want := seal(t, plaintext, key, 2)
		r := ranged(t, payload, key, want)
		if r.Size() != int64(n) {
			t.Fatalf("size %d of %d", r.Size(), n)
		}
		if n < envelope.ChunkSize/2 {
			if err := iotest.TestReader(io.NewSectionReader(r, 0, r.Size()), plaintext); err != nil {
				t.Fatalf("%d bytes: %v", n, err)
			}
		}
		rapid.Check(t, func(rt *rapid.T) {
			from := rapid.IntRange(0, n).Draw(rt, "from")
			to := rapid.IntRange(from, min(n, from+200_000)).Draw(rt, "to")
			got := make([]byte, to-from)
			if k, err := r.ReadAt(got, int64(from)); k != len(got) || err != nil && err != io.EOF || !bytes.Equal(got, plaintext[from:to]) {
				rt.Fatalf("[%d:%d] of %d: %d bytes, %v", from, to, n, k, err)
			}
		})
	}
}

// Outside the plaintext there is nothing, and not an error of another kind.
func TestRangesOutsideThePlaintextAreEmpty(t *testing.T) {
	key := newKey(t)
	payload, want := seal(t, noise(1000), key, 1)
	r := ranged(t, payload, key, want)
	buf := make([]byte, 10)
	if n, err := r.ReadAt(buf, 995); n != 5 || err != io.EOF {
		t.Errorf("across the end: %d, %v", n, err)
	}
	for _, off := range []int64{1000, 1001, 1 << 40} {
		if n, err := r.ReadAt(buf, off); n != 0 || err != io.EOF {
			t.Errorf("at %d: %d, %v", off, n, err)
		}
	}
	if _, err := r.ReadAt(buf, -1); err == nil || err == io.EOF {
		t.Errorf("before the beginning: %v", err)
	}
}

// A chunk that was touched is refused when it is read, and gives no byte; the
// size is proven before anything is read.
func TestRangesRefuseWhatWasNotSealed(t *testing.T) {
	const chunk = envelope.ChunkSize + 16
	key := newKey(t)
	payload, want := seal(t, noise(3*envelope.ChunkSize), key, 1)
	bent := bytes.Clone(payload)
	bent[16+chunk+7] ^= 1
	r := ranged(t, bent, key, want)
	buf := make([]byte, 100)
	if n, err := r.ReadAt(buf, envelope.ChunkSize-50); n != 50 || !errors.Is(err, envelope.ErrPayload) {
		t.Errorf("into the bent chunk: %d bytes, %v", n, err)
	}
	if _, err := r.ReadAt(buf, 0); err != nil {
		t.Errorf("beside it: %v", err)
	}
	shorter := want
	shorter.Size -= chunk
	if _, err := envelope.NewRangeReader(bytes.NewReader(payload), key, shorter); !errors.Is(err, envelope.ErrPayload) {
		t.Errorf("a size that hides the last chunk: %v", err)
	}
	if _, err := envelope.NewRangeReader(bytes.NewReader(payload[:500]), key, want); !errors.Is(err, envelope.ErrPayload) {
		t.Errorf("a payload that is cut: %v", err)
	}
	if _, err := envelope.NewRangeReader(bytes.NewReader(payload), key, envelope.Binding{Size: 3}); !errors.Is(err, envelope.ErrCommit) {
		t.Errorf("no commitment: %v", err)
	}
}

// A source that fails is told apart from a payload that is wrong.
func TestAFailingSourceIsNotCalledTampering(t *testing.T) {
	key := newKey(t)
	_, want := seal(t, noise(1000), key, 1)
	broken := errors.New("line broke")
	_, err := envelope.NewRangeReader(failingAt{broken}, key, want)
	if !errors.Is(err, broken) || errors.Is(err, envelope.ErrPayload) {
		t.Fatalf("got %v, want the source's error", err)
	}
}

type failingAt struct{ err error }

func (f failingAt) ReadAt([]byte, int64) (int, error) { return 0, f.err }
