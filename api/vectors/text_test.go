package vectors_test

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// decompose writes accents as characters of their own.
func decompose(text string) string { return norm.NFD.String(text) }

// bare leaves the accents out.
func bare(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, decompose(text))
}
