package statement

import (
	"crypto"
	"crypto/ed25519"
	"errors"
	"strings"

	"github.com/golang-jwt/jwt/v5"

	"github.com/relatingfield/vault/internal/canonical"
	"github.com/relatingfield/vault/internal/id"
)

// wordHeader is the header of the server's own words: receipts of statements and of
// revocations. The type is compared too, so that one can never pass for the other.
type wordHeader struct {
	Alg string `json:"alg"`
	Typ string `json:"typ"`
	Kid string `json:"kid"`
}

// signWord makes the compact JWS of claims with the server's receipt key.
func signWord(key crypto.Signer, typ string, claims any) (string, error) {
	kid := id.Of(key.Public().(ed25519.PublicKey))
	h, err := canonical.Encode(wordHeader{"EdDSA", typ, string(kid)})
	if err != nil {
		return "", err
	}
	p, err := canonical.Encode(claims)
	if err != nil {
		return "", err
	}
	text := b64(h) + "." + b64(p)
	sig, err := jwt.SigningMethodEdDSA.Sign(text, key)
	if err != nil {
		return "", err
	}
	return text + "." + b64(sig), nil
}

// readWord verifies that the holder of key signed a word of this type, and puts what
// it says into claims.
func readWord(compact, typ string, key ed25519.PublicKey, claims any) error {
	parts := strings.Split(compact, ".")
	if len(compact) > MaxSize || len(parts) != 3 {
		return errors.New("it is not a compact JWS of three parts, or too long")
	}
	b, err := unb64(parts[0])
	if err != nil {
		return err
	}
	var h wordHeader
	if err := canonical.Decode(b, &h); err != nil || (h != wordHeader{"EdDSA", typ, string(id.Of(key))}) {
		return errors.New("it names another key or type")
	}
	sig, err := unb64(parts[2])
	if err != nil {
		return err
	}
	if err := jwt.SigningMethodEdDSA.Verify(parts[0]+"."+parts[1], sig, key); err != nil {
		return errors.New("its signature does not fit")
	}
	if b, err = unb64(parts[1]); err != nil {
		return err
	}
	return canonical.Decode(b, claims)
}
