package statement

import (
	"errors"

	"github.com/relatingfield/vault/internal/id"
)

// Person is what a researcher says of herself and stewards vouch for.
type Person struct {
	Name        string
	Institution string
	Purpose     string
}

func (p Person) check() error {
	return first(text("name", p.Name, 200), text("institution", p.Institution, 300), text("purpose", p.Purpose, 2000))
}

// Apply is a researcher's application, over her own key statement.
type Apply struct {
	KeySHA256   string `json:"key_sha256"`
	Name        string `json:"name"`        // 1 to 200 characters
	Institution string `json:"institution"` // 1 to 300 characters
	Purpose     string `json:"purpose"`     // 1 to 2000 characters
}

// Person gives the fields that stewards vouch for.
func (a Apply) Person() Person { return Person{a.Name, a.Institution, a.Purpose} }

func (Apply) act() Act       { return ActApply }
func (a Apply) check() error { return first(hashes(a.KeySHA256), a.Person().check()) }

// Accredit is one steward's voice for exactly this key, application and term.
// Its body's hash is the accreditation's name: two stewards speak for the same
// accreditation only by signing equal bytes.
type Accredit struct {
	Account     id.Thumbprint `json:"account"`
	KeySHA256   string        `json:"key_sha256"`
	ApplySHA256 string        `json:"apply_sha256"`
	Name        string        `json:"name"`
	Institution string        `json:"institution"`
	Purpose     string        `json:"purpose"`
	From        int64         `json:"from"`  // Unix seconds
	Until       int64         `json:"until"` // Unix seconds, at most MaxAccreditation after From
}

// MaxAccreditation is twelve months in seconds, leap day included.
const MaxAccreditation = 366 * Day

// Person gives the fields that the steward vouches for.
func (a Accredit) Person() Person { return Person{a.Name, a.Institution, a.Purpose} }

func (Accredit) act() Act { return ActAccredit }

func (a Accredit) check() error {
	if a.From <= 0 || a.Until <= a.From || a.Until-a.From > MaxAccreditation {
		return errors.New("the term must end after it begins, within twelve months")
	}
	_, err := id.ParseThumbprint(string(a.Account))
	return first(err, hashes(a.KeySHA256, a.ApplySHA256), a.Person().check())
}

// Suspend ends an accreditation by the word of a single steward: restricting
// needs no second voice.
type Suspend struct {
	Account       id.Thumbprint `json:"account"`
	Accreditation string        `json:"accreditation"` // hash of the accredit body
}

func (Suspend) act() Act { return ActSuspend }

func (s Suspend) check() error {
	_, err := id.ParseThumbprint(string(s.Account))
	return first(err, hashes(s.Accreditation))
}

// RosterChange is one steward's voice for the next roster document.
type RosterChange struct {
	DocumentSHA256 string `json:"document_sha256"`
	RosterSeq      int64  `json:"roster_seq"`
}

func (RosterChange) act() Act { return ActRoster }

func (r RosterChange) check() error {
	if r.RosterSeq < 1 {
		return errors.New("roster_seq must be at least 1: the founding roster is not a change")
	}
	return hashes(r.DocumentSHA256)
}
