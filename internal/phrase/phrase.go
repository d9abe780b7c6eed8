// Package phrase turns a participant's 128-bit secret into something a person
// can write on a card, and back.
//
// There are two spellings of the same bits:
//
//   - twelve words of the English or French list of BIP-39 (128 bits and 4
//     checksum bits, 11 bits a word);
//   - forty decimal digits in groups of five: the number, padded with zeros to
//     39 digits, and one Damm check digit.
//
// Parse finds out which one it was given and forgives what a hand, a keyboard
// or a messenger does to a text (case, accents, white space, numbering, numeral
// systems, bidirectional marks), but never guesses a word or a digit: a secret
// that opens the wrong vault looks to her like a loss of everything.
//
// Promises: a spelling made here is read back to the same secret; an error
// never contains a word or digit that was typed, except that for one unknown
// word it may list similar words, so a leaked error leaves at least 117 bits.
// Assumes: the randomness given to New is cryptographically secure. Does not:
// stretch weak secrets (they cannot be chosen), lock memory, or hide from a
// neighbour on the same processor which table entry was read. The strings
// returned by Words and Digits are the secret: show them, do not keep them.
//
// Specification: BIP-39 (lists and checksum only, not its seed derivation);
// H. M. Damm, "Total anti-symmetrische Quasigruppen", 2004.
package phrase

import (
	"fmt"
	"io"

	"github.com/relatingfield/vault/internal/secret"
)

// Size is the length of a Secret in bytes.
const Size = 16

// bits keeps the field of Secret unexported, so that every Secret comes from
// New, FromBytes or Parse, while its redacting methods are promoted.
type bits = secret.Bytes

// Secret is 128 random bits. It prints as [redacted]; Reveal gives the bytes.
type Secret struct{ bits }

// New draws a secret from rand, which must be cryptographically secure.
func New(rand io.Reader) (Secret, error) {
	b := make([]byte, Size)
	if _, err := io.ReadFull(rand, b); err != nil {
		return Secret{}, fmt.Errorf("draw a secret: %w", err)
	}
	return Secret{secret.Of(b)}, nil
}

// FromBytes takes over 16 bytes that were drawn elsewhere.
func FromBytes(b secret.Bytes) (Secret, error) {
	if b.Len() != Size {
		return Secret{}, fmt.Errorf("take a secret: %d bytes given, %d needed", b.Len(), Size)
	}
	return Secret{b}, nil
}

// Equal compares in constant time.
func (s Secret) Equal(o Secret) bool { return s.bits.Equal(o.bits) }

// held is the secret's bytes. A zero or wiped Secret has no spelling, and a
// card printed from it would be a vault nobody can open: stop at once instead.
func (s Secret) held() []byte {
	if s.Len() != Size {
		panic("phrase: the secret is empty or has been wiped")
	}
	return s.Reveal()
}
