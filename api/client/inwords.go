package client

import (
	"slices"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/explain"
)

// inWords are terms for somebody who reads no JSON, in their language.
type inWords struct {
	Language string   `json:"language"`
	Lines    []string `json:"lines"`
}

// plainly says the terms in a language, or in English where there are no words in
// it; nil where even those are broken, which the tests of explain rule out.
func plainly(tag string, t api.Terms) *inWords {
	l, err := explain.In(explain.Pick(func(string) string { return tag }))
	if err != nil {
		return nil
	}
	return &inWords{l.Tag(), l.Terms(t)}
}

// say tells whether the words are those of this program for the terms, so that
// words which somebody edited, or another version wrote, are not taken for hers.
func (w *inWords) say(t api.Terms) bool {
	if w == nil {
		return true
	}
	ours := plainly(w.Language, t)
	return ours != nil && ours.Language == w.Language && slices.Equal(ours.Lines, w.Lines)
}
