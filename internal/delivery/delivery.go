// Package delivery is the note under which somebody brings a sealed item to an
// account that has not signed for it.
//
// A note is a compact JWS (RFC 7515) of type tv-delivery+jwt, by the key of the
// client that brings the item or, where the vault itself sealed it, by the vault's
// receipt key. It says which bytes, sealed to which recipient, by whom, and what
// the way they came is worth (Assurance). It names no account: a partner knows the
// recipient that it scanned, and nothing else of her.
//
// Promises: what a note says has one spelling, as statements have; what Read returns
// was signed by the key it was given. Assumes: the caller knows whose
// key that is. Does not: say whether the key was good, or open anything.
//
// Source: docs/protocol.md section 17.
package delivery

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"

	"github.com/relatingfield/vault/internal/canonical"
	"github.com/relatingfield/vault/internal/clientkey"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/statement"
)

// Type is the JWS typ of notes; no other token of the vault has it.
const Type = "tv-delivery+jwt"

// MaxSize bounds a compact note, in bytes.
const MaxSize = 4096

// ErrRefused is what every refusal of a note wraps.
var ErrRefused = errors.New("the delivery note is refused")

// Assurance says who could have read or changed an item before it was sealed.
type Assurance string

// The assurances, the best first.
const (
	PartnerDevice Assurance = "partner-device" // sealed to her by the partner's program, on a device of the partner's
	Gateway       Assurance = "gateway"        // the partner's gateway saw the plaintext
	ByVault       Assurance = "vault"          // sealed on arrival: the vault saw the plaintext in memory
	FieldForm     Assurance = "field-form"     // an encrypted form, which nothing authenticates, wrapped by the vault
)

// Assurances lists them, the best first.
func Assurances() []Assurance { return []Assurance{PartnerDevice, Gateway, ByVault, FieldForm} }

// ByClient tells whether a client may claim this assurance with a key of its own:
// what the vault sealed it says itself.
func (a Assurance) ByClient() bool { return a == PartnerDevice || a == Gateway }

// Replaced names the part of a collection that an item was sealed anew from.
// Both fields are empty where it is of none.
type Replaced struct {
	Testimony id.ID `json:"testimony"`
	N         int64 `json:"n"`
}

// Note is what is signed, in this order.
type Note struct {
	Issuer          string    `json:"iss"` // the client, or the vault's id where the vault sealed it
	Vault           string    `json:"aud"`
	Partner         id.ID     `json:"partner"`
	Client          id.ID     `json:"client"` // who brought it; empty where a field form came
	Item            id.ID     `json:"item"`
	RecipientSHA256 string    `json:"recipient_sha256"` // of the recipient's text, which it is sealed to
	Length          int64     `json:"length"`           // of the payload, in bytes
	PayloadSHA256   string    `json:"payload_sha256"`
	Commit          string    `json:"commit"`
	HeaderSHA256    string    `json:"header_sha256"`
	Assurance       Assurance `json:"assurance"`
	Day             int64     `json:"day"`          // Unix seconds of the day's first second
	Consultation    id.ID     `json:"consultation"` // that it belongs to; empty for none
	Replaces        Replaced  `json:"replaces"`
}

// Binding gives the digests of the item.
func (n *Note) Binding() statement.Binding {
	return statement.Binding{Length: n.Length, PayloadSHA256: n.PayloadSHA256, Commit: n.Commit, HeaderSHA256: n.HeaderSHA256}
}

// Readable tells whether the partner could read the item before it came here: it was
// in a collection of the partner's, or was not sealed on a device of the partner's
// for this. What a partner's own program sealed, the partner's program could see; this
// is about what lay there to be read.
func (n *Note) Readable() bool {
	return n.Replaces.Testimony != "" || n.Assurance == Gateway || n.Assurance == FieldForm || n.Assurance == ByVault
}

// check refuses what no note can say.
func (n *Note) check() error {
	switch {
	case n.Issuer != n.Vault && n.Issuer != string(n.Client):
		return errors.New("iss is neither the client nor the vault")
	case n.Issuer == string(n.Client) && !n.Assurance.ByClient():
		return errors.New("a client cannot give this assurance")
	case n.Issuer == n.Vault && n.Assurance.ByClient():
		return errors.New("the vault cannot give this assurance")
	case !slices.Contains(Assurances(), n.Assurance):
		return errors.New("assurance is none that there is")
	case n.Length < 32 || n.Length > statement.MaxPayload:
		return errors.New("length is out of range")
	case n.Day <= 0 || n.Day%statement.Day != 0:
		return errors.New("day is not a whole day")
	case (n.Replaces.Testimony == "") != (n.Replaces.N == 0) || n.Replaces.N < 0 || n.Replaces.N > statement.MaxPart:
		return errors.New("replaces names no part")
	}
	return errors.Join(n.checkNames(), n.checkHashes())
}

func (n *Note) checkNames() error {
	for _, one := range []id.ID{n.Partner, n.Item} {
		if _, err := id.Parse(string(one)); err != nil {
			return fmt.Errorf("partner or item: %w", err)
		}
	}
	for _, one := range []id.ID{n.Client, n.Consultation, n.Replaces.Testimony} {
		if _, err := id.Parse(string(one)); one != "" && err != nil {
			return fmt.Errorf("client, consultation or replaces: %w", err)
		}
	}
	return nil
}

func (n *Note) checkHashes() error {
	for _, one := range []string{n.Vault, n.RecipientSHA256, n.PayloadSHA256, n.Commit, n.HeaderSHA256} {
		if _, err := statement.Hash32(one); err != nil {
			return err
		}
	}
	return nil
}

// Sign makes the compact note. The signer is an ed25519.PrivateKey or an
// *ecdsa.PrivateKey of P-256.
func Sign(n Note, by crypto.Signer) (string, error) {
	if err := n.check(); err != nil {
		return "", fmt.Errorf("sign a delivery note: %w", err)
	}
	compact, err := clientkey.Sign(by, Type, n)
	if err != nil {
		return "", fmt.Errorf("sign a delivery note: %w", err)
	}
	return compact, nil
}

// Peek reads what a note claims, before anybody knows whether it was signed: to
// find the key that it has to be verified with. Any error wraps ErrRefused.
func Peek(compact string) (n *Note, kid id.Thumbprint, err error) {
	n, token, err := take(compact)
	if err != nil {
		return nil, "", fmt.Errorf("%w: %w", ErrRefused, err)
	}
	return n, id.Thumbprint(token.Kid), nil
}

// Read verifies a note with the key that it must be by. Any error wraps ErrRefused.
func Read(compact string, by *clientkey.Key) (*Note, error) {
	n, token, err := take(compact)
	if err == nil {
		err = token.Verify(by)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	return n, nil
}

func take(compact string) (*Note, *clientkey.Token, error) {
	token, err := clientkey.Split(compact, MaxSize)
	if err != nil {
		return nil, nil, err
	}
	if token.Typ != Type || token.Kid == "" {
		return nil, nil, errors.New("it is of another type, or names no key")
	}
	n := new(Note)
	if err := canonical.Decode(token.Payload, n); err != nil {
		return nil, nil, fmt.Errorf("payload: %w", err)
	}
	if err := n.check(); err != nil {
		return nil, nil, fmt.Errorf("payload: %w", err)
	}
	return n, token, nil
}

// TrayCode is the code of the tray that somebody has at once who enrols with an
// invitation of a partner: who has the one can make the other.
func TrayCode(invitation string) string {
	sum := sha256.Sum256([]byte("testimony-vault/v1/tray-of-invitation\n" + invitation))
	code, err := id.New(bytes.NewReader(sum[:16]))
	if err != nil {
		return "" // sixteen bytes are always there; nothing has this code
	}
	return string(code)
}
