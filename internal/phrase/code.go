package phrase

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/big"
	"strings"
)

// A code is shorter than a Secret: 20 random decimal digits, which are 66 bits,
// and a check digit. It can do one harmless thing, and has to be typed by somebody
// in a hurry.
const (
	codeNumber = 20
	codeDigits = codeNumber + 1
)

// NewCode draws a code from rand, which must be cryptographically secure, and
// spells it in groups of five ASCII digits with a space between.
func NewCode(rand io.Reader) (string, error) {
	most := new(big.Int).Exp(big.NewInt(10), big.NewInt(codeNumber), nil)
	// 67 bits are too large a number once in three times and then drawn again, so
	// that every code is equally likely. Sixty such draws in a row are no randomness.
	b := make([]byte, 9)
	for range 60 {
		if _, err := io.ReadFull(rand, b); err != nil {
			return "", fmt.Errorf("draw a code: %w", err)
		}
		b[0] &= 0x07
		if n := new(big.Int).SetBytes(b); n.Cmp(most) < 0 {
			number := fmt.Sprintf("%0*s", codeNumber, n.Text(10))
			return grouped(number + string('0'+damm(number))), nil
		}
	}
	return "", errors.New("draw a code: the randomness always says the same")
}

// CheckCode says what is wrong with a code as somebody typed it, in any numeral
// system: whoever mistypes one learns it from the check digit, without asking
// anybody.
func CheckCode(text string) error {
	if len(text) > maxText {
		return ErrNotText
	}
	digits, err := asciiDigits(text)
	switch {
	case err != nil:
		return err
	case len(digits) != codeDigits:
		return fmt.Errorf("%w: %d digits were given, a code has %d", ErrLength, len(digits), codeDigits)
	case damm(digits) != 0:
		return fmt.Errorf("%w: one of the digits is different from the card, or two have changed places", ErrChecksum)
	}
	return nil
}

// CodeSHA256 is the hash by which a code is known: of its digits in ASCII, check
// digit included, without what separates them. What is no code has a hash, too,
// and takes the same way to it.
func CodeSHA256(text string) [sha256.Size]byte {
	return sha256.Sum256([]byte(strings.Map(func(r rune) rune {
		if value, ok := digitValue(r); ok {
			return rune('0' + value)
		}
		if isSeparator(r) {
			return -1
		}
		return r
	}, text)))
}

// grouped puts a space after every fifth digit.
func grouped(digits string) string {
	var groups []string
	for ; len(digits) > groupDigits; digits = digits[groupDigits:] {
		groups = append(groups, digits[:groupDigits])
	}
	return strings.Join(append(groups, digits), " ")
}
