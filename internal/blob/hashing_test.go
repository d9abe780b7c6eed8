package blob_test

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"io"
	"testing"
	"testing/iotest"

	"github.com/relatingfield/vault/internal/blob"
)

func content(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) // never fails
	return b
}

// However it is read, what comes out is what went in and the digest is its own.
func TestHashingPassesOnAndHashes(t *testing.T) {
	ways := map[string]func(h *blob.Hashing) ([]byte, error){
		"written": func(h *blob.Hashing) ([]byte, error) {
			var out bytes.Buffer
			n, err := h.WriteTo(&out)
			if n != int64(out.Len()) {
				t.Errorf("%d bytes were told of %d", n, out.Len())
			}
			return out.Bytes(), err
		},
		"read": func(h *blob.Hashing) ([]byte, error) { return io.ReadAll(struct{ io.Reader }{h}) },
		"read byte by byte": func(h *blob.Hashing) ([]byte, error) {
			return io.ReadAll(iotest.OneByteReader(h))
		},
		"read, then written": func(h *blob.Hashing) ([]byte, error) {
			head := make([]byte, 100)
			n, err := io.ReadFull(h, head)
			if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
				return nil, err
			}
			out := bytes.NewBuffer(head[:n])
			_, err = h.WriteTo(out)
			return out.Bytes(), err
		},
	}
	for _, n := range []int{0, 1, 99, 100, 256<<10 - 1, 256 << 10, 256<<10 + 1, 3<<20 + 7} {
		b := content(n)
		for name, way := range ways {
			h := blob.NewHashing(iotest.HalfReader(bytes.NewReader(b)))
			got, err := way(h)
			if err != nil || !bytes.Equal(got, b) {
				t.Errorf("%d bytes %s: %d came, %v", n, name, len(got), err)
			}
			for range 2 {
				if sum, err := h.Sum(); err != nil || sum != sha256.Sum256(b) {
					t.Errorf("%d bytes %s: another digest: %v", n, name, err)
				}
			}
			if err := h.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

// There is no digest of a part: neither before the end, nor after an error of
// the reader or of the writer.
func TestHashingHasNoDigestOfAPart(t *testing.T) {
	b := content(1 << 20)
	broken := errors.New("the line dropped")
	for name, spoil := range map[string]func() *blob.Hashing{
		"nothing read": func() *blob.Hashing { return blob.NewHashing(bytes.NewReader(b)) },
		"half read": func() *blob.Hashing {
			h := blob.NewHashing(bytes.NewReader(b))
			if _, err := io.CopyN(io.Discard, h, 1<<19); err != nil {
				t.Error(err)
			}
			return h
		},
		"all but one byte read": func() *blob.Hashing {
			h := blob.NewHashing(bytes.NewReader(b[:1000]))
			if _, err := io.CopyN(io.Discard, h, 999); err != nil {
				t.Error(err)
			}
			return h
		},
		"a broken reader": func() *blob.Hashing {
			h := blob.NewHashing(io.MultiReader(bytes.NewReader(b), iotest.ErrReader(broken)))
			if n, err := h.WriteTo(io.Discard); !errors.Is(err, broken) || n != 1<<20 {
				t.Errorf("broken after %d bytes: %v", n, err)
			}
			return h
		},
		"a broken writer": func() *blob.Hashing {
			h := blob.NewHashing(bytes.NewReader(b))
			if _, err := h.WriteTo(full{broken}); !errors.Is(err, broken) {
				t.Errorf("the writer's error: %v", err)
			}
			return h
		},
	} {
		h := spoil()
		if sum, err := h.Sum(); err == nil {
			t.Errorf("%s: digest %x", name, sum)
		}
		for range 2 {
			if err := h.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

type full struct{ err error }

func (f full) Write([]byte) (int, error) { return 0, f.err }

// A source that ends badly is not one that ends, wherever it happens.
func TestABadEndIsNoEnd(t *testing.T) {
	for _, n := range []int{0, 1, 32 << 10, 100_000} {
		r := io.MultiReader(bytes.NewReader(make([]byte, n)), iotest.ErrReader(io.ErrUnexpectedEOF))
		h := blob.NewHashing(r)
		defer h.Close()
		if _, err := io.Copy(io.Discard, h); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("after %d bytes: %v, want io.ErrUnexpectedEOF", n, err)
		}
		if _, err := h.Sum(); err == nil {
			t.Errorf("after %d bytes there is a digest", n)
		}
	}
}
