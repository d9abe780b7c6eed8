package envelope_test

import (
	"bytes"
	"errors"
	"io"
	"math"
	"testing"

	"filippo.io/age"
	"github.com/relatingfield/vault/internal/envelope"
	"pgregory.net/rapid"
)

// Sizes are those of the payloads age writes.
func TestPayloadSizeIsWhatAgeWrites(t *testing.T) {
	for _, n := range edges() {
		var file bytes.Buffer
		w, err := age.Encrypt(&file, classic(t).Recipient())
		if err != nil {
			t.Fatal(err)
		}
		_, _ = w.Write(noise(n))
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		size := int64(file.Len() - envelope.X25519HeaderSize)
		back, err := envelope.PlaintextSize(size)
		if envelope.PayloadSize(int64(n)) != size || back != int64(n) || err != nil {
			t.Errorf("%d bytes seal to %d: PayloadSize %d, PlaintextSize %d, %v", n, size, envelope.PayloadSize(int64(n)), back, err)
		}
	}
}

// A length that no plaintext seals to is refused before anything is read: cut
// tags, empty last chunks, more than 8 GiB.
func TestImpossiblePayloadSizesAreRefused(t *testing.T) {
	const chunk = envelope.ChunkSize + 16
	for _, n := range []int64{
		math.MinInt64, -1, 0, 1, 16, 31, 16 + chunk + 1, 16 + chunk + 16, 16 + 2*chunk + 5, 16 + 2*chunk + 16,
		envelope.PayloadSize(envelope.MaxPlaintext) + 1, envelope.PayloadSize(envelope.MaxPlaintext) + 17, math.MaxInt64,
	} {
		if got, err := envelope.PlaintextSize(n); !errors.Is(err, envelope.ErrSize) {
			t.Errorf("%d: got %d, %v, want ErrSize", n, got, err)
		}
	}
	for _, n := range []int64{math.MinInt64, -1, envelope.MaxPlaintext + 1, math.MaxInt64} {
		if got := envelope.PayloadSize(n); got != 0 {
			t.Errorf("PayloadSize(%d) is %d, want 0", n, got)
		}
	}
}

// The two functions are inverse to each other, and payloads grow with their
// plaintext.
func TestSizesInvertEachOther(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(0, envelope.MaxPlaintext).Draw(t, "plaintext")
		back, err := envelope.PlaintextSize(envelope.PayloadSize(n))
		if err != nil || back != n {
			t.Fatalf("%d came back as %d, %v", n, back, err)
		}
		if n > 0 && envelope.PayloadSize(n-1) >= envelope.PayloadSize(n) {
			t.Fatalf("%d bytes seal to no more than %d", n, n-1)
		}
	})
}

func FuzzPlaintextSizeAcceptsOnlyWhatPayloadSizeGives(f *testing.F) {
	for _, n := range []int64{0, 31, 32, 16 + 65552, 16 + 65552 + 16, 16 + 65552 + 17, math.MaxInt64, math.MinInt64} {
		f.Add(n)
	}
	f.Fuzz(func(t *testing.T, payload int64) {
		plaintext, err := envelope.PlaintextSize(payload)
		if err == nil && (plaintext < 0 || plaintext > envelope.MaxPlaintext || envelope.PayloadSize(plaintext) != payload) {
			t.Fatalf("%d is said to hold %d", payload, plaintext)
		}
	})
}

// Sealing stops at 8 GiB. The counter starts just below, so that the test need
// not write them.
func TestSealingStopsAtTheLargestPlaintext(t *testing.T) {
	const chunks = envelope.MaxPlaintext / envelope.ChunkSize
	full := noise(2 * envelope.ChunkSize)
	if err := envelope.SealLate(chunks-2, io.Discard, bytes.NewReader(full), newKey(t), newNonce(t)); err != nil {
		t.Errorf("exactly 8 GiB: %v", err)
	}
	for _, more := range []int{1, envelope.ChunkSize, 20 * envelope.ChunkSize} {
		src := bytes.NewReader(append(full, noise(more)...))
		err := envelope.SealLate(chunks-2, io.Discard, src, newKey(t), newNonce(t))
		if !errors.Is(err, envelope.ErrSize) {
			t.Errorf("8 GiB and %d bytes: got %v, want ErrSize", more, err)
		}
	}
}
