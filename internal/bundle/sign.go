package bundle

import (
	"crypto"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"

	"github.com/golang-jwt/jwt/v5"

	"github.com/relatingfield/vault/internal/bag"
	"github.com/relatingfield/vault/internal/canonical"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/statement"
)

// Type is the JWS typ of signatures over bags; no other token of the vault has it.
const Type = "tv-bundle+jwt"

// SignatureFile and StampFile are their names within the bag.
const (
	SignatureFile = bag.Signatures + "/tagmanifest-sha512.jws"
	StampFile     = bag.Signatures + "/tagmanifest-sha512.tsr"
)

// ErrSignature is what every refusal of a signature wraps.
var ErrSignature = errors.New("the signature does not hold for this bag")

// maxSignature bounds a compact signature in bytes.
const maxSignature = 4 << 10

// Signed is what the signer says of a bag. The digests are of the tag manifests, in
// hexadecimal as sha512sum and sha256sum print them.
type Signed struct {
	Signer id.Thumbprint `json:"iss"`
	Vault  string        `json:"vault"`
	Day    int64         `json:"iat"` // Unix seconds, a whole day
	SHA512 string        `json:"tagmanifest_sha512"`
	SHA256 string        `json:"tagmanifest_sha256"`
}

type header struct {
	Alg string `json:"alg"`
	Typ string `json:"typ"`
	JWK jwk    `json:"jwk"`
}

type jwk struct {
	Crv string `json:"crv"`
	Kty string `json:"kty"`
	X   string `json:"x"`
}

// Sign makes the signature over the tag manifests of a bag: a compact JWS (RFC 7515,
// EdDSA) that names the signing key.
func Sign(key crypto.Signer, vault string, day int64, tags512, tags256 bag.Sum) (string, error) {
	pub, ok := key.Public().(ed25519.PublicKey)
	if !ok {
		return "", errors.New("sign the bundle: the key is not of Ed25519")
	}
	h, err := canonical.Encode(header{"EdDSA", Type, jwk{"Ed25519", "OKP", statement.B64(pub)}})
	if err != nil {
		return "", fmt.Errorf("sign the bundle: %w", err)
	}
	p, err := canonical.Encode(Signed{id.Of(pub), vault, day - day%statement.Day, tags512.SHA512, tags256.SHA256})
	if err != nil {
		return "", fmt.Errorf("sign the bundle: %w", err)
	}
	text := statement.B64(h) + "." + statement.B64(p)
	sig, err := jwt.SigningMethodEdDSA.Sign(text, key)
	if err != nil {
		return "", fmt.Errorf("sign the bundle: %w", err)
	}
	return text + "." + statement.B64(sig), nil
}

// Verify checks a signature against the sums of the tag manifests that bag.Check
// gave. Whether the signer is somebody to believe is another question.
func Verify(compact string, tags512, tags256 bag.Sum) (*Signed, error) {
	s, err := ParseSignature(compact)
	if err != nil {
		return nil, err
	}
	if s.SHA512 != tags512.SHA512 || s.SHA256 != tags256.SHA256 {
		return nil, fmt.Errorf("%w: it is over another one", ErrSignature)
	}
	return s, nil
}

// ParseSignature verifies that a signature is its signer's, over whatever bag.
func ParseSignature(compact string) (*Signed, error) {
	s, err := parseSignature(compact)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSignature, err)
	}
	return s, nil
}

func parseSignature(compact string) (*Signed, error) {
	parts := strings.Split(compact, ".")
	if len(compact) > maxSignature || len(parts) != 3 {
		return nil, errors.New("it is no compact JWS")
	}
	var raw [3][]byte
	for i, p := range parts {
		var err error
		if raw[i], err = base64.RawURLEncoding.Strict().DecodeString(p); err != nil || strings.ContainsAny(p, "\r\n") {
			return nil, errors.New("it is not spelled as this program spells it")
		}
	}
	var h header
	if err := canonical.Decode(raw[0], &h); err != nil {
		return nil, err
	}
	x, err := statement.Hash32(h.JWK.X)
	if err != nil || (h != header{"EdDSA", Type, jwk{"Ed25519", "OKP", h.JWK.X}}) {
		return nil, errors.New("its header names something else than one Ed25519 key")
	}
	key := ed25519.PublicKey(x[:])
	if err := jwt.SigningMethodEdDSA.Verify(parts[0]+"."+parts[1], raw[2], key); err != nil {
		return nil, errors.New("it does not fit its key")
	}
	s := new(Signed)
	if err := canonical.Decode(raw[1], s); err != nil {
		return nil, err
	}
	long, err512 := hex.DecodeString(s.SHA512)
	short, err256 := hex.DecodeString(s.SHA256)
	if s.Signer != id.Of(key) || s.Day <= 0 || s.Day%statement.Day != 0 || errors.Join(err512, err256) != nil || len(long) != 64 || len(short) != 32 {
		return nil, errors.New("what it says is not what such a signature says")
	}
	return s, nil
}

// PEM is a public key as openssl reads it.
func PEM(key ed25519.PublicKey) ([]byte, error) {
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return nil, fmt.Errorf("write the key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), nil
}
