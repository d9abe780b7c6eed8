package statement

import (
	"errors"

	"github.com/relatingfield/vault/internal/id"
)

// MaxCollection is how long a collection stands at most, in seconds.
const MaxCollection = 2 * 366 * Day

// Collection opens an account under the keys of a partner, by the word of one of its
// officers: for women who are not present, for field forms and for old holdings.
type Collection struct {
	Partner   id.ID         `json:"partner"`
	Account   id.Thumbprint `json:"account"`    // of the collection
	KeySHA256 string        `json:"key_sha256"` // of its key statement
	Until     int64         `json:"until"`      // Unix seconds, a whole day: the first on which it and all in it is gone
}

func (Collection) act() Act { return ActCollection }

func (c Collection) check() error {
	if _, err := id.ParseThumbprint(string(c.Account)); err != nil {
		return err
	}
	if c.Until <= 0 || c.Until%Day != 0 {
		return errors.New("until must be a whole day")
	}
	return first(subject(c.Partner), hashes(c.KeySHA256))
}

func blankCollection(a Act) Body {
	switch a {
	case ActCollection:
		return new(Collection)
	case ActConsultation:
		return new(Consultation)
	}
	return nil
}
