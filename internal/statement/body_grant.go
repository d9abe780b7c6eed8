package statement

import (
	"encoding/base64"
	"errors"
	"fmt"
	"slices"

	"github.com/relatingfield/vault/internal/id"
)

// Grant lets one reader open named parts for named purposes, on her terms, for a
// time. The statement's id is the grant's.
type Grant struct {
	Testimony       id.ID         `json:"testimony"`
	Parts           []GrantedPart `json:"parts"` // by n, each once
	Grantee         id.Thumbprint `json:"grantee"`
	RecipientSHA256 string        `json:"recipient_sha256"` // of the text of the grantee's recipient
	Accreditation   string        `json:"accreditation"`    // hash of the accredit body she relied on
	Terms
	Conditions Conditions `json:"conditions"`
	// Labels is what she says of the content before it is opened: a small age file
	// sealed to the grantee's own recipient, of one length whatever it says. Absent
	// from programs that knew no labels.
	Labels string `json:"labels,omitzero"`
}

// LabelsSize is the length of sealed content labels in bytes: nothing about them can
// be told from it.
const LabelsSize = 1915

func (g Grant) checkLabels() error {
	if g.Labels == "" {
		return nil
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(g.Labels)
	if err != nil || len(b) != LabelsSize || len(g.Labels) != base64.RawURLEncoding.EncodedLen(LabelsSize) {
		return fmt.Errorf("labels have %d bytes in base64url", LabelsSize)
	}
	return nil
}

// Conditions are what has to have happened, beside the term, before the reader's
// headers leave the vault.
type Conditions struct {
	Policy id.ID `json:"policy"` // of the policy statement for this testimony and grantee; empty when there is none
}

// GrantedPart binds one part and the header made for the reader.
type GrantedPart struct {
	N             int64  `json:"n"`
	PayloadSHA256 string `json:"payload_sha256"`
	Commit        string `json:"commit"`
	HeaderSHA256  string `json:"header_sha256"` // of the reader's header
	// Brought is how it came, of a part that a partner brought: her word, which the
	// vault holds against the note. Absent for what she made.
	Brought Brought `json:"brought,omitzero"`
}

// Brought is what a reader is told of how a part came that somebody else brought.
// The assurance is always told; who brought it, and when, where she says so.
type Brought struct {
	Assurance  string `json:"assurance"`   // of the delivery note
	Claimed    bool   `json:"claimed"`     // it lay in a collection of the partner's before
	NoteSHA256 string `json:"note_sha256"` // of the note that the reader gets; empty where it gets none
}

// BroughtAssurances are the words for how something came, the best first: those of
// delivery notes (package delivery, which rests on this one).
func BroughtAssurances() []string {
	return []string{"partner-device", "gateway", "vault", "field-form"}
}

func (b Brought) check() error {
	switch {
	case b == Brought{}:
		return nil
	case !slices.Contains(BroughtAssurances(), b.Assurance):
		return errors.New("brought has no assurance that there is")
	case b.NoteSHA256 == "":
		return nil
	}
	return hashes(b.NoteSHA256)
}

func (Grant) act() Act         { return ActGrant }
func (g Grant) Subject() id.ID { return g.Testimony }

func (g Grant) check() error {
	_, err := id.ParseThumbprint(string(g.Grantee))
	return first(subject(g.Testimony), err, hashes(g.RecipientSHA256, g.Accreditation), g.checkParts(), g.Terms.check(), optional(g.Conditions.Policy), g.checkLabels())
}

// maxParts bounds the parts of one grant.
const maxParts = 1000

func (g Grant) checkParts() error {
	if len(g.Parts) == 0 || len(g.Parts) > maxParts {
		return fmt.Errorf("a grant names 1 to %d parts", maxParts)
	}
	last := int64(0)
	for _, p := range g.Parts {
		if p.N <= last {
			return errors.New("parts must be sorted by n, each named once")
		}
		if err := first(partNumber(p.N), hashes(p.PayloadSHA256, p.Commit, p.HeaderSHA256), p.Brought.check()); err != nil {
			return err
		}
		last = p.N
	}
	return nil
}

// Revoke ends a grant. The header is destroyed, this statement stays.
type Revoke struct {
	Testimony id.ID `json:"testimony"`
	Grant     id.ID `json:"grant"`
}

func (Revoke) act() Act         { return ActRevoke }
func (r Revoke) Subject() id.ID { return r.Testimony }

func (r Revoke) check() error {
	if _, err := id.Parse(string(r.Grant)); err != nil {
		return fmt.Errorf("grant: %w", err)
	}
	return subject(r.Testimony)
}
