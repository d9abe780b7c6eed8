// Package id makes and checks the opaque names of things.
//
// An ID is 128 random bits in 26 lower-case base32 characters (RFC 4648
// alphabet, no padding): it says nothing about when, where or by whom the thing
// was made, and cannot be guessed. A Thumbprint names an account: the RFC 7638
// SHA-256 thumbprint of its Ed25519 public key, 43 base64url characters.
package id

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
)

// ErrBad reports text that is not in the one accepted spelling.
var ErrBad = errors.New("not a valid identifier")

var encoding = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// ID names a testimony, a grant, an opening, a statement or a blob.
type ID string

// New draws an ID from rand, which must be cryptographically secure.
func New(rand io.Reader) (ID, error) {
	var b [16]byte
	if _, err := io.ReadFull(rand, b[:]); err != nil {
		return "", fmt.Errorf("draw an identifier: %w", err)
	}
	return ID(encoding.EncodeToString(b[:])), nil
}

// Parse accepts exactly the spelling New produces.
func Parse(s string) (ID, error) {
	b, err := encoding.DecodeString(s)
	if err != nil || len(b) != 16 || encoding.EncodeToString(b) != s {
		return "", ErrBad
	}
	return ID(s), nil
}

// Thumbprint names an account by its signing key.
type Thumbprint string

// Of computes the RFC 7638 thumbprint of an Ed25519 key: the SHA-256 of the
// members crv, kty and x of its JWK (RFC 8037), in that order.
func Of(key ed25519.PublicKey) Thumbprint {
	x := base64.RawURLEncoding.EncodeToString(key)
	sum := sha256.Sum256([]byte(`{"crv":"Ed25519","kty":"OKP","x":"` + x + `"}`))
	return Thumbprint(base64.RawURLEncoding.EncodeToString(sum[:]))
}

// ParseThumbprint accepts 32 bytes in strict base64url without padding.
func ParseThumbprint(s string) (Thumbprint, error) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || len(b) != sha256.Size || base64.RawURLEncoding.EncodeToString(b) != s {
		return "", ErrBad
	}
	return Thumbprint(s), nil
}
