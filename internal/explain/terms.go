package explain

import (
	"strings"

	"github.com/relatingfield/vault/internal/statement"
)

// Terms says what a reader owes, a line each.
func (l *Language) Terms(t statement.Terms) []string {
	out := []string{
		l.say("terms.term", with{"from": l.Day(t.From), "until": l.lastDay(t.Until)}),
		l.say("terms.for", with{"purposes": l.Purposes(t.Purposes)}),
		l.say("terms.repeat", with{"attribution": l.Word(t.Attribution)}),
	}
	out = append(out, l.repeating(t)...)
	out = append(out, l.keeping(t)...)
	if len(t.Prohibited) == 0 {
		return append(out, l.texts["terms.never.none"])
	}
	return append(out, l.say("terms.never", with{"prohibited": each(l, t.Prohibited)}))
}

func (l *Language) repeating(t statement.Terms) []string {
	out := []string{l.texts["terms.media.none"], l.Word(t.Place)}
	if len(t.Media) > 0 {
		out[0] = l.say("terms.media", with{"media": each(l, t.Media)})
	}
	if t.QuoteReview {
		out = append(out, l.texts["terms.quotes"])
	}
	return out
}

func (l *Language) keeping(t statement.Terms) []string {
	out := []string{l.Word(t.Access)}
	if t.MaxReads > 0 {
		out = append(out, l.say("terms.reads", with{"times": l.counted("times.", t.MaxReads)}))
	}
	if t.Onward {
		return append(out, l.texts["terms.onward.yes"])
	}
	return append(out, l.texts["terms.onward.no"])
}

// Purposes names purposes, one after the other.
func (l *Language) Purposes(list []statement.Purpose) string { return each(l, list) }

// Word explains one word of a vocabulary: a purpose, prohibition, attribution,
// medium, place, access, scope or role.
func (l *Language) Word(word any) string {
	switch w := word.(type) {
	case statement.Purpose:
		return l.texts["purpose."+string(w)]
	case statement.Prohibited:
		return l.texts["prohibited."+string(w)]
	case statement.Attribution:
		return l.texts["attribution."+string(w)]
	case statement.Medium:
		return l.texts["media."+string(w)]
	case statement.Place:
		return l.texts["place."+string(w)]
	case statement.Access:
		return l.texts["access."+string(w)]
	case statement.Scope:
		return l.texts["scope."+string(w)]
	case statement.Role:
		return l.texts["role."+string(w)]
	}
	return ""
}

func each[T any](l *Language, list []T) string {
	var words []string
	for _, v := range list {
		words = append(words, l.Word(v))
	}
	return strings.Join(words, l.texts["list.words"])
}
