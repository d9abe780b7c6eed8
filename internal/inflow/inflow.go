// Package inflow takes bytes from a line of any speed and cuts them into pieces
// that can be stored.
//
// A Line reads ahead of whoever takes from it, so that receiving goes on while what
// came is stored and hashed; it holds what has come and was not taken yet, at most
// twice a Window of bytes, in chunks that are as large as what the line brings at a
// time. A Digest is a SHA-256 that can be put down at any byte and taken up again at
// another node. A Piece is the reader of one object: what was kept of the last piece's
// end, then the line, until it is as long as it may be, or as old, or the line ends.
//
// Hashing has no goroutine of its own: to hand every chunk on once more costs more than
// two cores, of which the line has one, gain by it.
//
// Promises: every byte of the line comes out once and in order, hashed in that
// order; nothing is read from a line behind its limit; Close leaves no goroutine.
// Does not know what the bytes are, nor whether what was taken was stored.
package inflow

import "sync"

const (
	// chunkMin and chunkMax are what is read and handed on at a time. A line begins
	// with the one, which is all that an idle line holds, and one that fills its
	// chunks comes to the other.
	chunkMin = 4 << 10
	chunkMax = chunkMin << (sizes - 1)
	sizes    = 7
	twice    = 64 << 10 // up to here a chunk has room for two Reads
	// room bounds what one line holds.
	room = 4 * chunkMax
	// Window is how much of a line can be waited for without taking it.
	Window = room / 2
	// A piece waits for its share of what it may take, within these bounds: a line
	// that brings little holds little, and one that brings much wakes nobody for
	// every packet.
	share   = 64
	gulpMin = 16 << 10
	gulpMax = Window / 2
)

// Buffers are what lines of one vault have in common: memory that one of them has
// done with serves the next. The zero value is ready.
type Buffers struct{ spare [sizes]sync.Pool }

// chunk is a buffer on its way. It is filled at the line's end and taken at the other.
type chunk struct {
	b             []byte
	size          int // chunkMin doubled so often
	filled, taken int
}

func (b *Buffers) get(size int) *chunk {
	c, ok := b.spare[size].Get().(*chunk)
	if !ok {
		return &chunk{b: make([]byte, chunkMin<<size), size: size}
	}
	c.filled, c.taken = 0, 0
	return c
}

func (b *Buffers) put(c *chunk) { b.spare[c.size].Put(c) }

// after is the size of the chunk behind c, of which a Read has just filled n bytes
// where there was room for free, if it was going to be size. What a Read brought
// should fit twice, where that is little; how much there was behind a chunk's end
// nobody knows.
func (c *chunk) after(n, free, size int) int {
	if n == len(c.b) {
		return min(c.size+1, sizes-1)
	}
	if n == free {
		return size
	}
	for size = 0; size < sizes-1 && chunkMin<<size < max(n, min(2*n, twice)); {
		size++
	}
	return size
}
