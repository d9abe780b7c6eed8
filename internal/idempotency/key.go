package idempotency

import (
	"crypto/sha256"
	"errors"
	"io"

	"golang.org/x/crypto/chacha20poly1305"

	"github.com/relatingfield/vault/internal/id"
)

// Key is a UUID as a client chose it.
type Key struct{ uuid string }

// keySize is the length of a UUID and its quotes.
const keySize = 36 + 2

// ParseKey reads the header's values: exactly one, a UUID as a quoted string
// (RFC 8941 section 3.3.3). The error is ErrKey.
func ParseKey(values []string) (Key, error) {
	if len(values) != 1 || len(values[0]) != keySize {
		return Key{}, ErrKey
	}
	v := values[0]
	if v[0] != '"' || v[keySize-1] != '"' || !isUUID(v[1:keySize-1]) {
		return Key{}, ErrKey
	}
	return Key{v[1 : keySize-1]}, nil
}

// isUUID accepts lower-case hexadecimal only, so that one UUID is one key.
func isUUID(s string) bool {
	for i := range len(s) {
		c := s[i]
		switch {
		case i == 8 || i == 13 || i == 18 || i == 23:
			if c != '-' {
				return false
			}
		case (c < '0' || c > '9') && (c < 'a' || c > 'f'):
			return false
		}
	}
	return true
}

// derive makes 32 bytes for one use. A UUID has about 122 random bits: whoever
// has the row alone gets neither the UUID nor the other derivation.
func (k Key) derive(use string, account id.Thumbprint) [sha256.Size]byte {
	return sha256.Sum256([]byte("testimony-vault/v1/idempotency/" + use + "\x00" + string(account) + "\x00" + k.uuid))
}

// sealed is nonce ‖ ciphertext. The nonce is random and long, because a key can
// seal several answers: a transaction may run twice, and a key may come again
// after its time.
func (t *Attempt) sealed(body []byte) ([]byte, error) {
	aead, err := chacha20poly1305.NewX(t.seal[:])
	if err != nil {
		return nil, err
	}
	out := make([]byte, aead.NonceSize(), aead.NonceSize()+len(body)+aead.Overhead())
	if _, err := io.ReadFull(t.answers.rand, out); err != nil {
		return nil, err
	}
	return aead.Seal(out, out, body, []byte(t.name)), nil
}

func (t *Attempt) opened(sealed []byte) ([]byte, error) {
	aead, err := chacha20poly1305.NewX(t.seal[:])
	if err != nil {
		return nil, err
	}
	if len(sealed) < aead.NonceSize() {
		return nil, errors.New("the stored answer is damaged")
	}
	nonce, rest := sealed[:aead.NonceSize()], sealed[aead.NonceSize():]
	return aead.Open(nil, nonce, rest, []byte(t.name))
}
