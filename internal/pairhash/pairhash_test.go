package pairhash_test

import (
	"bytes"
	"crypto/sha256"
	"math/rand/v2"
	"testing"

	"github.com/relatingfield/vault/internal/pairhash"
)

// Two digests computed together are what crypto/sha256 makes of each alone,
// wherever in a block each stands and however long what comes is.
func TestBothDigestsAreSHA256(t *testing.T) {
	noise := make([]byte, 4096)
	_, _ = rand.NewChaCha8([32]byte{7}).Read(noise)
	for n := range 300 {
		for _, m := range []int{0, 1, 63, 64, 65, 127, 128, 129, 192, 1000, 4000} {
			checkBoth(t, [][2][]byte{{noise[:n], noise[n : n+n%67]}, {noise[1 : 1+m], noise[3 : 3+m/2+n]}, {noise[:130], noise[5:200]}})
		}
	}
}

func FuzzBothDigests(f *testing.F) {
	f.Add([]byte("a"), []byte("bc"), 5, 9)
	f.Add(bytes.Repeat([]byte("x"), 777), bytes.Repeat([]byte("y"), 700), 129, 130)
	f.Fuzz(func(t *testing.T, p, q []byte, i, j int) {
		i, j = min(max(i, 0), len(p)), min(max(j, 0), len(q))
		checkBoth(t, [][2][]byte{{p[:i], q[:j]}, {p[i:], q[j:]}})
	})
}

func checkBoth(t *testing.T, writes [][2][]byte) {
	t.Helper()
	a, b := pairhash.New(), pairhash.New()
	var p, q []byte
	for _, w := range writes {
		pairhash.Write(a, w[0], b, w[1])
		p, q = append(p, w[0]...), append(q, w[1]...)
	}
	if a.Sum256() != sha256.Sum256(p) || b.Sum256() != sha256.Sum256(q) {
		t.Fatalf("of %d and %d bytes the digests are others", len(p), len(q))
	}
}

func BenchmarkTwoDigests(b *testing.B) {
	p, q := make([]byte, 512<<10), make([]byte, 513<<10)
	b.Run("together", func(b *testing.B) {
		b.SetBytes(int64(len(p) + len(q)))
		one, two := pairhash.New(), pairhash.New()
		for b.Loop() {
			pairhash.Write(one, p, two, q)
		}
	})
	b.Run("one after the other", func(b *testing.B) {
		b.SetBytes(int64(len(p) + len(q)))
		one, two := sha256.New(), sha256.New()
		for b.Loop() {
			one.Write(p)
			two.Write(q)
		}
	})
}
