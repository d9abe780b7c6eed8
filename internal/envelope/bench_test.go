package envelope_test

import (
	"bytes"
	"fmt"
	"io"
	"testing"

	"filippo.io/age"
	"github.com/relatingfield/vault/internal/envelope"
)

const benchSize = 64 << 20

// BenchmarkSeal has age.Encrypt in memory beside it; unlike it, Seal also
// hashes what it writes.
func BenchmarkSeal(b *testing.B) {
	for _, n := range []int{16 << 10, benchSize} {
		plaintext := noise(n)
		for workers := 1; workers <= 4; workers *= 2 {
			b.Run(fmt.Sprintf("bytes=%d/workers=%d", n, workers), func(b *testing.B) {
				key := newKey(b)
				b.SetBytes(int64(n))
				b.ReportAllocs()
				for b.Loop() {
					if _, err := envelope.Seal(io.Discard, bytes.NewReader(plaintext), key, [16]byte{}, workers); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
		b.Run(fmt.Sprintf("bytes=%d/age", n), func(b *testing.B) {
			to := classic(b).Recipient()
			b.SetBytes(int64(n))
			for b.Loop() {
				w, err := age.Encrypt(io.Discard, to)
				if err != nil {
					b.Fatal(err)
				}
				_, _ = w.Write(plaintext)
				_ = w.Close()
			}
		})
	}
}

// BenchmarkSealContainer adds what sealing on arrival does: the content is
// hashed on its way into the container.
func BenchmarkSealContainer(b *testing.B) {
	content, key := noise(benchSize), newKey(b)
	b.SetBytes(benchSize)
	for b.Loop() {
		src, err := envelope.Contain(text("x"), bytes.NewReader(content), benchSize)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := envelope.Seal(io.Discard, src, key, [16]byte{}, 2); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpen(b *testing.B) {
	for _, n := range []int{16 << 10, benchSize} {
		key := newKey(b)
		payload, want := seal(b, noise(n), key, 2)
		b.Run(fmt.Sprintf("bytes=%d", n), func(b *testing.B) {
			b.SetBytes(int64(n))
			b.ReportAllocs()
			for b.Loop() {
				if err := envelope.OpenPayload(io.Discard, bytes.NewReader(payload), key, want); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("bytes=%d/age", n), func(b *testing.B) {
			id := classic(b)
			header := compose(b, key, id.Recipient())
			b.SetBytes(int64(n))
			for b.Loop() {
				r, err := age.Decrypt(envelope.Join(header, bytes.NewReader(payload)), id)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := io.Copy(io.Discard, r); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkComposeHeader(b *testing.B) {
	for name, to := range map[string]age.Recipient{"hybrid": hybrid(b).Recipient(), "X25519": classic(b).Recipient()} {
		b.Run(name, func(b *testing.B) {
			key := newKey(b)
			for b.Loop() {
				if _, err := envelope.ComposeHeader(key, to); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkParseHeader(b *testing.B) {
	header := compose(b, newKey(b), hybrid(b).Recipient())
	for b.Loop() {
		if _, err := envelope.ParseHeader(header); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkExplore is the reading that a nonce costs before the first byte is sent,
// and BenchmarkSealSurveyed the sealing that compares each MiB with it: both hash
// the content twice, for its checksum and for its leaf.
func BenchmarkExplore(b *testing.B) {
	content := noise(benchSize)
	b.SetBytes(benchSize)
	for b.Loop() {
		if _, err := envelope.Explore(text("x"), bytes.NewReader(content), benchSize); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSealSurveyed(b *testing.B) {
	content, key := noise(benchSize), newKey(b)
	s, err := envelope.Explore(text("x"), bytes.NewReader(content), benchSize)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(benchSize)
	for b.Loop() {
		src := s.Reader(bytes.NewReader(content), 0)
		if err := envelope.SealFrom(io.Discard, src, key, [16]byte{}, 0, envelope.NewRunning(), 2); err != nil {
			b.Fatal(err)
		}
	}
}
