// Package envelopetest builds what an attacker would, for tests.
//
// A salamander is one age payload that opens under two file keys to two
// different texts (Dodis, Grubbs, Ristenpart, Woodage, "Fast Message Franking",
// 2018; Len, Grubbs, Ristenpart, "Partitioning Oracle Attacks", 2021). With a
// header for each key, the stock age program accepts both files: a dishonest
// server or owner could show two readers two accounts and prove by the digest
// that they are the same part. envelope.CheckCommit exists because this works.
// The builder lets every client's tests show that the client refuses it.
package envelopetest

import (
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math/big"

	"github.com/relatingfield/vault/internal/envelope"
	"golang.org/x/crypto/chacha20"
)

const block = 16

// Salamander returns a payload of one chunk, with this nonce. Under a its
// plaintext begins with textA, followed by noise; under b it ends with textB
// and 32 bytes of noise, after noise of textA's length. Texts are filled with
// blanks to 16 bytes; together they must fit one chunk.
//
// At each place the ciphertext serves one of the two texts. One more block is
// free, and Poly1305 is a polynomial: the block is solved for, so that the tags
// under both keys are equal.
func Salamander(a, b envelope.FileKey, nonce [envelope.NonceSize]byte, textA, textB []byte) ([]byte, error) {
	one, err := newSide(a, nonce)
	if err != nil {
		return nil, err
	}
	two, err := newSide(b, nonce)
	if err != nil {
		return nil, err
	}
	textA, textB = fill(textA), fill(textB)
	n := len(textA) + len(textB) + 2*block
	if n > envelope.ChunkSize {
		return nil, errors.New("build a salamander: the texts do not fit one chunk")
	}
	text := make([]byte, n)
	one.encrypt(text[:len(textA)], textA, 0)
	two.encrypt(text[len(textA):], textB, len(textA))
	chunk, err := collide(one, two, text)
	return append(nonce[:], chunk...), err
}

// collide varies the last block but one until the last can be solved for, which
// takes a few tries, and appends the tag.
func collide(one, two side, text []byte) ([]byte, error) {
	for try := range uint64(1000) {
		binary.LittleEndian.PutUint64(text[len(text)-2*block:], try)
		for k := int64(-4); k < 4; k++ {
			if !solve(one, two, text, k) {
				continue
			}
			if tag := one.tag(text); tag == two.tag(text) {
				return append(text, tag[:]...), nil
			}
		}
	}
	return nil, errors.New("build a salamander: no block found, try other keys")
}

// solve sets the last block x of text so that the two accumulators differ by
// (sB - sA mod 2^128) + k 2^128 modulo p. The last two steps of Poly1305 give
// (h + x)r² + len·r, with h over the blocks before. It reports whether x is one
// that a block can have.
func solve(one, two side, text []byte, k int64) bool {
	x, gap := new(big.Int), new(big.Int)
	gap.Sub(two.s, one.s).Mod(gap, pow2(128))
	gap.Add(gap, x.Mul(big.NewInt(k), pow2(128)))
	gap.Sub(gap, one.without(text)).Add(gap, two.without(text))
	slope := new(big.Int).Sub(square(one.r), square(two.r))
	if slope.ModInverse(slope.Mod(slope, prime()), prime()) == nil {
		return false
	}
	x.Mul(gap, slope).Mod(x, prime())
	if x.Sub(x, pow2(128)); x.Sign() < 0 || x.BitLen() > 128 {
		return false
	}
	copy(text[len(text)-block:], littleEndian(x))
	return true
}

// side is what one of the two keys makes of the only chunk.
type side struct {
	key  []byte
	r, s *big.Int
}

// lastNonce is the nonce of chunk 0 that is the last.
func lastNonce() []byte { return append(make([]byte, 11), 1) }

func newSide(key envelope.FileKey, nonce [envelope.NonceSize]byte) (side, error) {
	k, err := hkdf.Key(sha256.New, key.Reveal(), nonce[:], "payload", chacha20.KeySize)
	if err != nil {
		return side{}, fmt.Errorf("build a salamander: %w", err)
	}
	s := side{key: k}
	otk := make([]byte, 32)
	s.keystream(0).XORKeyStream(otk, otk)
	for _, i := range []int{3, 7, 11, 15} {
		otk[i] &= 15
	}
	for _, i := range []int{4, 8, 12} {
		otk[i] &= 252
	}
	s.r, s.s = number(otk[:16]), number(otk[16:])
	return s, nil
}

func (s side) keystream(counter int) *chacha20.Cipher {
	c, err := chacha20.NewUnauthenticatedCipher(s.key, lastNonce())
	if err != nil {
		panic(err) // the sizes are constant
	}
	c.SetCounter(uint32(counter))
	return c
}

// encrypt writes text as it is encrypted at this place of the chunk.
func (s side) encrypt(dst, text []byte, at int) {
	c := s.keystream(1)
	c.XORKeyStream(make([]byte, at), make([]byte, at))
	c.XORKeyStream(dst, text)
}

// accumulate is Poly1305 over whole blocks and then the length block, before s
// is added (RFC 8439, section 2.8).
func (s side) accumulate(blocks [][]byte, size int) *big.Int {
	h := new(big.Int)
	lengths := binary.LittleEndian.AppendUint64(make([]byte, 8), uint64(size))
	for _, b := range append(blocks, lengths) {
		h.Add(h, number(b)).Add(h, pow2(128))
		h.Mul(h, s.r).Mod(h, prime())
	}
	return h
}

// without is the accumulator with the last block left at zero, mark included.
func (s side) without(text []byte) *big.Int {
	blocks := split(text)
	blocks[len(blocks)-1] = make([]byte, block)
	h := s.accumulate(blocks, len(text))
	return h.Sub(h, new(big.Int).Mul(pow2(128), square(s.r)))
}

func (s side) tag(text []byte) (tag [block]byte) {
	h := s.accumulate(split(text), len(text))
	h.Add(h, s.s).Mod(h, pow2(128))
	copy(tag[:], littleEndian(h))
	return tag
}

func split(text []byte) (blocks [][]byte) {
	for ; len(text) > 0; text = text[block:] {
		blocks = append(blocks, text[:block])
	}
	return blocks
}

func fill(text []byte) []byte {
	filled := append([]byte(nil), text...)
	for len(filled)%block != 0 {
		filled = append(filled, ' ')
	}
	return filled
}

// number reads little-endian bytes.
func number(b []byte) *big.Int {
	reversed := make([]byte, len(b))
	for i, c := range b {
		reversed[len(b)-1-i] = c
	}
	return new(big.Int).SetBytes(reversed)
}

func littleEndian(n *big.Int) []byte {
	b := n.FillBytes(make([]byte, block))
	for i, j := 0, block-1; i < j; i, j = i+1, j-1 {
		b[i], b[j] = b[j], b[i]
	}
	return b
}

func pow2(n uint) *big.Int       { return new(big.Int).Lsh(big.NewInt(1), n) }
func prime() *big.Int            { return new(big.Int).Sub(pow2(130), big.NewInt(5)) }
func square(n *big.Int) *big.Int { return new(big.Int).Mul(n, n) }
