// Package pairhash computes two SHA-256 digests in little more time than one.
//
// A processor's SHA-256 instructions take longer to finish than to begin, and each
// step of a digest waits for the one before it, so one digest leaves them idle for
// a third of the time. Steps of two digests that do not depend on each other fill
// the gaps. Sealing on arrival has two: of what came and of what is stored.
//
// # Why it is safe
//
// The digests are crypto/sha256's: it begins and ends them, keeps what is left
// over of a block, and on other processors does everything. Only runs of whole
// blocks of two digests are taken from it, and given back as states in its own
// documented form (encoding.BinaryMarshaler). The instructions take the same time
// for all data. That the result is the same is tested against crypto/sha256 over
// lengths and places, and fuzzed.
//
// Specification: FIPS 180-4, section 6.2.
package pairhash

import (
	"crypto/sha256"
	"encoding"
	"encoding/binary"
	"hash"
)

// Digest is a SHA-256 that can be computed beside another one.
type Digest struct{ hash.Hash }

// New is the digest of nothing yet.
func New() *Digest { return &Digest{sha256.New()} }

// Sum256 is the digest of what has been written.
func (d *Digest) Sum256() [sha256.Size]byte { return [sha256.Size]byte(d.Sum(nil)) }

// Write writes p to a and q to b, which must be two digests.
func Write(a *Digest, p []byte, b *Digest, q []byte) {
	if together && min(len(p), len(q)) > 2*sha256.BlockSize {
		p, q = writeBlocks(a, p, b, q)
	}
	a.Write(p) // writing to a digest never fails
	b.Write(q)
}

// writeBlocks writes what of both is whole blocks, after what completes a block
// begun before, and gives back the rest.
func writeBlocks(a *Digest, p []byte, b *Digest, q []byte) (restP, restQ []byte) {
	stateA, p := a.aligned(p)
	stateB, q := b.aligned(q)
	n := min(len(p), len(q)) / sha256.BlockSize
	blocks(&stateA.chain, &stateB.chain, p, q, n)
	a.set(stateA, n)
	b.set(stateB, n)
	return p[n*sha256.BlockSize:], q[n*sha256.BlockSize:]
}

// The marshalled form of a SHA-256: four bytes that say what it is, eight words of
// state, the block begun, and how many bytes it was.
const (
	chainAt  = 4
	lengthAt = chainAt + sha256.Size + sha256.BlockSize
	size     = lengthAt + 8
)

// state is a digest between two blocks.
type state struct {
	form  [size]byte
	chain [8]uint32
}

// aligned writes the beginning of p that completes a block.
func (d *Digest) aligned(p []byte) (s state, rest []byte) {
	d.marshal(&s)
	if begun := int(s.length() % sha256.BlockSize); begun > 0 {
		fill := sha256.BlockSize - begun
		d.Write(p[:fill])
		p = p[fill:]
		d.marshal(&s)
	}
	for i := range s.chain {
		s.chain[i] = binary.BigEndian.Uint32(s.form[chainAt+4*i:])
	}
	return s, p
}

// set makes d what s has become n blocks later.
func (d *Digest) set(s state, n int) {
	for i, word := range s.chain {
		binary.BigEndian.PutUint32(s.form[chainAt+4*i:], word)
	}
	binary.BigEndian.PutUint64(s.form[lengthAt:], s.length()+uint64(n)*sha256.BlockSize)
	if err := d.Hash.(encoding.BinaryUnmarshaler).UnmarshalBinary(s.form[:]); err != nil {
		panic("pairhash: crypto/sha256 does not take its own state: " + err.Error())
	}
}

func (d *Digest) marshal(s *state) {
	b, err := d.Hash.(encoding.BinaryAppender).AppendBinary(s.form[:0])
	if err != nil || len(b) != size {
		panic("pairhash: crypto/sha256 marshals another state than it did")
	}
}

func (s *state) length() uint64 { return binary.BigEndian.Uint64(s.form[lengthAt:]) }
