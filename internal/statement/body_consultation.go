package statement

import (
	"errors"

	"github.com/relatingfield/vault/internal/id"
)

// Consultation opens a named call of a partner, by the word of one of its officers.
// What is asked, for what and on which terms stands in the document.
type Consultation struct {
	Partner        id.ID  `json:"partner"`
	Consultation   id.ID  `json:"consultation"`
	DocumentSHA256 string `json:"document_sha256"`
	Until          int64  `json:"until"` // Unix seconds, a whole day: the first on which nothing more belongs to it
}

func (Consultation) act() Act { return ActConsultation }

func (c Consultation) check() error {
	if c.Until <= 0 || c.Until%Day != 0 {
		return errors.New("until must be a whole day")
	}
	return first(subject(c.Partner), subject(c.Consultation), hashes(c.DocumentSHA256))
}
