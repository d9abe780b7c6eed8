package phrase

import (
	"errors"
	"fmt"
	"strings"
)

// Why Parse refused a text. Test with errors.Is; the messages are for the
// person who typed.
var (
	// ErrEmpty: there is neither a word nor a digit.
	ErrEmpty = errors.New("nothing was given: type the twelve words or the forty digits of your card")
	// ErrNotText: not UTF-8, or longer than any card.
	ErrNotText = errors.New("this is not the text of a card")
	// ErrLength: too few or too many words or digits.
	ErrLength = errors.New("wrong length")
	// ErrUnknownWord: see [UnknownWord].
	ErrUnknownWord = errors.New("unknown word")
	// ErrNotDigit: a sign among the digits that cannot be there.
	ErrNotDigit = errors.New("not a digit")
	// ErrChecksum: everything can be read, but it is not what a card says.
	ErrChecksum = errors.New("the check does not match")
	// ErrTooLarge: the digits and their check are well formed, but their number is 2^128 or more.
	ErrTooLarge = errors.New("no card has these digits: compare the first groups with your card")
	// ErrAmbiguous: the words make a valid phrase in two languages. For a
	// random secret this is rarer than 2^-50, so it is refused, not guessed.
	ErrAmbiguous = errors.New("the words can be read in two languages: use the digits of your card")
)

// UnknownWord is the error for a word that is not in the list. It does not
// contain what was typed. It wraps ErrUnknownWord.
type UnknownWord struct {
	Position  int        // counted from 1
	Languages []Language // the lists that fit the other words best
	Closest   []string   // at most three similar words of these lists, best first
}

// Error names the position and, if there are any, the closest words.
func (e *UnknownWord) Error() string {
	names := make([]string, len(e.Languages))
	for i, l := range e.Languages {
		names[i] = l.String()
	}
	text := fmt.Sprintf("word %d is not in the %s list", e.Position, strings.Join(names, " or "))
	if len(e.Closest) > 0 {
		text += "; close to it: " + strings.Join(e.Closest, ", ")
	}
	return text
}

// Unwrap lets errors.Is find ErrUnknownWord.
func (e *UnknownWord) Unwrap() error { return ErrUnknownWord }
