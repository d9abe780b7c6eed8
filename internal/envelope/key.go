package envelope

import (
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"
	"io"

	"github.com/relatingfield/vault/internal/secret"
)

const fileKeySize = 16

// hidden gives FileKey the redacting methods of secret.Bytes while keeping the
// field itself out of other packages' reach.
type hidden = secret.Bytes

// FileKey is the key of one payload, 16 bytes (c2sp.org/age, "file key"). It
// redacts itself wherever it is printed, encoded or logged. The zero value is
// no key: every operation refuses it with ErrKey.
type FileKey struct{ hidden }

// NewFileKey draws a key from rand, which must be cryptographically secure.
func NewFileKey(rand io.Reader) (FileKey, error) {
	b := make([]byte, fileKeySize)
	if _, err := io.ReadFull(rand, b); err != nil {
		return FileKey{}, fmt.Errorf("draw a file key: %w", err)
	}
	return FileKey{secret.Of(b)}, nil
}

// FileKeyOf takes b over as a key; it must be 16 bytes and not be used again.
func FileKeyOf(b []byte) (FileKey, error) {
	if len(b) != fileKeySize {
		return FileKey{}, ErrKey
	}
	return FileKey{secret.Of(b)}, nil
}

// Equal compares in constant time.
func (k FileKey) Equal(o FileKey) bool { return k.hidden.Equal(o.hidden) }

// NewNonce draws a payload nonce from rand. It is public: it stands before the
// payload. A random one is safe for any number of file keys; reusing one under
// the same file key is not, and a file key seals only one payload anyway.
func NewNonce(rand io.Reader) (nonce [NonceSize]byte, err error) {
	if _, err = io.ReadFull(rand, nonce[:]); err != nil {
		return nonce, fmt.Errorf("draw a payload nonce: %w", err)
	}
	return nonce, nil
}

// derive is the one key derivation of age: HKDF-SHA-256, 32 bytes.
func (k FileKey) derive(salt []byte, info string) ([]byte, error) {
	if k.Len() != fileKeySize {
		return nil, ErrKey
	}
	return hkdf.Key(sha256.New, k.Reveal(), salt, info, 32)
}
