package warning_test

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"
	"unicode"

	"github.com/relatingfield/vault/internal/warning"
)

// Published words never change: a statement names them by their digest. A better
// text gets another number, and a line here.
func TestPublishedWordsNeverChange(t *testing.T) {
	for language, want := range map[string]string{
		"en":  "a0103e10175299adeeeea033480eec5641fa396349a21e5785fb93d2bfdc9ba5",
		"fr":  "dccba532efe9a40536903d875952e126e4fbe9fd46de075125d1feb7a3407ca1",
		"ar":  "ff40559a5563578b093521a36fc998d79de3f25972bf03b3103da7d995562c6d",
		"uk":  "02cfa609c29297d75112fba06b03a00f90cd4dd799aaed3f419df646e570e6f0",
		"ckb": "cb9cb6a48dc7ea83351fddbd6408aed96cfc82e00cc30de84e047d92116707e1",
	} {
		text, err := warning.Evidence(language)
		if err != nil {
			t.Fatal(err)
		}
		sum := text.SHA256()
		if got := hex.EncodeToString(sum[:]); got != want || text.Language != language {
			t.Errorf("%s: %s in %s", language, got, text.Language)
		}
		if found, ok := warning.Shown(sum); !ok || found != text {
			t.Errorf("%s is not found by its digest", language)
		}
	}
	if found, ok := warning.Shown(sha256.Sum256(nil)); ok {
		t.Errorf("found %+v", found)
	}
}

// Each language says all of it, in its own script.
func TestEveryLanguageSaysAllOfIt(t *testing.T) {
	english, err := warning.Evidence("en")
	if err != nil {
		t.Fatal(err)
	}
	for language, script := range map[string]*unicode.RangeTable{"fr": unicode.Latin, "ar": unicode.Arabic, "uk": unicode.Cyrillic, "ckb": unicode.Arabic} {
		text, err := warning.Evidence(language)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Count(text.Words, "\n- ") != strings.Count(english.Words, "\n- ") || strings.Count(text.Words, "\n\n") != strings.Count(english.Words, "\n\n") {
			t.Errorf("%s has another number of points", language)
		}
		letters, of := 0, 0
		for _, r := range text.Words {
			if unicode.IsLetter(r) {
				letters++
				if unicode.Is(script, r) {
					of++
				}
			}
		}
		if of*10 < letters*9 {
			t.Errorf("%s: %d of %d letters are of its script", language, of, letters)
		}
	}
}

// Whatever tag a device gives, there are words.
func TestEveryTagGetsWords(t *testing.T) {
	for tag, want := range map[string]string{"ar-YE": "ar", "UK": "uk", "fr_FR.UTF-8": "fr", "": "en", "ja": "en", "ckb-Arab": "ckb"} {
		if text, err := warning.Evidence(tag); err != nil || text.Language != want {
			t.Errorf("%q: %s, %v", tag, text.Language, err)
		}
	}
}
