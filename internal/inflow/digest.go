package inflow

import (
	"crypto/sha256"
	"encoding"
	"errors"
	"fmt"
	"hash"
)

// ErrState reports a state that is none of SHA-256 after so many bytes.
var ErrState = errors.New("the state of a running digest was altered")

// Digest is the SHA-256 of a payload that is still coming. One piece after the other
// hashes into it, each until it has ended.
type Digest struct{ hash hash.Hash }

// NewDigest goes on from the state after so many bytes; nil is the beginning. It
// believes a state only if it is one of a SHA-256 that has seen so many bytes. That it
// saw these very bytes nobody can tell from it; a wrong one makes a digest that is not
// the one she signs, and the part is refused.
func NewDigest(state []byte, after int64) (*Digest, error) {
	h := sha256.New()
	if after == 0 && len(state) == 0 {
		return &Digest{h}, nil
	}
	if len(state) == 0 || seen(state) != uint64(after) {
		return nil, ErrState
	}
	if err := h.(encoding.BinaryUnmarshaler).UnmarshalBinary(state); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrState, err)
	}
	return &Digest{h}, nil
}

// seen reads the count of bytes, which crypto/sha256 writes last.
func seen(state []byte) (n uint64) {
	for _, b := range state[max(0, len(state)-8):] {
		n = n<<8 | uint64(b)
	}
	return n
}

// mark is a state and the digest that it would be the end of.
type mark struct {
	state []byte
	sum   [sha256.Size]byte
	err   error
}

func (d *Digest) mark() *mark {
	state, err := d.hash.(encoding.BinaryMarshaler).MarshalBinary()
	return &mark{state, [sha256.Size]byte(d.hash.Sum(nil)), err}
}
