package statement

import (
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
}

// GrantedPart binds one part and the header made for the reader.
type GrantedPart struct {
	N             int64  `json:"n"`
	PayloadSHA256 string `json:"payload_sha256"`
	Commit        string `json:"commit"`
	HeaderSHA256  string `json:"header_sha256"` // of the reader's header
}

// Terms are what the reader owes her; docs/consent.md has the meaning of each word.
type Terms struct {
	Purposes    []Purpose    `json:"purposes"`   // sorted, at least one
	Prohibited  []Prohibited `json:"prohibited"` // sorted
	Attribution Attribution  `json:"attribution"`
	Access      Access       `json:"access"`
	Onward      bool         `json:"onward"` // may the reader share it within the purposes
	From        int64        `json:"from"`   // Unix seconds
	Until       int64        `json:"until"`  // Unix seconds, after From, at most MaxTerm later
}

// MaxTerm is ten years in seconds; DefaultTerm, used by clients, is twelve months.
const (
	MaxTerm     = 3653 * Day
	DefaultTerm = 365 * Day
	maxParts    = 1000
)

// Purpose is what a reader may use a part for.
type Purpose string

// Prohibited is a use that stays forbidden whatever the purpose.
type Prohibited string

// Attribution is how what she said may be repeated.
type Attribution string

// Access says whether the reader may keep a copy.
type Access string

// Purposes, in the order screens show them.
func Purposes() []Purpose {
	return []Purpose{"SafeKeeping", "BeingHeard", "PeerCircle", "Referral", "Research", "PolicyAdvice", "Publication",
		"Podcast", "Training", "LegalAccountability", "Memorial"}
}

// Prohibitions are all in force unless she lifts one.
func Prohibitions() []Prohibited {
	return []Prohibited{"commercial-use", "face-recognition", "immigration-use", "law-enforcement-use", "linkage",
		"machine-learning", "re-identification", "third-party-transcription", "voice-cloning"}
}

// The attributions, from the most to the least protective.
const (
	ListenOnly       Attribution = "listen-only"
	OffTheRecord     Attribution = "off-the-record"
	Background       Attribution = "background"
	ChathamHouse     Attribution = "chatham-house"
	Pseudonym        Attribution = "pseudonym"
	FirstNameInitial Attribution = "first-name-initial"
	Named            Attribution = "named"
)

// Attributions, from the most to the least protective.
func Attributions() []Attribution {
	return []Attribution{ListenOnly, OffTheRecord, Background, ChathamHouse, Pseudonym, FirstNameInitial, Named}
}

// View asks the reader's client not to keep a copy; it cannot be enforced by
// cryptography and is said so. Download lets her keep one.
const (
	View     Access = "view"
	Download Access = "download"
)

func (Grant) act() Act         { return ActGrant }
func (g Grant) Subject() id.ID { return g.Testimony }

func (g Grant) check() error {
	_, err := id.ParseThumbprint(string(g.Grantee))
	return first(subject(g.Testimony), err, hashes(g.RecipientSHA256, g.Accreditation), g.checkParts(), g.Terms.check())
}

func (g Grant) checkParts() error {
	if len(g.Parts) == 0 || len(g.Parts) > maxParts {
		return fmt.Errorf("a grant names 1 to %d parts", maxParts)
	}
	last := int64(0)
	for _, p := range g.Parts {
		if p.N <= last {
			return errors.New("parts must be sorted by n, each named once")
		}
		if err := first(partNumber(p.N), hashes(p.PayloadSHA256, p.Commit, p.HeaderSHA256)); err != nil {
			return err
		}
		last = p.N
	}
	return nil
}

func (t Terms) check() error {
	if len(t.Purposes) == 0 || !sortedSubset(t.Purposes, Purposes()) {
		return errors.New("purposes must be known, sorted, each named once, and at least one")
	}
	if t.Prohibited == nil || !sortedSubset(t.Prohibited, Prohibitions()) {
		return errors.New("prohibited must be known, sorted, each named once")
	}
	if !slices.Contains(Attributions(), t.Attribution) {
		return errors.New("unknown attribution")
	}
	if t.Access != View && t.Access != Download {
		return errors.New("access must be view or download")
	}
	if t.From <= 0 || t.Until <= t.From || t.Until-t.From > MaxTerm {
		return errors.New("the term must end after it begins, within ten years")
	}
	return nil
}

// Live says whether now, in Unix seconds, is within the term.
func (t Terms) Live(now int64) bool { return now >= t.From && now < t.Until }

func sortedSubset[T ~string](list, of []T) bool {
	for i, v := range list {
		if !slices.Contains(of, v) || i > 0 && list[i-1] >= v {
			return false
		}
	}
	return true
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
