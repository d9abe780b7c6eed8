package canarytest

import (
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Spelling is a way bytes are written down.
type Spelling struct {
	Name string
	// Forms are the texts that stand in a file for the data, whatever stands
	// before and behind it. None: the data cannot be spelled so.
	Forms func(data []byte) [][]byte
	// Must tells whether data of this kind has a form to look for.
	Must func(data []byte) bool
}

// Spellings are all that are looked for.
func Spellings() []Spelling {
	always := func([]byte) bool { return true }
	foreign := func(b []byte) bool { return utf8.Valid(b) && strings.IndexFunc(string(b), beyondASCII) >= 0 }
	return []Spelling{
		{"plain", one(func(b []byte) []byte { return b }), always},
		{"base64", inGroups(3, 4, func(b []byte) string { return base64.RawStdEncoding.EncodeToString(b) }), always},
		{"base64url", inGroups(3, 4, func(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }), always},
		{"base32", inGroups(5, 8, func(b []byte) string { return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b) }), always},
		{"base32, lower case", inGroups(5, 8, func(b []byte) string {
			return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b))
		}), always},
		{"hexadecimal", one(func(b []byte) []byte { return []byte(hex.EncodeToString(b)) }), always},
		{"hexadecimal, upper case", one(func(b []byte) []byte { return []byte(strings.ToUpper(hex.EncodeToString(b))) }), always},
		{"UTF-16, little end first", text(func(s string) string { return wide(binary.LittleEndian, s) }), utf8.Valid},
		{"UTF-16, big end first", text(func(s string) string { return wide(binary.BigEndian, s) }), utf8.Valid},
		{"quoted", text(func(s string) string { return inside(strconv.QuoteToASCII(s)) }), foreign},
		{"quoted, upper case", text(func(s string) string { return upperEscapes(inside(strconv.QuoteToASCII(s))) }), foreign},
		{"URL", text(url.QueryEscape), foreign},
		{"URL, lower case", text(func(s string) string { return strings.ToLower(url.QueryEscape(s)) }), foreign},
	}
}

func beyondASCII(r rune) bool { return r >= utf8.RuneSelf }

func one(spell func([]byte) []byte) func([]byte) [][]byte {
	return func(b []byte) [][]byte { return [][]byte{spell(b)} }
}

func text(spell func(string) string) func([]byte) [][]byte {
	return func(b []byte) [][]byte {
		if !utf8.Valid(b) {
			return nil
		}
		return [][]byte{[]byte(spell(string(b)))}
	}
}

// inGroups is for encodings that write in bytes as out characters: the mark
// stands at any place of a group, and the groups it shares with its neighbours
// are left out.
func inGroups(in, out int, encode func([]byte) string) func([]byte) [][]byte {
	return func(b []byte) [][]byte {
		var forms [][]byte
		for before := range in {
			padded := append(make([]byte, before, before+len(b)), b...)
			first, last := (before+in-1)/in, len(padded)/in
			if first < last {
				forms = append(forms, []byte(encode(padded[:last*in])[first*out:]))
			}
		}
		return forms
	}
}

func wide(order binary.AppendByteOrder, s string) string {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = order.AppendUint16(b, u)
	}
	return string(b)
}

// inside takes the quotation marks off.
func inside(quoted string) string { return quoted[1 : len(quoted)-1] }

// upperEscapes writes \u0634 as some others do: \u06AB.
func upperEscapes(s string) string {
	parts := strings.Split(s, `\u`)
	for i, p := range parts[1:] {
		n := min(4, len(p))
		parts[i+1] = strings.ToUpper(p[:n]) + p[n:]
	}
	return strings.Join(parts, `\u`)
}
