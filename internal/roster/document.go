package roster

import (
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/relatingfield/vault/internal/canonical"
)

const (
	docType     = "testimony-vault/roster/v1"
	dayFormat   = "2006-01-02"
	nonceSize   = 16
	maxStewards = 32
	// maxDocument bounds a document in bytes: 32 stewards of 80 characters of
	// up to 4 bytes, some of them escaped, with keys and punctuation.
	maxDocument = 32 << 10
)

// Document is one roster as it is written, well formed but perhaps of no vault:
// trust a [Roster] only.
type Document struct {
	Type      string    `json:"typ"`
	Seq       int       `json:"seq"`                // 0 in the founding document, then one more each time
	Prev      string    `json:"prev"`               // SHA-256 of the previous document's bytes, base64url
	Nonce     string    `json:"nonce"`              // 16 random bytes, base64url
	Day       string    `json:"day"`                // day of writing, as the writer's clock had it
	Practice  bool      `json:"practice"`           // a vault for trying things out
	Threshold int       `json:"threshold"`          // 1 to the number of stewards
	Stewards  []Steward `json:"stewards"`           // 1 to 32, ascending by Key
	Farewell  *Farewell `json:"farewell,omitempty"` // none while the vault stays
}

// ErrDocument is what every refusal of a document by Parse wraps.
var ErrDocument = errors.New("this is not a roster document")

// Parse reads a document in its one spelling and checks it by itself; whether it
// belongs to a vault is for [Verify] to say.
func Parse(b []byte) (*Document, error) {
	if len(b) > maxDocument {
		return nil, fmt.Errorf("%w: it has %d bytes, %d are the most", ErrDocument, len(b), maxDocument)
	}
	var d Document
	if err := canonical.Decode(b, &d); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDocument, err)
	}
	if err := d.check(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDocument, err)
	}
	return &d, nil
}

// encode checks the document and writes it.
func (d *Document) encode() ([]byte, error) {
	if err := d.check(); err != nil {
		return nil, err
	}
	return canonical.Encode(d)
}

func (d *Document) check() error {
	if d.Type != docType {
		return fmt.Errorf("its type is not %s", docType)
	}
	if d.Seq < 0 || (d.Seq == 0) != (d.Prev == "") {
		return errors.New("the founding document, and only it, has seq 0 and no prev")
	}
	if _, err := unb64(d.Prev, sha256.Size); d.Prev != "" && err != nil {
		return fmt.Errorf("prev is %w", err)
	}
	if _, err := unb64(d.Nonce, nonceSize); err != nil {
		return fmt.Errorf("nonce is %w", err)
	}
	if !isDay(d.Day) {
		return errors.New("day is not a date like 2026-11-23")
	}
	if d.Seq == 0 && d.Farewell != nil {
		return errors.New("a vault is not founded with a farewell")
	}
	if err := d.Farewell.check(); err != nil {
		return err
	}
	return d.checkStewards()
}

func (d *Document) checkStewards() error {
	n := len(d.Stewards)
	switch {
	case n < 1 || n > maxStewards:
		return fmt.Errorf("it names %d stewards, 1 to %d are possible", n, maxStewards)
	case d.Threshold < 1 || d.Threshold > n:
		return fmt.Errorf("its threshold is %d, with %d stewards 1 to %d are possible", d.Threshold, n, n)
	}
	for i, s := range d.Stewards {
		if err := s.check(); err != nil {
			return fmt.Errorf("steward %d: %w", i+1, err)
		}
		if i > 0 && d.Stewards[i-1].Key >= s.Key {
			return fmt.Errorf("steward %d: the keys are not in ascending order, or one stands twice", i+1)
		}
	}
	return nil
}
