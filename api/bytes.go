package api

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

// ErrSpelling reports text that is not base64url in its one accepted spelling.
var ErrSpelling = errors.New("not base64url without padding")

// Bytes travels as base64url without padding.
type Bytes []byte

// MarshalText spells the bytes.
func (b Bytes) MarshalText() ([]byte, error) {
	return base64.RawURLEncoding.AppendEncode(nil, b), nil
}

// UnmarshalText accepts the one spelling MarshalText gives.
func (b *Bytes) UnmarshalText(text []byte) error {
	out, err := decode(string(text))
	if err != nil {
		return err
	}
	*b = out
	return nil
}

// String spells the bytes as they travel.
func (b Bytes) String() string { return base64.RawURLEncoding.EncodeToString(b) }

// Hash is a SHA-256. The zero Hash stands for none.
type Hash [sha256.Size]byte

// MarshalText spells the hash in 43 characters.
func (h Hash) MarshalText() ([]byte, error) { return Bytes(h[:]).MarshalText() }

// UnmarshalText accepts exactly 32 bytes in their one spelling.
func (h *Hash) UnmarshalText(text []byte) error {
	b, err := decode(string(text))
	if err != nil {
		return err
	}
	if len(b) != len(h) {
		return fmt.Errorf("%w of %d bytes", ErrSpelling, len(h))
	}
	*h = Hash(b)
	return nil
}

// String spells the hash as it travels.
func (h Hash) String() string { return Bytes(h[:]).String() }

// ParseHash reads 43 characters of base64url.
func ParseHash(s string) (Hash, error) {
	var h Hash
	return h, h.UnmarshalText([]byte(s))
}

// HashOf is the SHA-256 of b.
func HashOf(b []byte) Hash { return sha256.Sum256(b) }

// decode refuses line breaks, which the standard decoder skips, and stray bits.
func decode(s string) ([]byte, error) {
	if strings.IndexByte(s, '\r') >= 0 || strings.IndexByte(s, '\n') >= 0 {
		return nil, ErrSpelling
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil {
		return nil, ErrSpelling
	}
	return b, nil
}
