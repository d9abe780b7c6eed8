package explain_test

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/relatingfield/vault/internal/explain"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/statementtest"
)

func in(t testing.TB, tag string) *explain.Language {
	t.Helper()
	l, err := explain.In(tag)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// Statements of every act are explained in every language, with nothing left open
// and nothing in another language.
func TestEveryActIsExplainedInEveryLanguage(t *testing.T) {
	english := map[string]bool{}
	for _, s := range statementtest.All(t) {
		for _, line := range in(t, "en").Statement(s) {
			english[line] = true
		}
	}
	for _, tag := range explain.Languages() {
		seen := map[string]statement.Act{}
		for _, s := range statementtest.All(t) {
			lines := in(t, tag).Statement(s)
			for _, line := range lines {
				if strings.TrimSpace(line) == "" || strings.ContainsAny(line, "{}") || strings.Contains(line, "�") {
					t.Errorf("%s, %s: %q", tag, s.Act(), line)
				}
				if tag != "en" && english[line] {
					t.Errorf("%s, %s: %q is English", tag, s.Act(), line)
				}
			}
			what := strings.Join(lines[1:], "\n")
			if other, twice := seen[what]; twice {
				t.Errorf("%s: %s is told like %s: %q", tag, s.Act(), other, what)
			}
			seen[what] = s.Act()
		}
	}
}

// Every text says in each language what it says in English: with the same things
// in it, and in words of its own.
func TestTheLanguagesSayTheSame(t *testing.T) {
	english := file(t, "en")
	places := regexp.MustCompile(`\{[a-z]+\}`)
	for _, tag := range explain.Languages()[1:] {
		texts := file(t, tag)
		for key, text := range texts {
			if formed(key) {
				continue // as many forms as the language has
			}
			want := slices.Sorted(slices.Values(places.FindAllString(english[key], -1)))
			if got := slices.Sorted(slices.Values(places.FindAllString(text, -1))); !slices.Equal(got, want) {
				t.Errorf("%s, %s: %v stand in it, in English %v", tag, key, got, want)
			}
			if text == english[key] && strings.ContainsFunc(places.ReplaceAllString(text, ""), unicode.IsLetter) {
				t.Errorf("%s, %s: it is English", tag, key)
			}
			delete(texts, key)
		}
	}
}

// formed says whether a text comes in as many forms as its language has for numbers.
func formed(key string) bool {
	return strings.HasPrefix(key, "days.") || strings.HasPrefix(key, "parts.") || strings.HasPrefix(key, "times.")
}

func file(t *testing.T, tag string) (texts map[string]string) {
	t.Helper()
	b, err := os.ReadFile("words/" + tag + ".json")
	if err == nil {
		err = json.Unmarshal(b, &texts)
	}
	if err != nil {
		t.Fatal(err)
	}
	return texts
}

// No text is there that nothing says, and no script is mixed into another.
func TestEachLanguageKeepsToItsScript(t *testing.T) {
	script := map[string]*unicode.RangeTable{"en": unicode.Latin, "fr": unicode.Latin, "ar": unicode.Arabic, "uk": unicode.Cyrillic, "ckb": unicode.Arabic}
	allowed := regexp.MustCompile(`\{[a-z]+\}|UTC|Chatham House|ـ`)
	used := explain.Keys()
	for tag, table := range script {
		for key, text := range file(t, tag) {
			if plain := strings.SplitN(key, ".", 2)[0]; !slices.Contains(used, key) && !slices.Contains([]string{"digits", "months", "days", "parts", "times"}, plain) {
				t.Errorf("%s, %s: nothing says it", tag, key)
			}
			for _, r := range allowed.ReplaceAllString(text, "") {
				if unicode.IsLetter(r) && !unicode.Is(table, r) {
					t.Errorf("%s, %s: %q is of another script", tag, key, r)
				}
			}
		}
	}
}

// A language that lacks a text is refused whole: nobody is answered half in
// another one.
func TestALanguageIsWholeOrRefused(t *testing.T) {
	for _, tag := range []string{"", "de", "en-GB", "EN", "../en"} {
		if _, err := explain.In(tag); err == nil {
			t.Errorf("%q is a language", tag)
		}
	}
	for _, tag := range explain.Languages() {
		l := in(t, tag)
		for _, key := range explain.Keys() {
			if formed(key) {
				continue
			}
			if err := l.Without(key); err == nil {
				t.Errorf("%s without %s is accepted", tag, key)
			}
		}
	}
}

// The words that this vault does not use of people and what they tell.
func TestNobodyIsCalledWhatSheIsNot(t *testing.T) {
	for tag, words := range map[string]string{"en": `victim|\bcase\b|submit|evidence\b.*\bsubmit|beneficiary`, "fr": `victime|dossier|soumettre`, "uk": `жертв|постраждал|справ`,
		"ar": `ضحي|قضية`, "ckb": `قوربانی|کەیس`} {
		for key, text := range file(t, tag) {
			if m := regexp.MustCompile("(?i)" + words).FindString(text); m != "" {
				t.Errorf("%s, %s: %q", tag, key, m)
			}
		}
	}
}
