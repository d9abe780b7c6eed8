package roster

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
)

// VaultID is the SHA-256 of a founding document. It goes into package keyring
// as its 32 bytes and into statements as its text.
type VaultID [sha256.Size]byte

// ErrVaultID reports text that is not a vault id in its one spelling.
var ErrVaultID = errors.New("not a vault id: 43 characters of base64url are needed")

// ID computes the vault id from a founding document's bytes. It does not check
// the document: see [Verify].
func ID(founding []byte) VaultID { return sha256.Sum256(founding) }

// ParseVaultID accepts exactly what String writes.
func ParseVaultID(s string) (VaultID, error) {
	b, err := unb64(s, sha256.Size)
	if err != nil {
		return VaultID{}, ErrVaultID
	}
	return VaultID(b), nil
}

// String spells the id in 43 characters of base64url.
func (v VaultID) String() string { return b64(v[:]) }

// MarshalText spells the id like String.
func (v VaultID) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText reads the id like ParseVaultID.
func (v *VaultID) UnmarshalText(text []byte) (err error) {
	*v, err = ParseVaultID(string(text))
	return err
}

// unb64 reads n bytes in the one spelling that b64 writes.
func unb64(s string, n int) ([]byte, error) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || len(b) != n || b64(b) != s {
		return nil, errors.New("not base64url of the right length")
	}
	return b, nil
}
