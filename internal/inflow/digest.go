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

// Digest is the SHA-256 of a payload that is still coming, computed by a goroutine
// of its own. Close it.
type Digest struct {
	line *Line
	work chan errand
	over chan struct{}
}

// ahead is how many errands may wait.
const ahead = 12

// errand is bytes to be hashed, or a question for the state behind them.
type errand struct {
	bytes   []byte
	stretch stretch // given back when it was hashed
	state   chan<- mark
}

// mark is a state and the digest that it would be the end of.
type mark struct {
	state []byte
	sum   [sha256.Size]byte
	err   error
}

// NewDigest goes on from the state after so many bytes; nil is the beginning.
// Stretches of line that it has hashed are given back.
func NewDigest(state []byte, after int64, line *Line) (*Digest, error) {
	h, err := resume(state, after)
	if err != nil {
		return nil, err
	}
	d := &Digest{line: line, work: make(chan errand, ahead), over: make(chan struct{})}
	go d.run(h)
	return d, nil
}

// resume believes a state only if it is one of a SHA-256 that has seen so many
// bytes. That it saw these very bytes nobody can tell from it; a wrong one makes a
// digest that is not the one she signs, and the part is refused.
func resume(state []byte, after int64) (hash.Hash, error) {
	h := sha256.New()
	if after == 0 && len(state) == 0 {
		return h, nil
	}
	if len(state) == 0 || seen(state) != uint64(after) {
		return nil, ErrState
	}
	if err := h.(encoding.BinaryUnmarshaler).UnmarshalBinary(state); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrState, err)
	}
	return h, nil
}

// seen reads the count of bytes, which crypto/sha256 writes last.
func seen(state []byte) (n uint64) {
	for _, b := range state[max(0, len(state)-8):] {
		n = n<<8 | uint64(b)
	}
	return n
}

func (d *Digest) run(h hash.Hash) {
	defer close(d.over)
	for e := range d.work {
		h.Write(e.bytes)
		if e.stretch.chunk != nil {
			d.line.done(e.stretch)
		}
		if e.state != nil {
			state, err := h.(encoding.BinaryMarshaler).MarshalBinary()
			e.state <- mark{state, [sha256.Size]byte(h.Sum(nil)), err}
		}
	}
}

func (d *Digest) add(s stretch) { d.work <- errand{bytes: s.bytes, stretch: s} }

func (d *Digest) bytes(b []byte) { d.work <- errand{bytes: b} }

// mark asks for the state behind what was added.
func (d *Digest) mark() <-chan mark {
	state := make(chan mark, 1)
	d.work <- errand{state: state}
	return state
}

// Close ends the goroutine. It never fails.
func (d *Digest) Close() error {
	close(d.work)
	<-d.over
	return nil
}
