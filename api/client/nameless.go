package client

import (
	"encoding/json"
	"io"
	"mime"
	"os"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// A program can leave out fields, not what a sentence tells. What it can do is
// look whether a text holds one of the very names that the terms leave out, and
// then keep the whole text back. That is a guard against oversight: it does not
// see a nickname, a street, a voice or a face, and finds nothing in pictures,
// recordings and office files.

// maxSearched bounds the text that is looked through, in bytes. More than that
// nobody typed.
const maxSearched = 32 << 20

// nameless fails with ErrNamesLeft if the text in a file holds one of the names.
// What is no text passes; a text that cannot be read as UTF-8 does not.
func nameless(path, media string, names []string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return namelessIn(f, media, names)
}

// namelessIn is nameless for a text that is read.
func namelessIn(r io.Reader, media string, names []string) error {
	kind, _, err := mime.ParseMediaType(media)
	if err != nil || len(names) == 0 || !isText(kind) {
		return err
	}
	b, err := io.ReadAll(io.LimitReader(r, maxSearched+1))
	if err != nil {
		return err
	}
	if len(b) > maxSearched || !utf8.Valid(b) {
		return refused("the text is too long, or not in UTF-8, so it cannot be searched for the names that her terms leave out: ask her for a redacted copy")
	}
	text := string(b)
	if kind == "application/json" {
		text += "\n" + spoken(text)
	}
	text = folded(text)
	for _, n := range names {
		if mentions(text, folded(n)) {
			return ErrNamesLeft
		}
	}
	return nil
}

// spoken are the texts in a JSON document as they are meant, without escapes.
func spoken(document string) string {
	var out strings.Builder
	d := json.NewDecoder(strings.NewReader(document))
	for {
		token, err := d.Token()
		if err != nil { // also of what is no JSON: it is searched as it stands
			return out.String()
		}
		if s, ok := token.(string); ok {
			out.WriteString(s + "\n")
		}
	}
}

// folded makes the spellings of a name equal: composed and decomposed letters,
// vowel signs and accents, long dashes of Arabic letters, joiners, case.
func folded(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Mn, unicode.Cf) || r == '\u0640' {
			return -1
		}
		if unicode.IsSpace(r) {
			return ' '
		}
		return unicode.ToLower(r)
	}, norm.NFKD.String(s))
}

// mentions looks for a name as a word. Latin names stand by themselves; Cyrillic
// ones may have other endings; to Arabic ones small words are joined in front.
func mentions(text, name string) bool {
	if name = strings.TrimSpace(name); name == "" {
		return false
	}
	first, _ := utf8.DecodeRuneInString(name)
	open, closed := unicode.Is(unicode.Arabic, first), unicode.Is(unicode.Latin, first)
	for at := 0; ; {
		i := strings.Index(text[at:], name)
		if i < 0 {
			return false
		}
		from := at + i
		before, _ := utf8.DecodeLastRuneInString(text[:from])
		after, _ := utf8.DecodeRuneInString(text[from+len(name):])
		if (open || !unicode.IsLetter(before)) && (!closed || !unicode.IsLetter(after)) {
			return true
		}
		at = from + 1
	}
}
