package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/statement"
)

// termsInWords says what a reader owes, a line each.
func termsInWords(t api.Terms) []string {
	out := []string{
		"From " + day(t.From) + " to the end of " + lastDay(t.Until) + " (UTC).",
		"For: " + each(t.Purposes, purposeWords) + ".",
		"Repeating it: " + attributionWords(t.Attribution) + ".",
		accessWords(t.Access),
	}
	if t.MaxReads > 0 {
		out = append(out, fmt.Sprintf("It may be opened %s. What is read within a day of an opening belongs to it.", timesEach(t.MaxReads)))
	}
	if t.Onward {
		out = append(out, "It may be passed on to others, for the same purposes.")
	} else {
		out = append(out, "It must not be passed on.")
	}
	if len(t.Prohibited) > 0 {
		out = append(out, "Never: "+each(t.Prohibited, prohibitedWords)+".")
	}
	return out
}

// each joins the words for all things of a list.
func each[T any](list []T, words func(T) string) string {
	var out []string
	for _, v := range list {
		out = append(out, words(v))
	}
	return strings.Join(out, "; ")
}

func purposeWords(p statement.Purpose) string {
	switch p {
	case "SafeKeeping":
		return "keeping it safe"
	case "BeingHeard":
		return "listening"
	case "PeerCircle":
		return "a circle of peers"
	case "Referral":
		return "finding help"
	case "Research":
		return "research"
	case "PolicyAdvice":
		return "advice on policy"
	case "Publication":
		return "publication"
	case "Podcast":
		return "a podcast"
	case "Training":
		return "training people"
	case "LegalAccountability":
		return "holding somebody to account by law"
	case "Memorial":
		return "a memorial"
	}
	return string(p)
}

func attributionWords(a statement.Attribution) string {
	switch a {
	case statement.ListenOnly:
		return "not at all; the reader only listens"
	case statement.OffTheRecord:
		return "not at all; off the record, for the reader alone"
	case statement.Background:
		return "in general terms only, without quoting, and so that nobody can be recognised"
	case statement.ChathamHouse:
		return "yes, by the Chatham House rule: what was said may be used, but nobody in it may be recognised, neither the speaker nor others"
	case statement.Pseudonym:
		return "yes, also word for word, under the speaker's pseudonym"
	case statement.FirstNameInitial:
		return "yes, also word for word, with first name and an initial"
	case statement.Named:
		return "yes, also word for word, with the full name"
	}
	return string(a)
}

func accessWords(a statement.Access) string {
	if a == statement.Download {
		return "The reader may keep a copy."
	}
	return "The reader may look at it, but keep no copy. No program can force that; it is a promise."
}

func prohibitedWords(p statement.Prohibited) string {
	switch p {
	case "commercial-use":
		return "commerce"
	case "face-recognition":
		return "recognising faces"
	case "immigration-use":
		return "immigration authorities"
	case "law-enforcement-use":
		return "police"
	case "linkage":
		return "linking it with other data about people"
	case "machine-learning":
		return "training artificial intelligence"
	case "re-identification":
		return "finding out who speaks"
	case "third-party-transcription":
		return "giving it to others to write down"
	case "voice-cloning":
		return "imitating the voice"
	}
	return string(p)
}

// termFlags are the terms as they are typed.
type termFlags struct {
	purposes, lift      list
	attribution, access string
	from, until         string
	maxReads            int64
	onward              bool
}

// terms reads them; what is left open is filled in by the client, always to the
// protective side.
func (f *termFlags) terms() (t api.Terms, err error) {
	for _, text := range f.purposes {
		p, err := oneOf("purpose", statement.Purpose(text), statement.Purposes())
		if err != nil {
			return t, err
		}
		t.Purposes = append(t.Purposes, p)
	}
	t.Purposes = slices.Compact(slices.Sorted(slices.Values(t.Purposes)))
	if t.Prohibited, err = f.prohibited(); err != nil {
		return t, err
	}
	if t.Attribution, err = oneOf("attribution", statement.Attribution(f.attribution), statement.Attributions()); err != nil {
		return t, err
	}
	if t.Access, err = oneOf("access", statement.Access(f.access), []statement.Access{statement.View, statement.Download}); err != nil {
		return t, err
	}
	if f.maxReads < 0 || f.maxReads > statement.MaxMaxReads {
		return t, usage("--max-reads is a number from 1 to %d, or 0 for as often as needed", statement.MaxMaxReads)
	}
	t.Onward, t.MaxReads = f.onward, f.maxReads
	return t, f.term(&t)
}

// prohibited is everything that can be prohibited, but for what was lifted.
func (f *termFlags) prohibited() ([]statement.Prohibited, error) {
	out := statement.Prohibitions()
	for _, text := range f.lift {
		p, err := oneOf("lift", statement.Prohibited(text), statement.Prohibitions())
		if err != nil {
			return nil, err
		}
		out = slices.DeleteFunc(out, func(q statement.Prohibited) bool { return q == p })
	}
	return out, nil
}

func (f *termFlags) term(t *api.Terms) (err error) {
	if f.from != "" {
		if t.From, err = dayFlag("from", f.from); err != nil {
			return err
		}
	}
	if f.until != "" {
		if t.Until, err = endFlag("until", f.until); err != nil {
			return err
		}
	}
	if t.Until != 0 && (t.Until <= t.From || t.From != 0 && t.Until-t.From > statement.MaxTerm) {
		return usage("the term must end after it begins, and within ten years")
	}
	return nil
}

// oneOf reads one of a few words, in any letter case.
func oneOf[T ~string](flag string, text T, of []T) (T, error) {
	for _, v := range of {
		if strings.EqualFold(string(v), string(text)) {
			return v, nil
		}
	}
	return "", usage("--%s is one of %s", flag, strings.Trim(fmt.Sprint(of), "[]"))
}

// termsManual explains every word that terms are made of.
func termsManual() string {
	var b strings.Builder
	b.WriteString("What a reader may use it for (--purpose, can be repeated):\n\n")
	for _, p := range statement.Purposes() {
		fmt.Fprintf(&b, "  %-26s %s\n", p, purposeWords(p))
	}
	b.WriteString("\nMay it be repeated (--attribution)? From the most to the least protective:\n\n")
	for _, a := range statement.Attributions() {
		fmt.Fprintf(&b, "  %-20s %s\n", a, attributionWords(a))
	}
	b.WriteString("\nForbidden, unless you lift it (--lift, can be repeated):\n\n")
	for _, p := range statement.Prohibitions() {
		fmt.Fprintf(&b, "  %-26s %s\n", p, prohibitedWords(p))
	}
	return b.String()
}
