package vectors_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/relatingfield/vault/internal/phrase"
)

type phraseFile struct {
	Secrets  []phraseVector `json:"secrets"`
	Accepted []phraseText   `json:"accepted"`
	Refused  []phraseText   `json:"refused"`
}

type phraseVector struct {
	Secret string              `json:"secret_hex"`
	Words  map[string][]string `json:"words"`
	Digits map[string]string   `json:"digits"`
}

type phraseText struct {
	Case   string `json:"case"`
	Text   string `json:"text"`
	Secret string `json:"secret_hex,omitempty"`
	Reason string `json:"reason,omitempty"`
}

// The spellings of a secret, what is read as one, and what is refused and why
// are those of phrase.json.
func TestPhraseVectors(t *testing.T) {
	var made phraseFile
	for _, secret := range secrets() {
		made.Secrets = append(made.Secrets, phraseOf(t, secret))
	}
	last := made.Secrets[len(made.Secrets)-1]
	made.Accepted = acceptedTexts(last)
	made.Refused = refusedTexts(last)
	for _, c := range made.Accepted {
		if got, err := phrase.Parse(c.Text); err != nil || !got.Equal(parseSecret(t, c.Secret)) {
			t.Errorf("%s: %v", c.Case, err)
		}
	}
	for _, c := range made.Refused {
		if _, err := phrase.Parse(c.Text); !errors.Is(err, reasons()[c.Reason]) {
			t.Errorf("%s: %v, want %s", c.Case, err, c.Reason)
		}
	}
	file(t, "phrase.json", made)
}

func phraseOf(t *testing.T, secret string) phraseVector {
	s := parseSecret(t, secret)
	v := phraseVector{Secret: secret, Words: map[string][]string{}, Digits: map[string]string{}}
	for _, l := range phrase.Languages() {
		v.Words[l.Tag()] = phrase.Words(s, l)
	}
	v.Digits["latn"] = phrase.Digits(s)
	v.Digits["arab"] = digitsFrom('٠', phrase.Digits(s))
	v.Digits["arabext"] = digitsFrom('۰', phrase.Digits(s))
	return v
}

// digitsFrom writes ASCII digits in the numeral system with the given zero.
func digitsFrom(zero rune, text string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return r
		}
		return zero + r - '0'
	}, text)
}

func acceptedTexts(v phraseVector) []phraseText {
	en, fr, digits := strings.Join(v.Words["en"], " "), strings.Join(v.Words["fr"], " "), v.Digits["latn"]
	return []phraseText{
		{Case: "capitals and lines", Text: strings.ToUpper(strings.ReplaceAll(en, " ", "\n")), Secret: v.Secret},
		{Case: "commas and a full stop", Text: strings.ReplaceAll(en, " ", ", ") + ".", Secret: v.Secret},
		{Case: "numbered", Text: "1. " + v.Words["en"][0] + " 2. " + strings.Join(v.Words["en"][1:], " "), Secret: v.Secret},
		{Case: "no-break and ideographic spaces", Text: strings.ReplaceAll(en, " ", "\u00a0\u3000"), Secret: v.Secret},
		{Case: "direction marks", Text: "\u200f" + en + "\u200e", Secret: v.Secret},
		{Case: "French, NFC", Text: fr, Secret: v.Secret},
		{Case: "French, NFD", Text: decompose(fr), Secret: v.Secret},
		{Case: "French, without accents", Text: bare(fr), Secret: v.Secret},
		{Case: "digits without spaces", Text: strings.ReplaceAll(digits, " ", ""), Secret: v.Secret},
		{Case: "digits with hyphens", Text: strings.ReplaceAll(digits, " ", "-"), Secret: v.Secret},
		{Case: "digits of three systems", Text: digitsFrom('٠', digits[:18]) + digitsFrom('०', digits[18:36]) + digits[36:], Secret: v.Secret},
		{Case: "digits with direction marks", Text: "\u2067" + v.Digits["arab"] + "\u2069", Secret: v.Secret},
	}
}

func refusedTexts(v phraseVector) []phraseText {
	en, digits := strings.Join(v.Words["en"], " "), v.Digits["latn"]
	return []phraseText{
		{Case: "nothing", Text: " ", Reason: "empty"},
		{Case: "eleven words", Text: strings.Join(v.Words["en"][:11], " "), Reason: "length"},
		{Case: "thirteen words", Text: en + " zoo", Reason: "length"},
		{Case: "another word", Text: "zoo " + strings.Join(v.Words["en"][1:], " "), Reason: "checksum"},
		{Case: "a shortened word", Text: v.Words["en"][0][:4] + " " + strings.Join(v.Words["en"][1:], " "), Reason: "unknown-word"},
		{Case: "two languages", Text: v.Words["fr"][0] + " " + strings.Join(v.Words["en"][1:], " "), Reason: "unknown-word"},
		{Case: "39 digits", Text: digits[:len(digits)-1], Reason: "length"},
		{Case: "neighbours changed places", Text: digits[1:2] + digits[:1] + digits[2:], Reason: "checksum"},
		{Case: "a letter among digits", Text: "O" + digits[1:], Reason: "not-a-digit"},
		{Case: "2^128", Text: "34028 23669 20938 46346 33746 07431 76821 14568", Reason: "too-large"},
	}
}

// reasons are the names under which the file gives the errors.
func reasons() map[string]error {
	return map[string]error{
		"empty": phrase.ErrEmpty, "length": phrase.ErrLength, "unknown-word": phrase.ErrUnknownWord,
		"not-a-digit": phrase.ErrNotDigit, "checksum": phrase.ErrChecksum, "too-large": phrase.ErrTooLarge,
	}
}
