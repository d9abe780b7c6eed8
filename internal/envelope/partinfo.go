package envelope

import (
	"errors"
	"fmt"
	"mime"
	"slices"
	"strings"

	"github.com/relatingfield/vault/internal/canonical"
)

const (
	maxPartInfo  = 4 << 10
	maxName      = 255
	maxMediaType = 127
)

// Kind says how a part relates to what she brought in.
type Kind string

// The kinds of part. All but Original are made from another part.
const (
	Original     Kind = "original"
	Cleaned      Kind = "cleaned"       // metadata removed, content unchanged
	Redacted     Kind = "redacted"      // passages, faces or names removed
	VoiceAltered Kind = "voice-altered" // the speaker's voice changed
	Transcript   Kind = "transcript"    // the words of a recording
	Translation  Kind = "translation"   // in another language
	Cut          Kind = "cut"           // a stretch of a recording left out
)

// Kinds lists them, Original first.
func Kinds() []Kind {
	return []Kind{Original, Cleaned, Redacted, Cut, VoiceAltered, Transcript, Translation}
}

// PartInfo is part.json, the description of a part that travels sealed inside
// its container.
type PartInfo struct {
	// MediaType as in RFC 2045, parameters included, at most 127 bytes.
	MediaType string `json:"media_type"`
	// Name is the file's original name, at most 255 bytes, or empty. It never
	// holds a path, but it is what somebody else typed: show it, do not create
	// a file by it without asking.
	Name string `json:"name"`
	Kind Kind   `json:"kind"`
	// DerivedFrom is the number, in the same testimony, of the part that this
	// one was made from: at least 1, and 0 exactly when Kind is Original. A
	// digest would let the reader of a redacted part test guesses about the
	// original, and a payload's changes with a re-lock.
	DerivedFrom int `json:"derived_from"`
	// People are those who can be recognised in the part, the speaker first;
	// absent when there are none.
	People []Person `json:"people,omitempty"`
	// Captured is absent in listening mode.
	Captured *Captured `json:"captured,omitempty"`
}

// Encode gives the one JSON text of p, or an ErrContainer.
func (p PartInfo) Encode() ([]byte, error) {
	text, err := canonical.Encode(p)
	if err == nil && len(text) > maxPartInfo {
		err = fmt.Errorf("longer than %d bytes", maxPartInfo)
	}
	if err == nil {
		err = p.check()
	}
	if err != nil {
		return nil, fmt.Errorf("part description: %w: %w", ErrContainer, err)
	}
	return text, nil
}

// ParsePartInfo reads exactly what Encode writes; all else is an ErrContainer.
func ParsePartInfo(text []byte) (PartInfo, error) {
	var p PartInfo
	err := error(nil)
	if len(text) > maxPartInfo {
		err = fmt.Errorf("longer than %d bytes", maxPartInfo)
	} else if err = canonical.Decode(text, &p); err == nil {
		err = p.check()
	}
	if err != nil {
		return PartInfo{}, fmt.Errorf("part description: %w: %w", ErrContainer, err)
	}
	return p, nil
}

func (p PartInfo) check() error {
	if err := checkMediaType(p.MediaType); err != nil {
		return err
	}
	if err := checkName(p.Name); err != nil {
		return err
	}
	if err := checkPeople(p.People); err != nil {
		return err
	}
	if err := p.Captured.check(); err != nil {
		return err
	}
	return checkDerived(p.Kind, p.DerivedFrom)
}

func checkDerived(kind Kind, from int) error {
	switch {
	case !slices.Contains(Kinds(), kind):
		return errors.New("unknown kind of part")
	case kind == Original && from != 0:
		return errors.New("an original is not derived from another part")
	case kind != Original && from < 1:
		return errors.New("name the part this one is derived from")
	}
	return nil
}

func checkMediaType(s string) error {
	t, _, err := mime.ParseMediaType(s)
	if err != nil || !strings.Contains(t, "/") || len(s) > maxMediaType {
		return errors.New("not a media type, such as audio/webm")
	}
	return nil
}

// checkName refuses what would be a path on any system, so that a careless
// reader of part.json cannot be led out of a folder.
func checkName(s string) error {
	if len(s) > maxName {
		return fmt.Errorf("name longer than %d bytes", maxName)
	}
	if strings.ContainsAny(s, `/\`) || s == "." || s == ".." {
		return errors.New("name is a path: leave only the file's own name")
	}
	return nil
}
