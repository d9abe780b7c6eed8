package client

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/id"
)

// ErrPlace: a line that is not the code of a tray as her phone shows it.
var ErrPlace = errors.New("this is not the code of a tray: have it shown again, and read all of it")

// placeBegins is how the line of a tray begins. It has only characters that a QR code
// packs densely: capital letters, digits and a slash.
const placeBegins = "TRAY1/"

// maxPlace bounds a line, in characters: a recipient has about two thousand.
const maxPlace = 4096

// ReadPlace reads the line that her phone shows as a square, TRAY1/VAULT/CODE/RECIPIENT
// (docs/protocol.md section 17), and gives the vault it is for. Capitals do not count.
func ReadPlace(line string) (api.Hash, Place, error) {
	line = strings.TrimSpace(line)
	rest, ok := strings.CutPrefix(strings.ToUpper(line), placeBegins)
	parts := strings.Split(strings.ToLower(rest), "/")
	if !ok || len(line) > maxPlace || len(parts) != 3 {
		return api.Hash{}, Place{}, ErrPlace
	}
	vault, err := hex.DecodeString(parts[0])
	if err != nil || len(vault) != len(api.Hash{}) {
		return api.Hash{}, Place{}, fmt.Errorf("%w: its vault", ErrPlace)
	}
	if _, err := id.Parse(parts[1]); err != nil {
		return api.Hash{}, Place{}, fmt.Errorf("%w: its code: %w", ErrPlace, err)
	}
	if _, _, err := envelope.ParseRecipient(parts[2]); err != nil {
		return api.Hash{}, Place{}, fmt.Errorf("%w: its key: %w", ErrPlace, err)
	}
	return api.Hash(vault), Place{Recipient: parts[2], Code: parts[1]}, nil
}

// Line spells the place as her phone does.
func (p Place) Line(vault api.Hash) string {
	return strings.ToUpper(placeBegins + hex.EncodeToString(vault[:]) + "/" + p.Code + "/" + p.Recipient)
}
