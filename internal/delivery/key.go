package delivery

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/big"

	"github.com/relatingfield/vault/internal/canonical"
	"github.com/relatingfield/vault/internal/id"
)

// Key is a public key that notes are by, and the private one where it is at hand.
type Key struct {
	public crypto.PublicKey
	signer crypto.Signer
	rand   io.Reader
}

// PublicKey is the key to verify with: an ed25519.PublicKey or an *ecdsa.PublicKey
// on P-256.
func PublicKey(public crypto.PublicKey) (Key, error) {
	switch k := public.(type) {
	case ed25519.PublicKey:
		if len(k) == ed25519.PublicKeySize {
			return Key{public: k}, nil
		}
	case *ecdsa.PublicKey:
		if k != nil && k.Curve == elliptic.P256() {
			return Key{public: k}, nil
		}
	}
	return Key{}, errors.New("a key is Ed25519 or P-256")
}

// SigningKey is the key to sign with; rand must be cryptographically secure.
func SigningKey(signer crypto.Signer, rand io.Reader) (Key, error) {
	k, err := PublicKey(signer.Public())
	k.signer, k.rand = signer, rand
	return k, err
}

func (k Key) alg() string {
	if _, edwards := k.public.(ed25519.PublicKey); edwards {
		return "EdDSA"
	}
	return "ES256"
}

// Thumbprint is the key's RFC 7638 thumbprint.
func (k Key) Thumbprint() string {
	if edwards, ok := k.public.(ed25519.PublicKey); ok {
		return string(id.Of(edwards))
	}
	x, y := coordinates(k.public.(*ecdsa.PublicKey))
	text, err := canonical.Encode(struct {
		Crv string `json:"crv"`
		Kty string `json:"kty"`
		X   string `json:"x"`
		Y   string `json:"y"`
	}{"P-256", "EC", b64(x), b64(y)})
	if err != nil {
		return "" // base64url always encodes; nothing has this thumbprint
	}
	sum := sha256.Sum256(text)
	return b64(sum[:])
}

// coordinates are the point's, 32 bytes each.
func coordinates(k *ecdsa.PublicKey) (x, y []byte) {
	point, err := k.Bytes() // 4 ‖ x ‖ y
	if err != nil || len(point) != 65 {
		return nil, nil
	}
	return point[1:33], point[33:]
}

func (k Key) sign(text string) ([]byte, error) {
	switch s := k.signer.(type) {
	case nil:
		return nil, errors.New("the private key is not here")
	case *ecdsa.PrivateKey:
		sum := sha256.Sum256([]byte(text))
		r, t, err := ecdsa.Sign(k.rand, s, sum[:])
		if err != nil {
			return nil, fmt.Errorf("sign: %w", err)
		}
		out := make([]byte, 64)
		r.FillBytes(out[:32])
		t.FillBytes(out[32:])
		return out, nil
	}
	return k.signer.Sign(k.rand, []byte(text), crypto.Hash(0))
}

func (k Key) verify(text string, sig []byte) error {
	if len(sig) != 64 {
		return errors.New("a signature has 64 bytes")
	}
	good := false
	switch p := k.public.(type) {
	case ed25519.PublicKey:
		good = ed25519.Verify(p, []byte(text), sig)
	case *ecdsa.PublicKey:
		sum := sha256.Sum256([]byte(text))
		good = ecdsa.Verify(p, sum[:], new(big.Int).SetBytes(sig[:32]), new(big.Int).SetBytes(sig[32:]))
	}
	if !good {
		return errors.New("the signature is not good")
	}
	return nil
}
