package statement

import (
	"errors"
	"fmt"
	"slices"
)

// Terms are what the reader owes her; docs/consent.md has the meaning of each word.
type Terms struct {
	Purposes    []Purpose    `json:"purposes"`   // sorted, at least one
	Prohibited  []Prohibited `json:"prohibited"` // sorted
	Attribution Attribution  `json:"attribution"`
	Media       []Medium     `json:"media"`        // sorted; in which of its media it may be repeated
	Place       Place        `json:"place"`        // the finest place that may be told
	QuoteReview bool         `json:"quote_review"` // she sees a quote before it is used
	Access      Access       `json:"access"`
	Onward      bool         `json:"onward"`    // may the reader share it within the purposes
	From        int64        `json:"from"`      // Unix seconds
	Until       int64        `json:"until"`     // Unix seconds, after From, at most MaxTerm later
	MaxReads    int64        `json:"max_reads"` // how often each part may be opened; 0 is as often as needed
}

// MaxTerm is ten years in seconds; DefaultTerm, used by clients, is twelve months.
// MaxMaxReads bounds max_reads.
const (
	MaxTerm     = 3653 * Day
	DefaultTerm = 365 * Day
	MaxMaxReads = 1_000_000
)

// Purpose is what a reader may use a part for.
type Purpose string

// Prohibited is a use that stays forbidden whatever the purpose.
type Prohibited string

// Attribution is how what she said may be repeated.
type Attribution string

// Medium is a form in which what she said may be repeated.
type Medium string

// Place is how finely a place may be told.
type Place string

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

// Media, sorted.
func Media() []Medium { return []Medium{"image", "text", "voice", "voice-altered"} }

// The places, from the most to the least protective.
const (
	PlaceNone    Place = "none"
	PlaceCountry Place = "country"
	PlaceRegion  Place = "region"
)

// Places, from the most to the least protective.
func Places() []Place { return []Place{PlaceNone, PlaceCountry, PlaceRegion} }

// View asks the reader's client not to keep a copy; it cannot be enforced by
// cryptography and is said so. Download lets her keep one.
const (
	View     Access = "view"
	Download Access = "download"
)

func (t Terms) check() error {
	return first(t.checkUse(), t.checkRepeating(), t.checkTerm())
}

func (t Terms) checkUse() error {
	if len(t.Purposes) == 0 || !sortedSubset(t.Purposes, Purposes()) {
		return errors.New("purposes must be known, sorted, each named once, and at least one")
	}
	if t.Prohibited == nil || !sortedSubset(t.Prohibited, Prohibitions()) {
		return errors.New("prohibited must be known, sorted, each named once")
	}
	if t.Access != View && t.Access != Download {
		return errors.New("access must be view or download")
	}
	return nil
}

func (t Terms) checkRepeating() error {
	if !slices.Contains(Attributions(), t.Attribution) {
		return errors.New("unknown attribution")
	}
	if t.Media == nil || !sortedSubset(t.Media, Media()) {
		return errors.New("media must be known, sorted, each named once")
	}
	if !slices.Contains(Places(), t.Place) {
		return errors.New("place must be none, country or region")
	}
	return nil
}

func (t Terms) checkTerm() error {
	if t.From <= 0 || t.Until <= t.From || t.Until-t.From > MaxTerm {
		return errors.New("the term must end after it begins, within ten years")
	}
	if t.MaxReads < 0 || t.MaxReads > MaxMaxReads {
		return fmt.Errorf("max_reads must be 0 to %d", MaxMaxReads)
	}
	return nil
}

// Live says whether now, in Unix seconds, is within the term.
func (t Terms) Live(now int64) bool { return now >= t.From && now < t.Until }

// Within says whether t allows nothing that wider does not: then it is a
// downgrade, which she may always make.
func (t Terms) Within(wider Terms) bool {
	return subset(t.Purposes, wider.Purposes) && subset(wider.Prohibited, t.Prohibited) &&
		slices.Index(Attributions(), t.Attribution) <= slices.Index(Attributions(), wider.Attribution) &&
		subset(t.Media, wider.Media) &&
		slices.Index(Places(), t.Place) <= slices.Index(Places(), wider.Place) &&
		(t.QuoteReview || !wider.QuoteReview) &&
		(t.Access == View || wider.Access == Download) &&
		(!t.Onward || wider.Onward) &&
		t.From >= wider.From && t.Until <= wider.Until &&
		(wider.MaxReads == 0 || t.MaxReads != 0 && t.MaxReads <= wider.MaxReads)
}

// Equal says whether two sets of terms are the same.
func (t Terms) Equal(o Terms) bool { return t.Within(o) && o.Within(t) }

func subset[T comparable](list, of []T) bool {
	for _, v := range list {
		if !slices.Contains(of, v) {
			return false
		}
	}
	return true
}

func sortedSubset[T ~string](list, of []T) bool {
	for i, v := range list {
		if !slices.Contains(of, v) || i > 0 && list[i-1] >= v {
			return false
		}
	}
	return true
}
