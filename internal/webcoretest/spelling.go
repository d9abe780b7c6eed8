package main

import (
	"errors"
	"strings"

	"github.com/relatingfield/vault/internal/phrase"
	"github.com/relatingfield/vault/internal/secret"
)

func lists(question) (a answer, err error) {
	a.Lists = map[string][]string{}
	for _, l := range phrase.Languages() {
		a.Lists[l.Tag()] = phrase.List(l)
	}
	return a, nil
}

// parse says what a text is read as, or one word of why it is refused, and the
// words that are close to an unknown one.
func parse(q question) (answer, error) {
	s, err := phrase.Parse(q.Text)
	if err == nil {
		return answer{Bytes: s.Reveal()}, nil
	}
	for _, r := range []struct {
		err  error
		name string
	}{
		{phrase.ErrEmpty, "empty"}, {phrase.ErrLength, "length"}, {phrase.ErrUnknownWord, "unknown-word"}, {phrase.ErrNotDigit, "not-a-digit"},
		{phrase.ErrChecksum, "checksum"}, {phrase.ErrTooLarge, "too-large"}, {phrase.ErrAmbiguous, "ambiguous"}, {phrase.ErrNotText, "not-text"},
	} {
		if errors.Is(err, r.err) {
			return answer{Text: r.name, Lists: map[string][]string{"closest": closest(err)}}, nil
		}
	}
	return answer{}, err
}

func closest(err error) []string {
	if unknown := (*phrase.UnknownWord)(nil); errors.As(err, &unknown) {
		return unknown.Closest
	}
	return nil
}

func spell(q question) (answer, error) {
	s, err := phrase.FromBytes(secret.Of(q.Secret))
	if err != nil {
		return answer{}, err
	}
	a := answer{Digits: phrase.Digits(s), Words: map[string]string{}}
	for _, l := range phrase.Languages() {
		a.Words[l.Tag()] = strings.Join(phrase.Words(s, l), " ")
	}
	return a, nil
}
