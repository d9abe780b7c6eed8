// Package warning holds the words that a person is shown before she signs
// something that could be used against her, as data: the same bytes offline, in
// every client, in each language the product speaks.
//
// Promises: a text never changes once it was published. A better one gets the
// next number and the older stay, so that the SHA-256 in a statement always leads
// to the very words that were on her screen. Assumes: nothing. Does not: show
// anything, or know whether somebody has read it.
//
// Source: docs/consent.md, "Listening and evidence".
package warning

import (
	"crypto/sha256"
	"embed"
	"fmt"
	"strings"
)

//go:embed texts/*.txt
var texts embed.FS

// newest is the number of the words that are shown today.
const newest = 1

// Languages lists those there are, the first for whoever speaks none of them:
// English, French, Arabic, Ukrainian, Sorani.
func Languages() []string { return []string{"en", "fr", "ar", "uk", "ckb"} }

// Text is one warning in one language.
type Text struct {
	Language string
	Words    string
}

// SHA256 is of the words, byte for byte.
func (t Text) SHA256() [sha256.Size]byte { return sha256.Sum256([]byte(t.Words)) }

// Evidence is what is shown before a testimony is kept as evidence. Of a BCP 47
// tag the language counts; one that is not there gets the first there is.
func Evidence(tag string) (Text, error) {
	language := strings.ToLower(tag)
	if i := strings.IndexAny(language, "-_"); i >= 0 {
		language = language[:i]
	}
	for _, l := range Languages() {
		if l == language {
			return read(newest, l)
		}
	}
	return read(newest, Languages()[0])
}

// Shown finds the words of any number that have this SHA-256.
func Shown(sum [sha256.Size]byte) (Text, bool) {
	for number := 1; number <= newest; number++ {
		for _, l := range Languages() {
			if t, err := read(number, l); err == nil && t.SHA256() == sum {
				return t, true
			}
		}
	}
	return Text{}, false
}

func read(number int, language string) (Text, error) {
	b, err := texts.ReadFile(fmt.Sprintf("texts/evidence-%d.%s.txt", number, language))
	if err != nil {
		return Text{}, fmt.Errorf("read warning: %w", err)
	}
	return Text{language, string(b)}, nil
}
