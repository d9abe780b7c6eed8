package envelope

import "fmt"

const (
	// ChunkSize is the plaintext of a full STREAM chunk (c2sp.org/age, "Payload").
	ChunkSize = 64 << 10
	// NonceSize is the length of the nonce before the chunks.
	NonceSize = 16
	// MaxPlaintext is the largest plaintext of one payload: 8 GiB. More is
	// several parts.
	MaxPlaintext = 8 << 30

	tagSize     = 16
	sealedChunk = ChunkSize + tagSize
)

// PayloadSize is the length of the payload of that many bytes of plaintext, or
// 0, which is no payload's length, outside 0 to MaxPlaintext.
func PayloadSize(plaintext int64) int64 {
	if plaintext < 0 || plaintext > MaxPlaintext {
		return 0
	}
	return NonceSize + plaintext + tagSize*chunkCount(plaintext)
}

// PlaintextSize is the inverse of PayloadSize. Lengths that no payload has are
// an ErrSize: too short for nonce and tag, ending in an empty or a torn chunk,
// or beyond MaxPlaintext.
func PlaintextSize(payload int64) (int64, error) {
	if payload > PayloadSize(MaxPlaintext) {
		return 0, fmt.Errorf("payload of %d bytes: %w: at most %d", payload, ErrSize, PayloadSize(MaxPlaintext))
	}
	chunks := (payload - NonceSize + sealedChunk - 1) / sealedChunk
	plaintext := payload - NonceSize - chunks*tagSize
	if payload <= 0 || PayloadSize(plaintext) != payload {
		return 0, fmt.Errorf("payload of %d bytes: %w: no plaintext seals to it", payload, ErrSize)
	}
	return plaintext, nil
}

// chunkCount counts the chunks of a plaintext; only an empty one has an empty chunk.
func chunkCount(plaintext int64) int64 {
	return max(1, (plaintext+ChunkSize-1)/ChunkSize)
}
