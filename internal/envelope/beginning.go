package envelope

import (
	"bytes"
	"crypto/subtle"
	"fmt"
)

// Beginning is how many bytes of a payload of that length OpenBeginning needs: the
// nonce and the first chunk.
func Beginning(length int64) int64 { return min(length, NonceSize+sealedChunk) }

// OpenBeginning reads part.json, and the length of the content, out of the
// beginning of a payload that is not all there yet. length is that of the whole
// payload and nonce its nonce, as she signed them when she began it; both, the key
// and the size that the container itself names must fit together.
//
// It proves that the first chunk was sealed by somebody who holds the key, as the
// first of a payload with this nonce. What follows is not looked at.
func OpenBeginning(stored []byte, key FileKey, nonce [NonceSize]byte, length int64) (info PartInfo, contentLen int64, err error) {
	c, err := openBeginning(bytes.Clone(stored), key, nonce, length)
	if err != nil {
		return PartInfo{}, 0, fmt.Errorf("open the beginning of a payload: %w", err)
	}
	return c.Info, c.Size, nil
}

func openBeginning(stored []byte, key FileKey, nonce [NonceSize]byte, length int64) (*Container, error) {
	plaintext, err := PlaintextSize(length)
	if err != nil {
		return nil, err
	}
	if int64(len(stored)) != Beginning(length) || subtle.ConstantTimeCompare(stored[:NonceSize], nonce[:]) != 1 {
		return nil, fmt.Errorf("%w: it does not begin as it was begun", ErrPayload)
	}
	s, err := newStream(key, nonce)
	if err != nil {
		return nil, err
	}
	b := &batch{data: stored[NonceSize:], last: Beginning(length) == length}
	if err := s.open(b); err != nil {
		return nil, err
	}
	c, err := ReadContainer(bytes.NewReader(b.data[:len(b.data)-tagSize]))
	if err != nil {
		return nil, err
	}
	if size, err := ContainerSize(c.Info, c.Size); err != nil || size != plaintext {
		return nil, fmt.Errorf("%w: it is not as long as what it holds", ErrContainer)
	}
	return c, nil
}
