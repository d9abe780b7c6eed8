package client

import (
	"fmt"
	"io"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/keyring"
	"github.com/relatingfield/vault/internal/phrase"
)

// Keys is what an account signs and opens with. It prints as [redacted].
type Keys = keyring.Keys

// Secret is the 128 bits behind an account's words. It prints as [redacted].
type Secret = phrase.Secret

// NewSecret draws a secret from rand, which must be cryptographically secure:
// nobody can choose one.
func NewSecret(rand io.Reader) (Secret, error) { return phrase.New(rand) }

// ParseSecret reads what stands on a card: twelve words in English or French, or
// forty digits in any numeral system. Errors never repeat what was typed.
func ParseSecret(card string) (Secret, error) { return phrase.Parse(card) }

// Words spells a secret in twelve words; language is "en" or "fr".
func Words(s Secret, language string) ([]string, error) {
	l, err := phrase.ParseLanguage(language)
	if err != nil {
		return nil, err
	}
	return phrase.Words(s, l), nil
}

// Digits spells a secret in forty digits, in groups of five.
func Digits(s Secret) string { return phrase.Digits(s) }

// KeysFor derives the keys a secret has in one vault. Every secret has keys in
// every vault: a wrong word leads to an empty place, not to an error.
func KeysFor(s Secret, vault api.Hash) (*Keys, error) {
	k, err := keyring.Derive(s, vault)
	if err != nil {
		return nil, fmt.Errorf("keys of the account: %w", err)
	}
	return k, nil
}

// StewardKeys derives a steward's keys, which are the same in every vault: they
// must exist before the vault does.
func StewardKeys(s Secret) (*Keys, error) {
	k, err := keyring.DeriveSteward(s)
	if err != nil {
		return nil, fmt.Errorf("keys of the steward: %w", err)
	}
	return k, nil
}
