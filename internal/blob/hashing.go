package blob

import (
	"crypto/sha256"
	"errors"
	"io"
)

// The ring of a Hashing: enough that reading, hashing and writing each find
// something to do, and little enough for many uploads at once.
const (
	slots    = 4
	slotSize = 64 << 10
)

// Hashing is a reader that computes the SHA-256 of what passes through it, in a
// goroutine of its own, so that hashing costs no time beside receiving and
// storing. It holds a mebibyte while it is read and passes every byte on
// unchanged. It is read by one goroutine, and closed by it.
type Hashing struct {
	r     io.Reader
	free  chan []byte // slots that may be filled
	full  chan []byte // slots to be hashed, in order
	sum   chan [sha256.Size]byte
	rest  []byte // of the last slot, for Read
	err   error  // of r, the end included
	ended bool   // full is closed
}

// NewHashing hashes what is read from r. Close it, also when it is not read.
func NewHashing(r io.Reader) *Hashing {
	h := &Hashing{
		r:    r,
		free: make(chan []byte, slots),
		full: make(chan []byte, slots),
		sum:  make(chan [sha256.Size]byte, 1),
	}
	for range slots {
		h.free <- nil // made when it is needed
	}
	go h.hash()
	return h
}

func (h *Hashing) hash() {
	digest := sha256.New()
	for b := range h.full {
		digest.Write(b)
		h.free <- b[:cap(b)]
	}
	h.sum <- [sha256.Size]byte(digest.Sum(nil))
}

// fill reads the next slot and hands it to the hasher. The slot stays readable
// until the next fill: it is in the ring behind those that come first, and only
// fill takes from the ring.
func (h *Hashing) fill() ([]byte, error) {
	if h.err != nil {
		return nil, h.err
	}
	b := <-h.free
	if b == nil {
		b = make([]byte, slotSize)
	}
	n := 0
	// Not io.ReadFull, which would make a source that ends badly, with
	// io.ErrUnexpectedEOF, look like one that ends.
	for n < len(b) && h.err == nil {
		var m int
		m, h.err = h.r.Read(b[n:])
		n += m
	}
	if n == 0 {
		h.end()
		return nil, h.err
	}
	h.full <- b[:n]
	if h.err != nil {
		h.end()
	}
	return b[:n], nil
}

// WriteTo implements io.WriterTo: each slot is written while it is hashed.
func (h *Hashing) WriteTo(w io.Writer) (done int64, err error) {
	for {
		b := h.rest
		h.rest = nil
		if len(b) == 0 {
			if b, err = h.fill(); errors.Is(err, io.EOF) {
				return done, nil
			}
			if err != nil {
				return done, err
			}
		}
		n, err := w.Write(b)
		done += int64(n)
		if err != nil {
			h.err = err
			return done, err
		}
	}
}

// Read implements io.Reader.
func (h *Hashing) Read(p []byte) (n int, err error) {
	if len(h.rest) == 0 {
		if h.rest, err = h.fill(); err != nil {
			return 0, err
		}
	}
	n = copy(p, h.rest)
	h.rest = h.rest[n:]
	return n, nil
}

// Sum is the SHA-256 of all bytes of r. It is an error to ask before r was read
// to its end, for a digest of a part would look like any other.
func (h *Hashing) Sum() ([sha256.Size]byte, error) {
	if !errors.Is(h.err, io.EOF) || len(h.rest) > 0 {
		return [sha256.Size]byte{}, errors.Join(errors.New("hash: the content was not read to its end"), h.err)
	}
	sum := <-h.sum
	h.sum <- sum
	return sum, nil
}

// Close ends the goroutine. It never fails, and leaves r open.
func (h *Hashing) Close() error {
	h.end()
	return nil
}

func (h *Hashing) end() {
	if !h.ended {
		h.ended = true
		close(h.full)
	}
}
