package main

import (
	"fmt"
	"strings"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/explain"
	"github.com/relatingfield/vault/internal/statement"
)

// english are the words of this program. That they are whole is explain's to
// prove, in its tests.
func english() *explain.Language {
	l, _ := explain.In("en")
	return l
}

// termsInWords says what a reader owes, a line each.
func termsInWords(t api.Terms) []string { return english().Terms(t) }

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
	words := english()
	var b strings.Builder
	b.WriteString("What a reader may use it for (--purpose, can be repeated):\n\n")
	for _, p := range statement.Purposes() {
		fmt.Fprintf(&b, "  %-26s %s\n", p, words.Word(p))
	}
	b.WriteString("\nMay it be repeated (--attribution)? From the most to the least protective:\n\n")
	for _, a := range statement.Attributions() {
		fmt.Fprintf(&b, "  %-20s %s\n", a, words.Word(a))
	}
	b.WriteString("\nWhat of it may be shown or played as it is (--media, can be repeated)? Nothing, unless you name it:\n\n")
	for _, m := range statement.Media() {
		fmt.Fprintf(&b, "  %-20s %s\n", m, words.Word(m))
	}
	b.WriteString("\nHow finely may a place be told (--place)?\n\n")
	for _, p := range statement.Places() {
		fmt.Fprintf(&b, "  %-20s %s\n", p, words.Word(p))
	}
	b.WriteString("\nForbidden, unless you lift it (--lift, can be repeated):\n\n")
	for _, p := range statement.Prohibitions() {
		fmt.Fprintf(&b, "  %-26s %s\n", p, words.Word(p))
	}
	return b.String()
}
