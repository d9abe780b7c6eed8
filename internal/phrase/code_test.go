package phrase_test

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"strings"
	"testing"

	"github.com/relatingfield/vault/internal/phrase"
)

func code(t *testing.T) string {
	t.Helper()
	c, err := phrase.NewCode(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// The largest number that is drawn has twenty nines; what is larger is drawn again.
func TestACodeIsTwentyRandomDigitsAndACheckDigit(t *testing.T) {
	for name, c := range map[string]struct {
		random string
		want   string
	}{
		"zero":                {strings.Repeat("\x00", 9), "00000 00000 00000 00000 0"},
		"the largest":         {"\x05\x6b\xc7\x5e\x2d\x63\x0f\xff\xff", "99999 99999 99999 99999 "},
		"one more, then zero": {"\x05\x6b\xc7\x5e\x2d\x63\x10\x00\x00" + strings.Repeat("\x00", 9), "00000 00000 00000 00000 0"},
		"the top bits":        {"\xf8" + strings.Repeat("\x00", 8), "00000 00000 00000 00000 0"},
	} {
		got, err := phrase.NewCode(strings.NewReader(c.random))
		if err != nil || !strings.HasPrefix(got, c.want) || len(got) != 25 || phrase.CheckCode(got) != nil {
			t.Errorf("%s: %q, %v, want %q", name, got, err, c.want)
		}
	}
	for name, none := range map[string][]byte{"no randomness": nil, "always the same": bytes.Repeat([]byte{0xff}, 9000)} {
		if _, err := phrase.NewCode(bytes.NewReader(none)); err == nil {
			t.Errorf("a code came out of %s", name)
		}
	}
	seen := map[string]bool{}
	for range 1000 {
		seen[code(t)] = true
	}
	if len(seen) != 1000 {
		t.Errorf("of 1000 codes %d are different", len(seen))
	}
}

// However it is typed, it is the same code, and known by the hash of its digits as
// any tool computes it.
func TestACodeIsTheSameHoweverItIsTyped(t *testing.T) {
	c := code(t)
	digits := strings.ReplaceAll(c, " ", "")
	want := sha256.Sum256([]byte(digits))
	for name, text := range map[string]string{
		"as shown": c, "no spaces": digits, "dashes": strings.ReplaceAll(c, " ", " – "), "Arabic-Indic": in('٠', c),
		"Extended Arabic-Indic": in('۰', c), "mixed": in('٠', c[:8]) + c[8:], "direction marks": "\u2067" + in('٠', c) + "\u2069", "a line end": c + "\r\n",
	} {
		if err := phrase.CheckCode(text); err != nil || phrase.CodeSHA256(text) != want {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Each way of being wrong has its own error, before anybody is asked.
func TestAWrongCodeIsNoticed(t *testing.T) {
	c := code(t)
	for name, w := range map[string]struct {
		text string
		err  error
	}{
		"nothing": {"", phrase.ErrLength}, "one short": {c[:24], phrase.ErrLength}, "one too many": {c + "1", phrase.ErrLength},
		"a letter": {c[:3] + "O" + c[4:], phrase.ErrNotDigit}, "too long": {strings.Repeat("1", 5000), phrase.ErrNotText},
	} {
		if err := phrase.CheckCode(w.text); !errors.Is(err, w.err) {
			t.Errorf("%s: %v, want %v", name, err, w.err)
		}
	}
	for at := range c {
		for d := byte('0'); d <= '9'; d++ {
			wrong := []byte(c)
			if wrong[at] == ' ' || wrong[at] == d {
				continue
			}
			wrong[at] = d
			if err := phrase.CheckCode(string(wrong)); !errors.Is(err, phrase.ErrChecksum) {
				t.Errorf("digit %d changed: %v", at, err)
			}
		}
	}
}

// Whatever is sent has a hash, and only what is the same digits has the same.
func FuzzCodeSHA256(f *testing.F) {
	for _, seed := range []string{"", "12345 67890", "١٢٣", "\xff", "x", " – "} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		sum := phrase.CodeSHA256(text)
		if again := phrase.CodeSHA256(" " + text + "\u200f"); again != sum {
			t.Error("a space around it makes another code of it")
		}
		if phrase.CodeSHA256(text+"1") == sum {
			t.Error("another digit does not")
		}
		if phrase.CheckCode(text) == nil && phrase.CodeSHA256(in('٠', text)) != sum {
			t.Error("another numeral system makes another code of it")
		}
	})
}
