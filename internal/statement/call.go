package statement

import (
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/relatingfield/vault/internal/canonical"
)

// Bounds of a call.
const (
	MaxCall      = 64 << 10 // bytes of its document
	maxLanguages = 20
	maxPrompts   = 20
	maxCallText  = 1000 // characters
)

// Call is the document of a consultation: what a woman can read before she tells
// anything. It has one spelling, and its hash is what an officer signs.
type Call struct {
	Names    []CallText    `json:"names"`    // one for each language, sorted by it
	Prompts  []CallPrompts `json:"prompts"`  // open questions, in the same languages
	Purposes []Purpose     `json:"purposes"` // sorted, at least one
	Terms    CallTerms     `json:"terms"`    // that are suggested to her, and that she may change
	Support  []CallText    `json:"support"`  // where to find support before and after, in the same languages
}

// CallText is a text in a language (BCP 47).
type CallText struct {
	Language string `json:"language"`
	Text     string `json:"text"`
}

// CallPrompts are the open questions in a language.
type CallPrompts struct {
	Language string   `json:"language"`
	Texts    []string `json:"texts"`
}

// CallTerms are the terms that a call suggests.
type CallTerms struct {
	Attribution Attribution `json:"attribution"`
	Access      Access      `json:"access"`
	Days        int64       `json:"days"` // of a grant, 1 to 732
}

// ReadCall reads a document in its one spelling. Any error wraps ErrRefused.
func ReadCall(document []byte) (*Call, error) {
	if len(document) > MaxCall {
		return nil, fmt.Errorf("%w: the document has more than %d bytes", ErrRefused, MaxCall)
	}
	c := new(Call)
	if err := canonical.Decode(document, c); err != nil {
		return nil, fmt.Errorf("%w: the document: %w", ErrRefused, err)
	}
	if err := c.check(); err != nil {
		return nil, fmt.Errorf("%w: the document: %w", ErrRefused, err)
	}
	return c, nil
}

// Document writes a call in its one spelling.
func (c *Call) Document() ([]byte, error) {
	if err := c.check(); err != nil {
		return nil, fmt.Errorf("write a call: %w", err)
	}
	return canonical.Encode(c)
}

func (c *Call) check() error {
	languages, err := callTexts("names", c.Names)
	if err != nil {
		return err
	}
	support, err := callTexts("support", c.Support)
	if err != nil {
		return err
	}
	if len(languages) == 0 || len(languages) > maxLanguages || !slices.Equal(languages, support) || len(c.Prompts) != len(languages) {
		return fmt.Errorf("names, prompts and support must stand in the same 1 to %d languages", maxLanguages)
	}
	for i, p := range c.Prompts {
		if p.Language != languages[i] || len(p.Texts) == 0 || len(p.Texts) > maxPrompts {
			return fmt.Errorf("each language must have 1 to %d prompts", maxPrompts)
		}
		for _, t := range p.Texts {
			if err := callText("prompt", t); err != nil {
				return err
			}
		}
	}
	return c.checkUse()
}

func (c *Call) checkUse() error {
	switch {
	case len(c.Purposes) == 0 || !sortedSubset(c.Purposes, Purposes()):
		return errors.New("purposes must be known, sorted, each named once, and at least one")
	case !slices.Contains(Attributions(), c.Terms.Attribution):
		return errors.New("attribution is none that there is")
	case c.Terms.Access != View && c.Terms.Access != Download:
		return errors.New("access is neither view nor download")
	case c.Terms.Days < 1 || c.Terms.Days > 732:
		return errors.New("days must be 1 to 732")
	}
	return nil
}

// callTexts gives the languages of texts, which must be sorted, each once.
func callTexts(what string, list []CallText) (languages []string, err error) {
	for i, t := range list {
		if len(t.Language) < 2 || len(t.Language) > 35 || i > 0 && list[i-1].Language >= t.Language {
			return nil, fmt.Errorf("%s must be sorted by language, each once", what)
		}
		if err := callText(what, t.Text); err != nil {
			return nil, err
		}
		languages = append(languages, t.Language)
	}
	return languages, nil
}

func callText(what, text string) error {
	if n := utf8.RuneCountInString(text); n == 0 || n > maxCallText {
		return fmt.Errorf("%s: a text has 1 to %d characters", what, maxCallText)
	}
	return nil
}
