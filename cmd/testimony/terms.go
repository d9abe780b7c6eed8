package main

import (
	"fmt"
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
	out = append(out, mediaWords(t.Media), placeWords(t.Place))
	if t.QuoteReview {
		out = append(out, "Every quote is shown to the person before it is used.")
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

func mediaWords(media []statement.Medium) string {
	if len(media) == 0 {
		return "Nothing of it may be shown or played as it is: no text, no voice, no picture."
	}
	return "What may be shown or played as it is: " + each(media, mediumWords) + "."
}

func mediumWords(m statement.Medium) string {
	switch m {
	case "image":
		return "pictures"
	case "text":
		return "written words"
	case "voice":
		return "the voice"
	case "voice-altered":
		return "the voice, made unrecognisable"
	}
	return string(m)
}

func placeWords(p statement.Place) string {
	switch p {
	case statement.PlaceCountry:
		return "The country may be told, nothing finer."
	case statement.PlaceRegion:
		return "The region may be told, nothing finer."
	}
	return "No place may be told, not even the country."
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
	b.WriteString("\nWhat of it may be shown or played as it is (--media, can be repeated)? Nothing, unless you name it:\n\n")
	for _, m := range statement.Media() {
		fmt.Fprintf(&b, "  %-20s %s\n", m, mediumWords(m))
	}
	b.WriteString("\nHow finely may a place be told (--place)?\n\n")
	for _, p := range statement.Places() {
		fmt.Fprintf(&b, "  %-20s %s\n", p, placeWords(p))
	}
	b.WriteString("\nForbidden, unless you lift it (--lift, can be repeated):\n\n")
	for _, p := range statement.Prohibitions() {
		fmt.Fprintf(&b, "  %-26s %s\n", p, prohibitedWords(p))
	}
	return b.String()
}
