// Package canonical reads and writes JSON that has exactly one spelling.
//
// What is signed must mean the same to every program that reads it. Go's JSON
// matches names without regard to case, takes the last of two equal names and
// repairs bad text; JavaScript does other things. So a signed document is
// decoded into a struct whose fields stand in the one permitted order, encoded
// again, and accepted only when the bytes are equal. Characters that the two
// languages escape differently are refused outright.
//
// Decode is for signed documents; request bodies, whose spelling is the
// sender's choice, use Request, which refuses ambiguity but not white space.
package canonical

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"

	jsonv2 "github.com/go-json-experiment/json"
)

// Errors of this package; all mean that the document must be refused.
var (
	ErrSpelling = errors.New("the JSON is not in its canonical spelling")
	ErrText     = errors.New("the text has control characters, U+2028, U+2029 or broken UTF-8")
)

// Encode writes v in declaration order, without white space or HTML escapes.
func Encode(v any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("encode canonical JSON: %w", err)
	}
	out := bytes.TrimSuffix(buf.Bytes(), []byte("\n"))
	if err := checkText(out); err != nil {
		return nil, err
	}
	return out, nil
}

// Decode reads b into v and refuses b unless Encode(v) gives b back. A field of v
// with omitempty is therefore absent when it is empty, and never there and empty.
func Decode(b []byte, v any) error {
	if err := checkText(b); err != nil {
		return err
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		return fmt.Errorf("%w: %w", ErrSpelling, err)
	}
	again, err := Encode(v)
	if err != nil || !bytes.Equal(again, b) {
		return ErrSpelling
	}
	return nil
}

// Request reads a request body: any order and white space, but no unknown,
// repeated or differently cased name, no broken UTF-8 and nothing behind it.
func Request(b []byte, v any) error {
	return jsonv2.Unmarshal(b, v, jsonv2.RejectUnknownMembers(true))
}

// checkText refuses what Go and JavaScript would not escape alike: control
// characters (raw or as \u00XX), line and paragraph separators, and lone
// surrogates, which Go turns into U+FFFD.
func checkText(b []byte) error {
	if !utf8.Valid(b) {
		return ErrText
	}
	for _, r := range string(b) {
		if r < 0x20 || r == 0x7f || r == '\u2028' || r == '\u2029' {
			return ErrText
		}
	}
	// Every escape but \" and \\ has a shorter or forbidden form, so none other
	// can stand in a canonical document.
	for i := 0; i < len(b); i++ {
		if b[i] != '\\' {
			continue
		}
		if i+1 >= len(b) || (b[i+1] != '"' && b[i+1] != '\\') {
			return ErrText
		}
		i++
	}
	return nil
}
