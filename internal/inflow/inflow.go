// Package inflow takes bytes from a line of any speed and cuts them into pieces
// that can be stored.
//
// A Line reads ahead of whoever takes from it, so that receiving, hashing and
// storing each go on while the others do; it holds what has come and was not taken
// yet, at most Window bytes, and on a line that brings little no more than one
// chunk. A Digest is a SHA-256 that can be put down at any byte and taken up again
// at another node. A Piece is the reader of one object: what was kept of the last
// piece's end, then the line, until it is as long as it may be, or as old, or the
// line ends.
//
// Promises: every byte of the line comes out once and in order, hashed in that
// order; nothing is read from a line behind its limit; Close leaves no goroutine.
// Does not know what the bytes are, nor whether what was taken was stored.
package inflow

import "sync"

const (
	// chunkSize is what is read and handed on at a time, and all that an idle line
	// holds.
	chunkSize = 64 << 10
	// chunks bounds what one line holds.
	chunks = 12
	// Window is how much of a line can be waited for without taking it.
	Window = chunks / 2 * chunkSize
	// gulp is what a piece waits for at a time.
	gulp = Window / 2
)

// Buffers are what lines of one vault have in common: memory that one of them has
// done with serves the next. The zero value is ready.
type Buffers struct{ spare sync.Pool }

// chunk is a buffer on its way. It is filled at the line's end and taken at the other.
type chunk struct {
	b             [chunkSize]byte
	filled, taken int
}

func (b *Buffers) get() *chunk {
	c, ok := b.spare.Get().(*chunk)
	if !ok {
		return new(chunk)
	}
	c.filled, c.taken = 0, 0
	return c
}

func (b *Buffers) put(c *chunk) { b.spare.Put(c) }
