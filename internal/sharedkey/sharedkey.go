// Package sharedkey makes an age identity that nobody holds: it exists while it is
// made and while it is used, and between the two only as shares with trustees.
//
// A Key is a post-quantum hybrid age identity made of a random seed of 32 bytes.
// She seals a part's header to its recipient, splits the seed (package shamir)
// and gives every trustee one share in a File, an age file to that trustee. Later,
// trustees seal their shares anew to one reader, whose Combine makes the key again.
//
// Promises: all files are of one length, whatever is in them; Combine returns a
// key only if it is the one whose recipient was signed for; the identity is an
// ordinary one, so that the stock age program opens what was sealed to it; keys
// and shares print as [redacted].
//
// Assumes: the digests that shares and recipient are held against come from a
// statement whose signature the caller has verified. Fewer shares than the
// threshold say nothing about the seed (package shamir); their digests, which are
// public, do not help to guess it, because a share is as random as the seed.
//
// Does not: decide when shares may be given, or to whom.
//
// Source: docs/protocol.md section 12.
package sharedkey

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"filippo.io/age"

	"github.com/relatingfield/vault/internal/keyring"
	"github.com/relatingfield/vault/internal/secret"
	"github.com/relatingfield/vault/internal/shamir"
)

// SeedSize is the length of the secret that is shared, in bytes.
const SeedSize = 32

// Errors of this package.
var (
	// ErrFile reports a file that is none of a share, or a card that does not fit.
	ErrFile = errors.New("this is no file with a share")
	// ErrShare reports a share that is not the one that was given out.
	ErrShare = errors.New("the share is not the one that was given out")
	// ErrKey reports shares that do not make the key that was signed for.
	ErrKey = errors.New("the shares do not make the key that was signed for")
)

// Key is the identity. It implements age.Identity.
type Key struct {
	Recipient string // age1pq1…

	seed, text secret.Bytes
	unwrap     func([]*age.Stanza) ([]byte, error) // see keyring.Keys
}

// New draws a key from rand, which must be cryptographically secure.
func New(rand io.Reader) (*Key, error) {
	seed := make([]byte, SeedSize)
	if _, err := io.ReadFull(rand, seed); err != nil {
		return nil, fmt.Errorf("draw a shared key: %w", err)
	}
	return of(secret.Of(seed))
}

func of(seed secret.Bytes) (*Key, error) {
	if seed.Len() != SeedSize {
		return nil, ErrKey
	}
	text := keyring.HybridIdentity(seed)
	identity, err := age.ParseHybridIdentity(string(text.Reveal()))
	if err != nil {
		return nil, fmt.Errorf("make a shared key: %w", err)
	}
	return &Key{Recipient: identity.Recipient().String(), seed: seed, text: text, unwrap: identity.Unwrap}, nil
}

// Split makes n shares of the seed, threshold of which make the key again.
func (k *Key) Split(rand io.Reader, n, threshold int) ([]secret.Bytes, error) {
	return shamir.Split(rand, k.seed, n, threshold)
}

// Combine makes the key again from threshold shares or more, each of which
// CheckShare has found right. It is ErrKey when its recipient is not the one
// whose SHA-256 was signed for.
func Combine(shares []secret.Bytes, recipientSHA256 string) (*Key, error) {
	seed, err := shamir.Combine(shares)
	if err != nil {
		return nil, err
	}
	k, err := of(seed)
	if err != nil {
		return nil, err
	}
	if Digest([]byte(k.Recipient)) != recipientSHA256 {
		k.Wipe()
		return nil, ErrKey
	}
	return k, nil
}

// CheckShare holds a share against the digest that was signed for.
func CheckShare(share secret.Bytes, sha string) error {
	if Digest(share.Reveal()) != sha {
		return ErrShare
	}
	return nil
}

// Digest is the SHA-256 of b as statements spell it.
func Digest(b []byte) string {
	sum := sha256.Sum256(b)
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// Unwrap implements age.Identity.
func (k *Key) Unwrap(stanzas []*age.Stanza) ([]byte, error) { return k.unwrap(stanzas) }

// IdentityFile is the file that the stock age program takes with -i. Whoever has
// it opens everything that was sealed to the key.
func (k *Key) IdentityFile() secret.Bytes {
	file := []byte("# public key: " + k.Recipient + "\n")
	file = append(file, k.text.Reveal()...)
	return secret.Of(append(file, '\n'))
}

// Wipe forgets the seed and its text. Copies that age made of them stay until
// they are collected.
func (k *Key) Wipe() {
	k.seed.Wipe()
	k.text.Wipe()
	k.unwrap = func([]*age.Stanza) ([]byte, error) { return nil, ErrKey }
}

// Format redacts under every verb.
func (k *Key) Format(f fmt.State, verb rune) { k.seed.Format(f, verb) }

// MarshalText redacts.
func (k *Key) MarshalText() ([]byte, error) { return k.seed.MarshalText() }

// LogValue redacts.
func (k *Key) LogValue() slog.Value { return k.seed.LogValue() }
