// Package strictjson gives every value exactly one JSON text.
//
// encoding/json reads more than it writes: it matches names whatever their
// case, takes the last of repeated names and skips what it does not know, so
// two readers of one signed or sealed text could see two different values.
// Decode therefore accepts a text only when Encode would write the same bytes
// for the value it read.
//
// The text must also be the same from Go and from JavaScript's JSON.stringify.
// They differ in the characters they escape (U+2028, U+2029, lone surrogates,
// the control characters), so those have no place in it: the only escapes are
// \" and \\. Numbers are the caller's care: JavaScript is exact up to 2^53.
//
// Struct fields without omitempty, and slices that are never nil, are what
// makes a type fit for it.
package strictjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"unicode"
	"unicode/utf8"
)

// ErrNotExact reports a text that is not the one spelling of its value.
var ErrNotExact = errors.New("not the one accepted spelling")

// Encode writes v without white space. It fails with ErrNotExact when a string
// in v holds invalid UTF-8, a control character, U+2028 or U+2029.
func Encode(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	text := bytes.TrimSuffix(b.Bytes(), []byte("\n"))
	return text, plain(text)
}

// Decode reads b into v, a pointer to a zero value, and fails with ErrNotExact
// unless Encode(v) gives b back. After an error v must not be used.
func Decode(b []byte, v any) error {
	if err := plain(b); err != nil {
		return err
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		return fmt.Errorf("%w: %w", ErrNotExact, err)
	}
	again, err := Encode(v)
	if err != nil {
		return err
	}
	if !bytes.Equal(again, b) {
		return fmt.Errorf("%w: written again it gives other bytes", ErrNotExact)
	}
	return nil
}

// plain refuses the characters that encoders spell differently. It looks at the
// whole text, not at its strings: outside a string they are no JSON either.
func plain(text []byte) error {
	for rest := text; len(rest) > 0; {
		r, n := utf8.DecodeRune(rest)
		if r == '\\' && len(rest) > 1 {
			n = 2 // the pair, so that the second half of \\ starts no escape
		}
		if r == utf8.RuneError && n == 1 || r == '\\' && !escapesPlainly(rest) || !printable(r) {
			return fmt.Errorf("%w: a character at byte %d has no place here", ErrNotExact, len(text)-len(rest))
		}
		rest = rest[n:]
	}
	return nil
}

func escapesPlainly(pair []byte) bool {
	return len(pair) > 1 && (pair[1] == '"' || pair[1] == '\\')
}

func printable(r rune) bool {
	return !unicode.IsControl(r) && r != '\u2028' && r != '\u2029'
}
