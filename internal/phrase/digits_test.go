package phrase_test

import (
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/runenames"

	"github.com/relatingfield/vault/internal/phrase"
)

// in writes ASCII digits in the numeral system whose zero is given.
func in(zero rune, digits string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return zero + r - '0'
		}
		return r
	}, digits)
}

// The number is plain decimal, most significant digit first, with its zeros.
func TestDigitsAreThePaddedDecimalNumber(t *testing.T) {
	for secret, want := range map[string]string{
		"00000000000000000000000000000000": "00000 00000 00000 00000 00000 00000 00000 00000",
		"0000000000000000000000000000023c": "00000 00000 00000 00000 00000 00000 00000 05724",
		"ffffffffffffffffffffffffffffffff": "34028 23669 20938 46346 33746 07431 76821 14559",
	} {
		if got := phrase.Digits(of(t, secret)); got != want {
			t.Errorf("digits of %s:\n got %s\nwant %s", secret, got, want)
		}
	}
	for range 50 {
		s := draw(t)
		number, ok := new(big.Int).SetString(strings.ReplaceAll(phrase.Digits(s), " ", "")[:39], 10)
		if !ok || number.Cmp(new(big.Int).SetBytes(s.Reveal())) != 0 {
			t.Fatal("the digits are another number than the bytes")
		}
	}
}

// Every decimal digit that Unicode names is read as the value in its name.
func TestEveryNumeralSystemIsRead(t *testing.T) {
	names := []string{"ZERO", "ONE", "TWO", "THREE", "FOUR", "FIVE", "SIX", "SEVEN", "EIGHT", "NINE"}
	cards := cardsByCheckDigit(t)
	runes := digitRunes()
	for _, r := range runes {
		name := runenames.Name(r)
		value := slices.IndexFunc(names, func(n string) bool { return strings.HasSuffix(name, "DIGIT "+n) })
		for check, card := range cards {
			_, err := phrase.Parse(card + string(r))
			if (err == nil) != (check == value) {
				t.Errorf("U+%04X %s where %d belongs: %v", r, name, check, err)
			}
		}
	}
	if len(runes) < 600 {
		t.Errorf("only %d digits were tried", len(runes))
	}
}

// cardsByCheckDigit gives for each digit v a card without its last digit, which
// must be v: row 0 of Damm's table is a permutation, so the secrets 0 to 9 do.
func cardsByCheckDigit(t *testing.T) (cards [10]string) {
	for last := range 10 {
		digits := phrase.Digits(of(t, fmt.Sprintf("%032x", last)))
		cut := len(digits) - 1
		cards[digits[cut]-'0'] = digits[:cut]
	}
	return cards
}

func digitRunes() []rune {
	var out []rune
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if unicode.Is(unicode.Nd, r) {
			out = append(out, r)
		}
	}
	return out
}

// Numeral systems may be mixed, and separators and direction marks are ignored.
func TestParseForgivesTheTypingOfDigits(t *testing.T) {
	s := of(t, "f30f8c1da665478f49b001d94c5fc452")
	digits := phrase.Digits(s)
	for name, text := range map[string]string{
		"no spaces":             strings.ReplaceAll(digits, " ", ""),
		"hyphens":               strings.ReplaceAll(digits, " ", "-"),
		"dashes":                strings.ReplaceAll(digits, " ", " – "),
		"lines":                 strings.ReplaceAll(digits, " ", "\r\n"),
		"Arabic-Indic":          in('٠', digits),
		"Extended Arabic-Indic": in('۰', digits),
		"Devanagari":            in('०', digits),
		"full-width":            in('０', digits),
		"mixed":                 in('٠', digits[:20]) + in('۰', digits[20:30]) + digits[30:],
		"direction marks":       "\u2067" + strings.ReplaceAll(in('٠', digits), " ", "\u200f \u061c") + "\u2069",
		"a byte order mark":     "\ufeff" + digits,
	} {
		if got, err := phrase.Parse(text); err != nil || !got.Equal(s) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Each way of being wrong has its own error, and the error says what to do.
func TestParseSaysWhatIsWrongWithTheDigits(t *testing.T) {
	digits := phrase.Digits(of(t, "f30f8c1da665478f49b001d94c5fc452"))
	for name, c := range map[string]struct {
		text string
		err  error
		says string
	}{
		"one short":      {digits[:46], phrase.ErrLength, "39 digits were given, the card has 40"},
		"one too many":   {digits + "1", phrase.ErrLength, "41 digits were given"},
		"a letter":       {digits[:7] + "O" + digits[8:], phrase.ErrNotDigit, "after digit 6"},
		"a superscript":  {digits[:7] + "²" + digits[8:], phrase.ErrNotDigit, "after digit 6"},
		"a plus":         {"+" + digits, phrase.ErrNotDigit, "after digit 0"},
		"2^128":          {withCheckDigit(t, "340282366920938463463374607431768211456"), phrase.ErrTooLarge, "compare the first groups"},
		"only a dash":    {"-", phrase.ErrEmpty, "forty digits"},
		"largest number": {withCheckDigit(t, strings.Repeat("9", 39)), phrase.ErrTooLarge, "compare the first groups"},
	} {
		_, err := phrase.Parse(c.text)
		if !errors.Is(err, c.err) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// withCheckDigit appends the one digit with which the check holds.
func withCheckDigit(t *testing.T, number string) string {
	t.Helper()
	for check := '0'; check <= '9'; check++ {
		if _, err := phrase.Parse(number + string(check)); !errors.Is(err, phrase.ErrChecksum) {
			return number + string(check)
		}
	}
	t.Fatalf("no check digit fits %s", number)
	return ""
}

// Every single wrong digit and every swap of two different neighbours is found.
func TestOneWrongDigitIsNeverAccepted(t *testing.T) {
	for range 20 {
		digits := []byte(strings.ReplaceAll(phrase.Digits(draw(t)), " ", ""))
		for i, right := range digits {
			for wrong := byte('0'); wrong <= '9'; wrong++ {
				digits[i] = wrong
				if _, err := phrase.Parse(string(digits)); wrong != right && !errors.Is(err, phrase.ErrChecksum) {
					t.Fatalf("digit %d as %c: %v", i+1, wrong, err)
				}
			}
			digits[i] = right
		}
		for i := range len(digits) - 1 {
			if digits[i] == digits[i+1] {
				continue
			}
			digits[i], digits[i+1] = digits[i+1], digits[i]
			if _, err := phrase.Parse(string(digits)); !errors.Is(err, phrase.ErrChecksum) {
				t.Fatalf("digits %d and %d swapped: %v", i+1, i+2, err)
			}
			digits[i], digits[i+1] = digits[i+1], digits[i]
		}
	}
}
