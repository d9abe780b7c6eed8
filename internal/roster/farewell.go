package roster

import (
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// Farewell is the stewards' word that a vault ends, or ends at its address. It stands
// in the roster, so it has their threshold behind it, reaches everybody who verifies
// the roster, and is journaled with it; a roster without it takes it back.
//
// From the day Stops on nobody enrols and no testimony begins; everything can be
// taken home until the day Last is over; then nothing is served but this word.
type Farewell struct {
	Kind   FarewellKind `json:"kind"`
	Stops  string       `json:"stops"`            // first day on which nothing begins, like 2026-11-23, UTC
	Last   string       `json:"last"`             // last day on which anything is served
	Origin string       `json:"origin,omitempty"` // of moving: where it goes on, like https://vault.example
	Vault  string       `json:"vault,omitempty"`  // of moving: the id of the other vault; absent when this vault itself moves there
}

// FarewellKind says what becomes of the vault.
type FarewellKind string

// The kinds.
const (
	Closing FarewellKind = "closing" // it ends
	Moving  FarewellKind = "moving"  // it goes on elsewhere
)

// MinFarewell is the least time between the day on which a farewell is written and its
// last day: people look in seldom, and must see it coming.
const MinFarewell = 30 * day

const (
	day       = 24 * time.Hour
	maxOrigin = 256
)

// Stage is where a farewell stands.
type Stage int

// The stages.
const (
	Serving Stage = iota // as always
	Winding              // nothing begins; what is here is served
	Over                 // nothing is served but the word itself
)

// StageAt is the stage at a moment; a nil Farewell is no farewell.
func (f *Farewell) StageAt(now time.Time) Stage {
	switch today := now.UTC().Format(dayFormat); {
	case f == nil || today < f.Stops:
		return Serving
	case today <= f.Last:
		return Winding
	}
	return Over
}

// Here tells whether an origin is where a vault has moved to. There it serves: the
// word was for those who come to the old one.
func (f *Farewell) Here(origins []string) bool {
	if f == nil || f.Kind != Moving || f.Vault != "" {
		return false
	}
	for _, o := range origins {
		if o == f.Origin {
			return true
		}
	}
	return false
}

func (f *Farewell) check() error {
	switch {
	case f == nil:
		return nil
	case f.Kind != Closing && f.Kind != Moving:
		return errors.New("a farewell is closing or moving")
	case !isDay(f.Stops) || !isDay(f.Last) || f.Last < f.Stops:
		return errors.New("a farewell has two days like 2026-11-23, the last not before the first")
	case (f.Kind == Moving) != (f.Origin != ""):
		return errors.New("moving, and only that, says where to")
	case f.Origin != "" && !isOrigin(f.Origin):
		return errors.New("the new address is not written like https://vault.example or http://….onion")
	case f.Vault != "" && f.Kind != Moving:
		return errors.New("only moving names another vault")
	case f.Vault != "":
		if b, err := base64.RawURLEncoding.Strict().DecodeString(f.Vault); err != nil || len(b) != 32 {
			return errors.New("the id of the other vault has 43 letters and digits")
		}
	}
	return nil
}

// early refuses a farewell that is new in next and leaves people less than
// [MinFarewell]. One that had been given before stays as it is.
func early(before, next *Document) error {
	f := next.Farewell
	if f == nil || before.Farewell != nil && *f == *before.Farewell {
		return nil
	}
	written, err := time.Parse(dayFormat, next.Day)
	if err != nil {
		return err
	}
	if least := written.Add(MinFarewell).Format(dayFormat); f.Last < least {
		return fmt.Errorf("%w: document %d gives people less than 30 days: its last day is %s, %s is the earliest", ErrLink, next.Seq, f.Last, least)
	}
	return nil
}

func isDay(text string) bool {
	t, err := time.Parse(dayFormat, text)
	return err == nil && t.Format(dayFormat) == text
}

// origins are the addresses that are accepted, as browsers spell them; on none can
// anybody read along. No parser decides: clients in other languages use the same pattern.
var origins = regexp.MustCompile(`^(https://[a-z0-9]([a-z0-9.-]*[a-z0-9])?|http://([a-z0-9.-]+\.onion|localhost|127\.0\.0\.1))(:[1-9][0-9]{0,4})?$`)

func isOrigin(text string) bool {
	usual := strings.HasPrefix(text, "https:") && strings.HasSuffix(text, ":443") || strings.HasPrefix(text, "http:") && strings.HasSuffix(text, ":80")
	return len(text) <= maxOrigin && !usual && origins.MatchString(text)
}
