package statement

import (
	"crypto"
	"crypto/ed25519"
	"errors"
	"fmt"
	"strings"

	"github.com/golang-jwt/jwt/v5"

	"github.com/relatingfield/vault/internal/canonical"
	"github.com/relatingfield/vault/internal/id"
)

// ReceiptType is the JWS typ of receipts.
const ReceiptType = "tv-receipt+jwt"

// ErrReceipt is what every refusal of a receipt wraps.
var ErrReceipt = errors.New("the receipt does not prove that the vault accepted the statement")

// Receipt is the server's word that it accepted a statement on a day. It is the
// same at every repetition, so a retried request gets the very same bytes.
type Receipt struct {
	Vault     string        `json:"iss"`
	Statement string        `json:"statement_sha256"`
	Account   id.Thumbprint `json:"account"`
	Seq       int64         `json:"seq"`
	Day       int64         `json:"day"` // Unix seconds, a whole day: when it was accepted
}

type receiptHeader struct {
	Alg string `json:"alg"`
	Typ string `json:"typ"`
	Kid string `json:"kid"`
}

// SignReceipt makes the receipt of s with the server's receipt key.
func SignReceipt(key crypto.Signer, s *Statement, day int64) (string, error) {
	hash := s.Hash()
	kid := id.Of(key.Public().(ed25519.PublicKey))
	h, err := canonical.Encode(receiptHeader{"EdDSA", ReceiptType, string(kid)})
	if err != nil {
		return "", fmt.Errorf("sign receipt: %w", err)
	}
	p, err := canonical.Encode(Receipt{s.Vault, b64(hash[:]), s.Issuer, s.Seq, day})
	if err != nil {
		return "", fmt.Errorf("sign receipt: %w", err)
	}
	text := b64(h) + "." + b64(p)
	sig, err := jwt.SigningMethodEdDSA.Sign(text, key)
	if err != nil {
		return "", fmt.Errorf("sign receipt: %w", err)
	}
	return text + "." + b64(sig), nil
}

// CheckReceipt verifies offline that the holder of key accepted s.
func CheckReceipt(compact string, key ed25519.PublicKey, s *Statement) (*Receipt, error) {
	r, err := parseReceipt(compact, key)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrReceipt, err)
	}
	hash := s.Hash()
	if want := (Receipt{s.Vault, b64(hash[:]), s.Issuer, s.Seq, r.Day}); *r != want {
		return nil, fmt.Errorf("%w: it is for another statement", ErrReceipt)
	}
	return r, nil
}

func parseReceipt(compact string, key ed25519.PublicKey) (*Receipt, error) {
	parts := strings.Split(compact, ".")
	if len(parts) != 3 {
		return nil, errors.New("it is not a compact JWS")
	}
	b, err := unb64(parts[0])
	if err != nil {
		return nil, err
	}
	var h receiptHeader
	if err := canonical.Decode(b, &h); err != nil || (h != receiptHeader{"EdDSA", ReceiptType, string(id.Of(key))}) {
		return nil, errors.New("it names another key or type")
	}
	sig, err := unb64(parts[2])
	if err != nil {
		return nil, err
	}
	if err := jwt.SigningMethodEdDSA.Verify(parts[0]+"."+parts[1], sig, key); err != nil {
		return nil, errors.New("its signature does not fit")
	}
	if b, err = unb64(parts[1]); err != nil {
		return nil, err
	}
	r := new(Receipt)
	return r, canonical.Decode(b, r)
}
