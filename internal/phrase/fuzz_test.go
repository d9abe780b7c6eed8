package phrase_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/relatingfield/vault/internal/phrase"
)

// Whatever is typed, Parse does not panic, and what it accepts is a secret
// whose every spelling is read back to the same secret.
func FuzzParseAgreesWithTheSpellings(f *testing.F) {
	for _, hex := range []string{"00000000000000000000000000000000", "f30f8c1da665478f49b001d94c5fc452"} {
		s := of(f, hex)
		f.Add(phrase.Digits(s))
		f.Add(in('٠', phrase.Digits(s)))
		for _, l := range phrase.Languages() {
			f.Add(strings.Join(phrase.Words(s, l), " "))
		}
	}
	f.Add("1. Legal, winner\u200f \uff9e")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := phrase.Parse(text)
		if err != nil {
			return
		}
		if again, err := phrase.Parse(phrase.Digits(s)); err != nil || !again.Equal(s) {
			t.Fatalf("%q: digits: %v", text, err)
		}
		for _, l := range phrase.Languages() {
			again, err := phrase.Parse(strings.Join(phrase.Words(s, l), " "))
			if err != nil && !errors.Is(err, phrase.ErrAmbiguous) || err == nil && !again.Equal(s) {
				t.Fatalf("%q: %s: %v", text, l, err)
			}
		}
	})
}
