package phrase

import (
	"fmt"
	"math/big"
	"strings"

	"github.com/relatingfield/vault/internal/secret"
)

const (
	numberDigits = 39 // 2^128 − 1 has 39 decimal digits
	digitCount   = numberDigits + 1
	groupDigits  = 5
)

// Digits spells the secret in eight groups of five ASCII digits with a space
// between: the number in decimal, padded to 39 digits, and its check digit.
// The digits are the secret. It panics if the secret is empty or wiped.
func Digits(s Secret) string {
	number := fmt.Sprintf("%0*s", numberDigits, new(big.Int).SetBytes(s.held()).Text(10))
	return grouped(number + string('0'+damm(number)))
}

// fromDigits reads what Digits wrote, in any numeral system.
func fromDigits(text string) (Secret, error) {
	digits, err := asciiDigits(text)
	switch {
	case err != nil:
		return Secret{}, err
	case len(digits) != digitCount:
		return Secret{}, fmt.Errorf("%w: %d digits were given, the card has %d", ErrLength, len(digits), digitCount)
	case damm(digits) != 0:
		return Secret{}, fmt.Errorf("%w: one of the digits is different from your card, or two have changed places", ErrChecksum)
	}
	number, ok := new(big.Int).SetString(digits[:numberDigits], 10)
	if !ok || number.BitLen() > 8*Size {
		return Secret{}, ErrTooLarge
	}
	return Secret{secret.Of(number.FillBytes(make([]byte, Size)))}, nil
}

// asciiDigits keeps the digits, as ASCII, and drops what separates groups.
func asciiDigits(text string) (string, error) {
	var out strings.Builder
	for _, r := range text {
		value, isDigit := digitValue(r)
		switch {
		case isDigit:
			out.WriteByte('0' + value)
		case !isSeparator(r):
			return "", fmt.Errorf("%w: after digit %d there is a sign that is neither a digit nor a space", ErrNotDigit, out.Len())
		}
	}
	return out.String(), nil
}
