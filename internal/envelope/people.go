package envelope

import (
	"errors"
	"fmt"
	"unicode/utf8"
)

const (
	maxPeople   = 16
	maxIdentity = 120 // characters of one value
	maxInitial  = 4   // characters
)

// PersonRole is what somebody named in a part is to it.
type PersonRole string

// The roles. There is one speaker at most: she whose testimony it is.
const (
	Speaker     PersonRole = "speaker"
	Participant PersonRole = "participant" // anybody else who is in the story or was there
)

// Person is somebody who can be recognised in a part, in fields of their own, so
// that a client can leave out exactly what the terms leave out. What is not known
// or not meant to be told is empty; a place has three members because a text
// cannot be made coarser by a program.
type Person struct {
	Role        PersonRole `json:"role"`
	Name        string     `json:"name"` // the full one
	FirstName   string     `json:"first_name"`
	Initial     string     `json:"initial"` // of the family name
	Pseudonym   string     `json:"pseudonym"`
	Country     string     `json:"country"`
	Region      string     `json:"region"`
	Place       string     `json:"place"` // finer than the region
	Affiliation string     `json:"affiliation"`
}

// Values are the person's own fields, empty ones included, in their order.
func (p Person) Values() []string {
	return []string{p.Name, p.FirstName, p.Initial, p.Pseudonym, p.Country, p.Region, p.Place, p.Affiliation}
}

// checkPeople keeps the list in its one order: the speaker first.
func checkPeople(people []Person) error {
	if len(people) > maxPeople {
		return fmt.Errorf("more than %d people", maxPeople)
	}
	for i, p := range people {
		if p.Role != Participant && (p.Role != Speaker || i > 0) {
			return errors.New("a person is a participant, and the first of them may be the speaker")
		}
		if err := p.check(); err != nil {
			return err
		}
	}
	return nil
}

func (p Person) check() error {
	if utf8.RuneCountInString(p.Initial) > maxInitial {
		return errors.New("an initial is a letter or two")
	}
	said := false
	for _, v := range p.Values() {
		if utf8.RuneCountInString(v) > maxIdentity {
			return fmt.Errorf("a name, place or affiliation longer than %d characters", maxIdentity)
		}
		said = said || v != ""
	}
	if !said {
		return errors.New("a person of whom nothing is said")
	}
	return nil
}

// Captured is what a device knew when a part was made. It is in a part only where
// she switched the testimony to evidence (docs/consent.md); the vault, which
// cannot look inside, relies on clients for that.
type Captured struct {
	Time   int64  `json:"time"` // Unix seconds; 0 where it is not known
	Device string `json:"device"`
	Place  string `json:"place"`
}

func (c *Captured) check() error {
	switch {
	case c == nil:
		return nil
	case *c == Captured{}:
		return errors.New("a capture of which nothing is known: leave it out")
	case c.Time < 0:
		return errors.New("a capture before the time that is counted")
	case utf8.RuneCountInString(c.Device) > maxIdentity, utf8.RuneCountInString(c.Place) > maxIdentity:
		return fmt.Errorf("a device or place longer than %d characters", maxIdentity)
	}
	return nil
}
