package clientkey

import (
	"crypto"
	"strings"

	"github.com/relatingfield/vault/internal/canonical"
)

// Token is a compact JWS taken apart. Nothing about it is verified until Verify.
type Token struct {
	Alg     string
	Typ     string // as its maker wrote it; may be empty
	Kid     string // likewise; a hint, never a reason to believe
	Payload []byte

	text      string // what is signed
	signature []byte
}

// header has the members that a token's header may have. What is not here is
// refused: crit, and jku, jwk, x5u and x5c, which would bring a key along.
type header struct {
	Alg string `json:"alg"`
	Typ string `json:"typ,omitempty"`
	Kid string `json:"kid,omitempty"`
}

// Split takes a compact JWS of at most limit bytes apart. Any error wraps
// ErrRefused.
func Split(compact string, limit int) (*Token, error) {
	if len(compact) > limit {
		return nil, refused("it is too long")
	}
	parts := strings.Split(compact, ".")
	if len(parts) != 3 {
		return nil, refused("it is not a compact JWS of three parts")
	}
	var raw [3][]byte
	for i, p := range parts {
		b, err := unb64(p)
		if err != nil {
			return nil, refused("it is not base64url")
		}
		raw[i] = b
	}
	var h header
	if err := canonical.Request(raw[0], &h); err != nil {
		return nil, refused("its header has other members than alg, typ and kid")
	}
	return &Token{Alg: h.Alg, Typ: h.Typ, Kid: h.Kid, Payload: raw[1], text: parts[0] + "." + parts[1], signature: raw[2]}, nil
}

// Verify checks the signature by k. The algorithm is the key's; a header that
// names another is refused before anything is computed.
func (t *Token) Verify(k *Key) error {
	if t.Alg != k.Alg() {
		return refused("it names another algorithm than the key's")
	}
	if t.Kid != "" && t.Kid != string(k.thumbprint) {
		return refused("it names another key")
	}
	if err := k.method().Verify(t.text, t.signature, k.public); err != nil {
		return refused("the signature does not fit")
	}
	return nil
}

// Sign makes a compact JWS of a type over claims as they are, in declaration order
// and with the signer's thumbprint as kid. The signer is an ed25519.PrivateKey or
// an *ecdsa.PrivateKey of P-256.
func Sign(signer crypto.Signer, typ string, claims any) (string, error) {
	k, err := Of(signer.Public())
	if err != nil {
		return "", err
	}
	h, err := canonical.Encode(header{k.Alg(), typ, string(k.thumbprint)})
	if err != nil {
		return "", err
	}
	p, err := canonical.Encode(claims)
	if err != nil {
		return "", err
	}
	text := b64(h) + "." + b64(p)
	signature, err := k.method().Sign(text, signer)
	if err != nil {
		return "", err
	}
	return text + "." + b64(signature), nil
}
