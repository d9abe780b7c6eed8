package client

import (
	"crypto"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/clientkey"
	"github.com/relatingfield/vault/internal/id"
)

// NewProgramKey draws an Ed25519 key for a program; rand must be cryptographically
// secure.
func NewProgramKey(rand io.Reader) (crypto.Signer, error) {
	_, key, err := ed25519.GenerateKey(rand)
	if err != nil {
		return nil, fmt.Errorf("make a program's key: %w", err)
	}
	return key, nil
}

// NewID draws a name for a partner or a program: 128 random bits.
func NewID(rand io.Reader) (api.ID, error) { return id.New(rand) }

// PublicJWK is the public half of a program's key, which officers register.
func PublicJWK(key crypto.Signer) (jwk api.JWK, thumbprint api.Account, err error) {
	public, err := clientkey.Of(key.Public())
	if err != nil {
		return api.JWK{}, "", err
	}
	return public.JWK(), public.Thumbprint(), nil
}

// pemType is that of PKCS #8 (RFC 7468 section 10), which every OAuth library reads.
const pemType = "PRIVATE KEY"

// MarshalProgramKey writes a private key as PKCS #8 in PEM, not encrypted: keep the
// file for its program's user alone.
func MarshalProgramKey(key crypto.Signer) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, errors.New("write the program's key: it is neither an Ed25519 nor a P-256 key")
	}
	return pem.EncodeToMemory(&pem.Block{Type: pemType, Bytes: der}), nil
}

// ParseProgramKey reads what MarshalProgramKey wrote, or a tool such as openssl: an
// Ed25519 or P-256 key. Errors say nothing of what stands in text.
func ParseProgramKey(text []byte) (crypto.Signer, error) {
	block, rest := pem.Decode(text)
	if block == nil || block.Type != pemType || len(rest) > 0 && len(rest) != len("\n") {
		return nil, errors.New("read the program's key: it is not one PKCS #8 key in PEM")
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, errors.New("read the program's key: it is not one PKCS #8 key in PEM")
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, errors.New("read the program's key: it does not sign")
	}
	if _, err := clientkey.Of(signer.Public()); err != nil {
		return nil, errors.New("read the program's key: it is neither an Ed25519 nor a P-256 key")
	}
	return signer, nil
}
