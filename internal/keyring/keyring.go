// Package keyring derives an account's keys from its secret and its vault.
//
//	salt     = SHA-256("testimony-vault/v1" ‖ 0x00 ‖ context)
//	seed_age = HKDF-SHA-256(secret, salt, info = "age", 32)      → age hybrid identity
//	seed_sig = HKDF-SHA-256(secret, salt, info = "ed25519", 32)  → Ed25519 signing key
//
// The context is the 32-byte vault id for participants, researchers, trustees
// and partners, and the seven bytes "steward" for stewards, whose keys must
// exist before the vault id does (docs/adr/0001). The two cannot coincide: they
// differ in length.
//
// Promises: the same secret and vault give the same keys for ever; another
// vault gives unrelated keys, so a server that swaps the stewards makes the
// vault vanish instead of misleading its owner; keys print as [redacted].
// Assumes: the secret is 128 uniformly random bits (package phrase). HKDF then
// needs no stretching: guessing costs 2^128 evaluations with any hash. The
// secret is the decoded bits, never the typed text.
// Does not: make X25519 identities, store anything, or lock memory.
//
// Specification: RFC 5869 (HKDF), RFC 8032 (Ed25519), BIP-173 (Bech32), the age
// format's "AGE-SECRET-KEY-PQ-1" identities (MLKEM768-X25519).
package keyring

import (
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"fmt"

	"filippo.io/age"

	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/phrase"
	"github.com/relatingfield/vault/internal/secret"
)

const (
	domain         = "testimony-vault/v1"
	stewardContext = "steward"
	seedSize       = 32 // bytes, of an age hybrid identity and of an Ed25519 key alike
)

// Derive makes the keys that a secret has in one vault.
func Derive(s phrase.Secret, vault [32]byte) (*Keys, error) { return derive(s, vault[:]) }

// DeriveSteward makes a steward's keys, which are the same in every vault.
func DeriveSteward(s phrase.Secret) (*Keys, error) { return derive(s, []byte(stewardContext)) }

func derive(s phrase.Secret, context []byte) (*Keys, error) {
	if s.Len() != phrase.Size {
		return nil, errors.New("derive keys: the secret is empty or has been wiped")
	}
	salt := sha256.Sum256(append([]byte(domain+"\x00"), context...))
	ageSeed, err := seed(s, salt[:], "age")
	if err != nil {
		return nil, err
	}
	signSeed, err := seed(s, salt[:], "ed25519")
	if err != nil {
		return nil, err
	}
	return fromSeeds(ageSeed, signSeed)
}

func seed(s phrase.Secret, salt []byte, info string) (secret.Bytes, error) {
	b, err := hkdf.Key(sha256.New, s.Reveal(), salt, info, seedSize)
	if err != nil {
		return secret.Bytes{}, fmt.Errorf("derive keys: %s: %w", info, err)
	}
	return secret.Of(b), nil
}

func fromSeeds(ageSeed, signSeed secret.Bytes) (*Keys, error) {
	text := secret.Of(identityText(ageSeed.Reveal()))
	identity, err := age.ParseHybridIdentity(string(text.Reveal()))
	if err != nil {
		return nil, fmt.Errorf("derive keys: age: %w", err)
	}
	sign := ed25519.NewKeyFromSeed(signSeed.Reveal())
	public, _ := sign.Public().(ed25519.PublicKey)
	return &Keys{
		ID:        id.Of(public),
		Recipient: identity.Recipient().String(),
		public:    public,
		sign:      secret.Of(sign),
		text:      text,
		unwrap:    identity.Unwrap,
	}, nil
}
