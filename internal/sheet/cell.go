package sheet

import (
	"encoding/csv"
	"io"
	"strings"
	"unicode"
)

// starts are the characters with which a spreadsheet begins a formula, in both
// widths.
const starts = "=+-@|%＝＋－＠"

// cell makes somebody's text a cell of one line that no spreadsheet computes.
//
// A formula can begin where the cell begins, also behind blanks and marks that
// nobody sees. It can also begin in the middle: a spreadsheet set to another
// separator than the comma cuts a quoted cell at it, because the quote no longer
// stands at the beginning. So an apostrophe, which spreadsheets show as text, goes
// before whatever would begin a formula there, too.
func cell(text string) string {
	var b strings.Builder
	begins := true
	for _, r := range line(text) {
		switch {
		case begins && strings.ContainsRune(starts, r):
			b.WriteRune('\'')
			begins = false
		case strings.ContainsRune(";,\"|", r):
			begins = true
		case !unseen(r):
			begins = false
		}
		b.WriteRune(r)
	}
	return b.String()
}

// unseen is what a program may skip before it looks whether a formula begins.
func unseen(r rune) bool { return unicode.IsSpace(r) || unicode.In(r, unicode.Cf, unicode.Cc) }

// line makes a text one line: breaks and tabs become blanks, and control
// characters and those that turn the order of text around go. Joiners, which the
// spelling of names needs, stay.
func line(text string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r), r == '\u2028', r == '\u2029':
			return ' '
		case unicode.Is(unicode.Cc, r), r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069', r == '\ufeff':
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "\ufffd")))
}

// table writes rows as RFC 4180 has them.
func table(w io.Writer, rows [][]string) error {
	c := csv.NewWriter(w)
	c.UseCRLF = true
	return c.WriteAll(rows)
}
