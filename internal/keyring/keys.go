package keyring

import (
	"crypto"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"filippo.io/age"

	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/secret"
)

// Keys is what an account signs and opens with. It is a [crypto.Signer] for
// Ed25519 and an [age.Identity], so neither private key ever has to leave it;
// IdentityFile is the one exception.
type Keys struct {
	ID        id.Thumbprint // of the signing key: the account
	Recipient string        // age1pq1…, what others seal to

	public ed25519.PublicKey
	sign   secret.Bytes // Ed25519 private key, 64 bytes
	text   secret.Bytes // AGE-SECRET-KEY-PQ-1…

	// unwrap is the identity's method, not the identity, because fmt would
	// print what an unexported pointer points to, and a func only as an address.
	unwrap func([]*age.Stanza) ([]byte, error)
}

var (
	_ crypto.Signer = (*Keys)(nil)
	_ age.Identity  = (*Keys)(nil)
)

// Public is the Ed25519 verification key, an [ed25519.PublicKey].
func (k *Keys) Public() crypto.PublicKey { return k.public }

// Sign makes an Ed25519 signature of the message itself; rand is not used. Any
// opts but nil and crypto.Hash(0) would mean another signature scheme (Ed25519ph,
// Ed25519ctx) under the same key, and are refused.
func (k *Keys) Sign(_ io.Reader, message []byte, opts crypto.SignerOpts) ([]byte, error) {
	if opts != nil && opts != crypto.SignerOpts(crypto.Hash(0)) {
		return nil, errors.New("sign: only plain Ed25519 is made with this key")
	}
	return ed25519.Sign(k.sign.Reveal(), message), nil
}

// Unwrap implements [age.Identity] for stanzas of type mlkem768x25519.
func (k *Keys) Unwrap(stanzas []*age.Stanza) ([]byte, error) { return k.unwrap(stanzas) }

// IdentityFile is the file that the stock age program takes with -i. Whoever
// has it opens every testimony of the account: write it only where its owner
// asked for it, with mode 0600.
func (k *Keys) IdentityFile() secret.Bytes {
	file := []byte("# public key: " + k.Recipient + "\n")
	file = append(file, k.text.Reveal()...)
	return secret.Of(append(file, '\n'))
}

// Format redacts under every verb.
func (k *Keys) Format(f fmt.State, verb rune) { k.sign.Format(f, verb) }

// MarshalText redacts.
func (k *Keys) MarshalText() ([]byte, error) { return k.sign.MarshalText() }

// LogValue redacts.
func (k *Keys) LogValue() slog.Value { return k.sign.LogValue() }
