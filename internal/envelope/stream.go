package envelope

import (
	"crypto/cipher"
	"encoding/binary"
	"fmt"

	"golang.org/x/crypto/chacha20poly1305"
)

// stream is the payload encryption of age (c2sp.org/age, "Payload", after
// STREAM): 64 KiB chunks, each sealed with ChaCha20-Poly1305 under one key
// derived from file key and payload nonce; the nonce of a chunk is its index in
// 11 bytes, big-endian, and one byte that is 1 for the last chunk.
//
// # Why chunks may be sealed in any order
//
// A chunk's bytes depend on the key, its index, whether it is the last, and its
// plaintext; not on any other chunk. Sealing them on several cores and writing
// them in order therefore gives, byte for byte, what one core would write. What
// has to hold is that no (index, last) pair is used for two plaintexts, and it
// does: one goroutine alone numbers the batches, upwards from the first one, and
// gives a batch away before it numbers the next; a batch has one owner at a time,
// from channel to channel; a batch is called the last only after its source has
// reported the end; and a stream is made from a key that seals once, or seals the
// same plaintext again (DeriveNonce).
type stream struct{ aead cipher.AEAD }

func newStream(key FileKey, nonce [NonceSize]byte) (stream, error) {
	k, err := key.derive(nonce[:], "payload")
	if err != nil {
		return stream{}, err
	}
	defer clear(k)
	aead, err := chacha20poly1305.New(k)
	return stream{aead}, err
}

// batch is a run of whole chunks. Ciphertext lies in buf, each chunk with its tag
// behind it; plaintext to be sealed lies in room without gaps, so that it can be
// read and hashed in long runs. Opening happens in place and needs no room.
type batch struct {
	buf   []byte
	data  []byte // the chunks in it, with their tags: a prefix of buf
	room  []byte // one byte longer than the plaintext of a full batch
	plain []byte // what is to be sealed: a prefix of room
	first int64  // index of the first chunk
	last  bool   // the stream ends with this batch
	ready chan struct{}
}

func newBatch(chunks int) *batch {
	return &batch{buf: make([]byte, chunks*sealedChunk), ready: make(chan struct{}, 1)}
}

func newSealingBatch(chunks int) *batch {
	b := newBatch(chunks)
	b.room = make([]byte, chunks*ChunkSize+1)
	return b
}

// wipe leaves nothing of what was in it.
func (b *batch) wipe() {
	clear(b.room)
	clear(b.buf)
}

// at is where the batch stands in the payload.
func (b *batch) at() int64 { return NonceSize + b.first*sealedChunk }

// each visits the chunks of b: sealed is the chunk with its tag.
func (b *batch) each(visit func(index int64, last bool, sealed []byte) error) error {
	for at, i := 0, b.first; at < len(b.data); at, i = at+sealedChunk, i+1 {
		end := min(at+sealedChunk, len(b.data))
		if err := visit(i, b.last && end == len(b.data), b.data[at:end]); err != nil {
			return err
		}
	}
	return nil
}

// chunks counts those that its plaintext makes: an empty one only where the whole
// is empty.
func (b *batch) chunks() int64 {
	if len(b.plain) == 0 && b.first > 0 {
		return 0
	}
	return chunkCount(int64(len(b.plain)))
}

// seal makes the ciphertext of the plaintext in b.
func (s stream) seal(b *batch) error {
	var nonce [chacha20poly1305.NonceSize]byte
	b.data = b.buf[:int64(len(b.plain))+tagSize*b.chunks()]
	rest := b.plain
	return b.each(func(i int64, last bool, sealed []byte) error {
		setNonce(&nonce, i, last)
		n := len(sealed) - tagSize
		s.aead.Seal(sealed[:0], nonce[:], rest[:n], nil)
		rest = rest[n:]
		return nil
	})
}

// open turns the ciphertext in b into plaintext, in place. Of a chunk that does
// not authenticate nothing is left.
func (s stream) open(b *batch) error {
	var nonce [chacha20poly1305.NonceSize]byte
	return b.each(func(i int64, last bool, sealed []byte) error {
		setNonce(&nonce, i, last)
		if _, err := s.aead.Open(sealed[:0], nonce[:], sealed, nil); err != nil {
			return fmt.Errorf("chunk %d: %w", i, ErrPayload)
		}
		return nil
	})
}

// setNonce numbers a chunk. A payload has at most 2^17 chunks, so eight of the
// eleven counter bytes are always enough.
func setNonce(nonce *[chacha20poly1305.NonceSize]byte, index int64, last bool) {
	binary.BigEndian.PutUint64(nonce[3:11], uint64(index))
	nonce[11] = 0
	if last {
		nonce[11] = 1
	}
}
