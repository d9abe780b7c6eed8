package main

import (
	"os"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/canonical"
)

// maxCardFile bounds a card file, in bytes: a recipient has about two thousand.
const maxCardFile = 8 << 10

// trayCard is what she hands a partner, on paper or as a file: where to bring
// something, and to which key it is sealed. It does not say who she is.
type trayCard struct {
	Vault     api.Hash `json:"vault"`
	Recipient string   `json:"recipient"`
	Code      string   `json:"code"`
}

// place reads a card that is for this vault.
func (p *program) place(path string, vault api.Hash) (client.Place, error) {
	text, err := os.ReadFile(path)
	if err != nil || len(text) > maxCardFile {
		return client.Place{}, usage("--card: %s cannot be read", path)
	}
	if of, to, err := client.ReadPlace(string(text)); err == nil { // what her phone shows, scanned into a file
		return to, sameVault(of, vault)
	}
	var c trayCard
	if err := canonical.Request(text, &c); err != nil {
		return client.Place{}, usage("--card: %s is not a card: testimony tray card writes one, and the web app shows one", path)
	}
	return client.Place{Recipient: c.Recipient, Code: c.Code}, sameVault(c.Vault, vault)
}

func sameVault(of, vault api.Hash) error {
	if of != vault {
		return usage("--card: this card is for another vault: nothing was sent")
	}
	return nil
}

func writeTrayCard(path string, c trayCard) error {
	text, err := canonical.Encode(c)
	if err != nil {
		return err
	}
	if err := writePrivate(path, append(text, '\n')); err != nil {
		return usage("write the card: %s", err)
	}
	return nil
}
