package thieftest

import (
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/sha512"
	"regexp"
	"strings"

	"filippo.io/age"

	"github.com/relatingfield/vault/internal/keyring"
	"github.com/relatingfield/vault/internal/phrase"
)

// shortValue is the size in bytes up to which a value could be a secret.
const shortValue = 96

// derived is a short value and all that is made of such values anywhere in the
// vault or in age. An Ed25519 seed's hash is its scalar, which is an X25519 key.
func (t *Thief) derived(p Piece) [][]byte {
	if len(p.Data) > shortValue {
		return nil
	}
	sum, wide := sha256.Sum256(p.Data), sha512.Sum512(p.Data)
	out := [][]byte{p.Data, sum[:], wide[:32]}
	for _, salt := range t.salts() {
		for _, info := range purposes() {
			if b, err := hkdf.Key(sha256.New, p.Data, salt, info, 32); err == nil {
				out = append(out, b)
			}
		}
	}
	return out
}

func (t *Thief) salts() [][]byte {
	participant := sha256.Sum256(append([]byte("testimony-vault/v1\x00"), t.vault[:]...))
	steward := sha256.Sum256([]byte("testimony-vault/v1\x00steward"))
	return [][]byte{nil, t.vault[:], participant[:], steward[:]}
}

func purposes() []string {
	return []string{"", "age", "ed25519", "header", "payload", "age-encryption.org/v1/X25519", "testimony-vault/v1",
		"testimony-vault/v1/commit", "testimony-vault/v1/payload-nonce", "testimony-vault/v1/mac/proof-of-work",
		"testimony-vault/v1/mac/challenge", "testimony-vault/v1/mac/dpop-nonce"}
}

// key tries a value as a file key and as the secret of an identity.
func (t *Thief) key(b []byte, with string) (out []Opened) {
	if len(b) >= 16 {
		out = append(out, t.fileKey(b[:16], "a key made of "+with)...)
		out = append(out, t.fileKey(b[len(b)-16:], "a key made of "+with)...)
	}
	if len(b) != 32 {
		return out
	}
	hybrid, err := age.ParseHybridIdentity(bech32("AGE-SECRET-KEY-PQ-", b))
	if err == nil {
		out = append(out, t.identity(hybrid, hybrid.Recipient().String(), with)...)
	}
	classic, err := age.ParseX25519Identity(bech32("AGE-SECRET-KEY-", b))
	if err == nil {
		out = append(out, t.identity(classic, classic.Recipient().String(), with)...)
	}
	return out
}

// identity tries a key pair that is somebody's on every header.
func (t *Thief) identity(i age.Identity, public, with string) (out []Opened) {
	if _, somebodys := t.recipients[public]; !somebodys {
		return nil
	}
	t.recipients[public] = true
	for _, h := range t.headers {
		if _, err := age.DecryptHeader(h.Data, i); err == nil {
			out = append(out, Opened{h.Where, "an identity in " + with})
		}
	}
	return out
}

// texts tries what is written in a piece as identities, and as words or digits.
func (t *Thief) texts(p Piece) (out []Opened) {
	for _, text := range regexp.MustCompile(`AGE-SECRET-KEY-(PQ-)?1[02-9AC-HJ-NP-Z]+`).FindAllString(string(p.Data), -1) {
		if i, err := age.ParseHybridIdentity(text); err == nil {
			out = append(out, t.identity(i, i.Recipient().String(), p.Where)...)
		}
		if i, err := age.ParseX25519Identity(text); err == nil {
			out = append(out, t.identity(i, i.Recipient().String(), p.Where)...)
		}
	}
	if len(p.Data) <= 4<<10 {
		for _, line := range append(strings.Split(string(p.Data), "\n"), string(p.Data)) {
			out = append(out, t.words(line, p.Where)...)
		}
	}
	return out
}

func (t *Thief) words(text, with string) (out []Opened) {
	s, err := phrase.Parse(strings.TrimSpace(text))
	if err != nil {
		return nil
	}
	if k, err := keyring.Derive(s, t.vault); err == nil {
		out = append(out, t.identity(k, k.Recipient, with)...)
	}
	if k, err := keyring.DeriveSteward(s); err == nil {
		out = append(out, t.identity(k, k.Recipient, with)...)
	}
	return out
}
