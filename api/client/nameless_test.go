package client_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/relatingfield/vault/api/client"
)

// A name is found as people read it, and not inside other words where names stand
// by themselves.
func TestNamesAreFoundAsPeopleReadThem(t *testing.T) {
	for _, c := range []struct {
		text, name string
		found      bool
	}{
		{"Ali said so.", "Ali", true},
		{"the quality of life", "Ali", false},
		{"they were alive", "Ali", false},
		{"alive; but Ali's mother", "Ali", true},
		{"Éloïse", "Eloise", true},
		{"NOUR", "nour", true},
		{"ومحمّد كان هناك", "محمد", true},
		{"أحمد", "احمد", true},
		{"бачили Марію", "Марі", true},
		{"самарія", "Марія", false},
		{"anybody", "", false},
		{"anybody", "ـ", false},
		{"two\nlines", "two lines", true},
		{"Ali", "Alice", false},
	} {
		if got := client.Mentions(c.text, c.name); got != c.found {
			t.Errorf("%q in %q: %v", c.name, c.text, got)
		}
	}
	if got := client.Spoken(`{"a":["\u0633\u0644\u0645\u0649",1,{"b":null}]}`); !strings.Contains(got, "سلمى") {
		t.Errorf("%q", got)
	}
}

// A name that stands by itself is found in every normal form of the text around
// it, also as a text in JSON.
func FuzzANameIsFoundInEveryForm(f *testing.F) {
	f.Add("قالت", "سلمى", "أخيرًا")
	f.Add("a", "Éloïse de la Tour", "b")
	f.Add("", "Олеся", "")
	f.Fuzz(func(t *testing.T, before, name, after string) {
		if len(name) > 200 || !utf8.ValidString(before+name+after) || !client.Mentions(name, name) {
			return // a name without a letter of its own
		}
		text := before + "\n" + name + "\n" + after
		for _, form := range []norm.Form{norm.NFC, norm.NFD, norm.NFKC, norm.NFKD} {
			if !client.Mentions(form.String(text), name) {
				t.Errorf("%q is not found in %q", name, form.String(text))
			}
		}
		document, err := json.Marshal(map[string]string{"answer": text})
		if err != nil || !client.Mentions(client.Spoken(string(document)), name) {
			t.Errorf("%q is not found in %s", name, document)
		}
	})
}
