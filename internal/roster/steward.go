package roster

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"unicode"
	"unicode/utf8"

	"github.com/relatingfield/vault/internal/id"
)

const maxName = 80 // characters

// Steward is one guardian as a document names them.
type Steward struct {
	Name string `json:"name"` // what people call them, 1 to 80 characters
	Key  string `json:"key"`  // Ed25519 public key, base64url
}

// NewSteward names the holder of a key.
func NewSteward(name string, key ed25519.PublicKey) (Steward, error) {
	s := Steward{Name: name, Key: b64(key)}
	if err := s.check(); err != nil {
		return Steward{}, fmt.Errorf("name a steward: %w", err)
	}
	return s, nil
}

// PublicKey is the steward's verification key. It is nil if the Steward comes
// neither from this package nor from a parsed document.
func (s Steward) PublicKey() ed25519.PublicKey {
	b, err := unb64(s.Key, ed25519.PublicKeySize)
	if err != nil {
		return nil
	}
	return b
}

// Account is the thumbprint of the steward's key.
func (s Steward) Account() id.Thumbprint { return id.Of(s.PublicKey()) }

func (s Steward) check() error {
	if s.PublicKey() == nil {
		return errors.New("the key is not an Ed25519 public key in base64url")
	}
	if err := checkName(s.Name); err != nil {
		return fmt.Errorf("the name %w", err)
	}
	return nil
}

// checkName refuses what would let one name look like another or like nothing:
// control characters, line separators, marks that reorder the text around them,
// and white space at the ends. The joiners that Sorani and Persian need stay.
func checkName(name string) error {
	switch n := utf8.RuneCountInString(name); {
	case !utf8.ValidString(name):
		return errors.New("is not UTF-8")
	case n < 1 || n > maxName:
		return fmt.Errorf("has %d characters, 1 to %d are possible", n, maxName)
	}
	first, _ := utf8.DecodeRuneInString(name)
	last, _ := utf8.DecodeLastRuneInString(name)
	if unicode.IsSpace(first) || unicode.IsSpace(last) {
		return errors.New("begins or ends with white space")
	}
	for _, r := range name {
		if unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp, unicode.Bidi_Control) {
			return fmt.Errorf("contains the control character U+%04X", r)
		}
	}
	return nil
}
