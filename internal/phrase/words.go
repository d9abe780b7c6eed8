package phrase

import (
	"crypto/sha256"

	"golang.org/x/text/unicode/norm"

	"github.com/relatingfield/vault/internal/secret"
)

const (
	wordCount = 12
	wordBits  = 11 // a list has 2048 words
)

// Words spells the secret in twelve words, in NFC, as BIP-39 does.
// The words are the secret. It panics if the secret is empty or wiped.
func Words(s Secret, l Language) []string {
	words := make([]string, wordCount)
	for i, index := range indexes(s) {
		words[i] = norm.NFC.String(l.list()[index])
	}
	return words
}

// List is the 2048 words of a language in their published order, in NFC.
func List(l Language) []string {
	words := make([]string, len(l.list()))
	for i, w := range l.list() {
		words[i] = norm.NFC.String(w)
	}
	return words
}

// indexes cuts secret ‖ checksum into twelve numbers of 11 bits; the last 4 of
// the 136 bits at hand belong to no word.
func indexes(s Secret) [wordCount]int {
	b := s.held()
	b = append(b[:len(b):len(b)], checksum(b))
	var out [wordCount]int
	for bit := range wordCount * wordBits {
		value := int(b[bit/8]>>(7-bit%8)) & 1
		out[bit/wordBits] = out[bit/wordBits]<<1 | value
	}
	return out
}

// fromIndexes is the inverse of indexes; ok is false if the checksum is wrong.
func fromIndexes(list [wordCount]int) (s Secret, ok bool) {
	var b [Size + 1]byte
	for bit := range wordCount * wordBits {
		value := list[bit/wordBits] >> (wordBits - 1 - bit%wordBits) & 1
		b[bit/8] |= byte(value << (7 - bit%8))
	}
	if b[Size] != checksum(b[:Size]) {
		return Secret{}, false
	}
	return Secret{secret.Copy(b[:Size])}, true
}

// checksum is the first 4 bits of the SHA-256, in the high half of a byte.
func checksum(b []byte) byte {
	sum := sha256.Sum256(b)
	return sum[0] & 0xf0
}
