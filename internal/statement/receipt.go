package statement

import (
	"crypto"
	"crypto/ed25519"
	"errors"
	"fmt"

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

// SignReceipt makes the receipt of s with the server's receipt key.
func SignReceipt(key crypto.Signer, s *Statement, day int64) (string, error) {
	hash := s.Hash()
	compact, err := signWord(key, ReceiptType, Receipt{s.Vault, b64(hash[:]), s.Issuer, s.Seq, day})
	if err != nil {
		return "", fmt.Errorf("sign receipt: %w", err)
	}
	return compact, nil
}

// CheckReceipt verifies offline that the holder of key accepted s.
func CheckReceipt(compact string, key ed25519.PublicKey, s *Statement) (*Receipt, error) {
	r := new(Receipt)
	if err := readWord(compact, ReceiptType, key, r); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrReceipt, err)
	}
	hash := s.Hash()
	if want := (Receipt{s.Vault, b64(hash[:]), s.Issuer, s.Seq, r.Day}); *r != want {
		return nil, fmt.Errorf("%w: it is for another statement", ErrReceipt)
	}
	return r, nil
}
