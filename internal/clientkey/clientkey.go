// Package clientkey is the public key with which a partner's program signs, and
// the compact JWS (RFC 7515) that it makes with it: the assertion that asks for a
// token, and the note that goes with a delivery.
//
// Promises: a Key is an Ed25519 key (RFC 8037) or a point of P-256, and verifies
// under the one algorithm of its kind, whatever a token's header says: a token
// chooses no algorithm. A token that Split takes apart has one spelling of its
// base64url and a header of known members only, so nobody makes us fetch a key or
// believe one that came along. Assumes nothing. Does not: say whose key it is, or
// what a verified token means.
//
// Source: docs/protocol.md section 16; RFC 7515, RFC 7517, RFC 7638, RFC 8037.
package clientkey

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/golang-jwt/jwt/v5"

	"github.com/relatingfield/vault/internal/canonical"
	"github.com/relatingfield/vault/internal/id"
)

// The algorithms, one for each kind of key.
const (
	EdDSA = "EdDSA" // Ed25519
	ES256 = "ES256" // P-256 with SHA-256
)

// ErrRefused is what every refusal of a key or token wraps.
var ErrRefused = errors.New("the key or token is refused")

// JWK is a public key as it stands in statements: nothing but what its thumbprint
// covers, in that order (RFC 7638). There is no member for a private key.
type JWK struct {
	Crv string `json:"crv"`         // Ed25519 or P-256
	Kty string `json:"kty"`         // OKP or EC
	X   string `json:"x"`           // 32 bytes
	Y   string `json:"y,omitempty"` // 32 bytes, of P-256
}

// Key is a public key that was checked.
type Key struct {
	jwk        JWK
	public     crypto.PublicKey
	thumbprint id.Thumbprint
}

// Parse checks a JWK. Any error wraps ErrRefused.
func (j JWK) Parse() (*Key, error) {
	x, errX := bytes32(j.X)
	if errX != nil {
		return nil, refused("x is not 32 bytes in base64url")
	}
	k := &Key{jwk: j}
	switch {
	case j == JWK{"Ed25519", "OKP", j.X, ""}:
		k.public = ed25519.PublicKey(x)
	case j == JWK{"P-256", "EC", j.X, j.Y}:
		y, err := bytes32(j.Y)
		if err != nil {
			return nil, refused("y is not 32 bytes in base64url")
		}
		point, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), append(append([]byte{4}, x...), y...))
		if err != nil {
			return nil, refused("x and y are no point of P-256")
		}
		k.public = point
	default:
		return nil, refused("it is neither an Ed25519 nor a P-256 key")
	}
	text, err := canonical.Encode(j)
	if err != nil {
		return nil, refused("its text")
	}
	sum := sha256.Sum256(text)
	k.thumbprint = id.Thumbprint(b64(sum[:]))
	return k, nil
}

// Of is the key of a signer.
func Of(public crypto.PublicKey) (*Key, error) {
	switch p := public.(type) {
	case ed25519.PublicKey:
		return JWK{Crv: "Ed25519", Kty: "OKP", X: b64(p)}.Parse()
	case *ecdsa.PublicKey:
		point, err := p.Bytes()
		if err != nil || len(point) != 65 {
			return nil, refused("it is no point of P-256")
		}
		return JWK{"P-256", "EC", b64(point[1:33]), b64(point[33:])}.Parse()
	}
	return nil, refused("it is neither an Ed25519 nor a P-256 key")
}

// JWK is the key as it is written.
func (k *Key) JWK() JWK { return k.jwk }

// Thumbprint names the key (RFC 7638).
func (k *Key) Thumbprint() id.Thumbprint { return k.thumbprint }

// Alg is the one algorithm of the key.
func (k *Key) Alg() string {
	if _, ok := k.public.(ed25519.PublicKey); ok {
		return EdDSA
	}
	return ES256
}

func (k *Key) method() jwt.SigningMethod {
	if k.Alg() == EdDSA {
		return jwt.SigningMethodEdDSA
	}
	return jwt.SigningMethodES256
}

// bytes32 reads 32 bytes in their one base64url spelling.
func bytes32(s string) ([]byte, error) {
	b, err := unb64(s)
	if err != nil || len(b) != 32 {
		return nil, errors.New("not 32 bytes")
	}
	return b, nil
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func unb64(s string) ([]byte, error) {
	if strings.ContainsAny(s, "\r\n") { // which the decoder would skip
		return nil, errors.New("not base64url")
	}
	return base64.RawURLEncoding.Strict().DecodeString(s)
}

func refused(why string) error { return fmt.Errorf("%w: %s", ErrRefused, why) }
