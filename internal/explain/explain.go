// Package explain says in plain words, in every language the vault has, what a
// signed statement does: to people, offline, from the statement alone.
//
// Promises: every act and every word of the vocabularies has words in every
// language, or In refuses the language; nothing falls back to another one. Digits
// and dates are those of the language. Whatever comes out of a statement is made
// harmless: what could steer a terminal or turn the order of text around shows as
// U+FFFD, and in a language that runs from right to left each such piece stands
// isolated (Unicode UAX 9: U+2066 or U+2068, and U+2069), as a person's own text
// does everywhere it needs to.
//
// Assumes: the statement was verified. Does not: say whether a statement counts,
// for which a chain, a roster or the vault is needed, nor whether it is true.
//
// Source: docs/protocol.md section 2, docs/consent.md.
package explain

import (
	"embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/relatingfield/vault/internal/statement"
)

// wordFiles holds one file a language, written by hand. Arabic, Ukrainian and
// Sorani want a native reader's eye before they are relied on.
//
//go:embed words/*.json
var wordFiles embed.FS

// Language is a language with its words.
type Language struct {
	tag    string
	rtl    bool
	plural func(n int64) string
	digits []rune
	months []string
	texts  map[string]string
}

// Languages are the tags of those there are: English, French, Arabic, Ukrainian
// and Sorani.
func Languages() []string { return []string{"en", "fr", "ar", "uk", "ckb"} }

// In gives a language by its tag, one of Languages.
func In(tag string) (*Language, error) {
	if !slices.Contains(Languages(), tag) {
		return nil, fmt.Errorf("explain: there are no words in %q, only in %s", tag, strings.Join(Languages(), ", "))
	}
	text, err := wordFiles.ReadFile("words/" + tag + ".json")
	if err != nil {
		return nil, fmt.Errorf("explain: %w", err)
	}
	l := &Language{tag: tag, rtl: tag == "ar" || tag == "ckb", plural: plurals(tag)}
	if err := json.Unmarshal(text, &l.texts); err != nil {
		return nil, fmt.Errorf("explain: words in %s: %w", tag, err)
	}
	l.digits = []rune(l.texts["digits"])
	for _, m := range strings.Fields(l.texts["months"]) {
		l.months = append(l.months, strings.ReplaceAll(m, "_", " "))
	}
	return l, l.check()
}

// Tag is the language's, as in Languages.
func (l *Language) Tag() string { return l.tag }

// RightToLeft says in which direction it runs.
func (l *Language) RightToLeft() bool { return l.rtl }

// check refuses a language that lacks a word which a statement may need.
func (l *Language) check() error {
	if len(l.digits) != 10 || len(l.months) != 12 {
		return fmt.Errorf("explain: words in %s: ten digits and twelve months are needed", l.tag)
	}
	for _, k := range keys(l.plural) {
		if l.texts[k] == "" {
			return fmt.Errorf("explain: words in %s: %s is missing", l.tag, k)
		}
	}
	return nil
}

// keys are the names of all texts that a language needs.
func keys(plural func(int64) string) []string {
	out := append(actKeys(), "date", "quote", "list.comma", "list.and", "list.words", "false", "signed", "accepted", "same-part", "kept.opened", "kept.by", "kept.changed",
		"kept.relocked", "kept.words", "kept.exported", "kept.terms", "kept.limit", "grant.policy", "grant.labels", "relock.readers", "policy.trustees", "policy.silence", "terms.term", "terms.for",
		"terms.repeat", "terms.media", "terms.media.none", "terms.quotes", "terms.reads", "terms.onward.yes", "terms.onward.no", "terms.never",
		"terms.never.none", "access.view", "access.download", "scopes")
	for n := range int64(200) { // every plural form has shown by then
		out = append(out, "days."+plural(n), "parts."+plural(n), "times."+plural(n))
	}
	for _, r := range []statement.Role{statement.Participant, statement.Researcher, statement.Steward, statement.Partner} {
		out = append(out, "role."+string(r))
	}
	return append(out, vocabulary()...)
}

// vocabulary are the keys of the words that terms are made of.
func vocabulary() (out []string) {
	out = appendKeys(out, "purpose.", statement.Purposes())
	out = appendKeys(out, "prohibited.", statement.Prohibitions())
	out = appendKeys(out, "attribution.", statement.Attributions())
	out = appendKeys(out, "media.", statement.Media())
	out = appendKeys(out, "scope.", statement.Scopes())
	out = appendKeys(out, "grant.brought.", append(statement.BroughtAssurances(), "claimed", "named"))
	return appendKeys(out, "place.", statement.Places())
}

func appendKeys[T ~string](to []string, before string, list []T) []string {
	for _, v := range list {
		to = append(to, before+string(v))
	}
	return to
}
