package envelope

import (
	"errors"

	"github.com/relatingfield/vault/internal/pairhash"
)

// Running is the digest of a payload that is sealed in several goes, each from
// some byte on: what one has hashed, no later one hashes again. One go at a time.
type Running struct {
	hash *pairhash.Digest
	at   int64
}

// NewRunning has seen nothing of a payload.
func NewRunning() *Running { return &Running{hash: pairhash.New()} }

// Sealed is what has been sealed so far; of the whole payload once a go has come to
// its end.
func (r *Running) Sealed() Sealed {
	return Sealed{SHA256: r.hash.Sum256(), Size: r.at}
}

// Start is the byte of the plaintext that SealFrom needs first, to write the payload
// from byte from on: the beginning of a chunk. It is further ahead the more has
// been hashed.
func (r *Running) Start(from int64) int64 { return chunkAt(min(from, r.at)) * ChunkSize }

// chunkAt is the number of the chunk in which a byte of a payload stands.
func chunkAt(payload int64) int64 { return max(payload-NonceSize, 0) / sealedChunk }

// take hashes what it has not seen of the bytes b, which stand at a place of the
// payload, and beside them p into another digest.
func (r *Running) take(at int64, b []byte, beside *pairhash.Digest, p []byte) error {
	if at > r.at {
		return errors.New("hash the payload: bytes were left out")
	}
	b = behind(b, r.at-at)
	pairhash.Write(beside, p, r.hash, b)
	r.at += int64(len(b))
	return nil
}

// behind is b without its first n bytes, as far as it has them.
func behind(b []byte, n int64) []byte { return b[min(max(n, 0), int64(len(b))):] }
