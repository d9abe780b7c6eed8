package phrase

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxText bounds the work done for a text, in bytes: a phrase has about a
// hundred characters, a card with numbering and marks some hundreds.
const maxText = 4096

// Parse reads a card: words if there are more letters than digits, otherwise
// digits. It decides alone which list the words are from.
//
// Words are compared without case and accents, after Unicode NFKD; whatever is
// neither letter, accent nor invisible mark separates them, so numbering and
// commas do no harm. Shortened words are refused: the first four letters would
// name a word, but then a half-remembered phrase would open an empty vault.
// Digits may be of any numeral system, also mixed.
func Parse(text string) (Secret, error) {
	if len(text) > maxText || !utf8.ValidString(text) {
		return Secret{}, ErrNotText
	}
	letters, digits := census(text)
	switch {
	case letters == 0 && digits == 0:
		return Secret{}, ErrEmpty
	case letters > digits:
		return fromWords(split(text))
	default:
		return fromDigits(text)
	}
}

func census(text string) (letters, digits int) {
	for _, r := range text {
		if unicode.IsLetter(r) {
			letters++
		} else if unicode.Is(unicode.Nd, r) {
			digits++
		}
	}
	return letters, digits
}

// split gives the folded words of the text.
func split(text string) []string {
	return strings.FieldsFunc(fold(text), func(r rune) bool { return !unicode.IsLetter(r) })
}

// fold drops what two typings of one word may differ in. That accents go too is
// safe because no list has two words that differ in accents alone (tested).
func fold(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.M, unicode.Cf) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFKD.String(text))
}

// fromWords reads the words in every language in which all of them are known.
func fromWords(words []string) (Secret, error) {
	var known bool
	var found []Secret
	var best []reading
	for _, l := range Languages() {
		r := read(words, l)
		best = better(best, r)
		known = known || r.unknown < 0
		if s, ok := r.secret(); ok {
			found = append(found, s)
		}
	}
	switch {
	case !known:
		return Secret{}, unknownWord(words, best)
	case len(words) != wordCount:
		return Secret{}, fmt.Errorf("%w: %d words were given, the card has %d", ErrLength, len(words), wordCount)
	case len(found) == 0:
		return Secret{}, fmt.Errorf("%w: one of the words is different from your card, or two have changed places", ErrChecksum)
	case len(found) > 1:
		return Secret{}, ErrAmbiguous
	}
	return found[0], nil
}
