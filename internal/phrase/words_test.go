package phrase_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/tyler-smith/go-bip39/wordlists"
	"golang.org/x/text/unicode/norm"

	"github.com/relatingfield/vault/internal/phrase"
)

// The 128-bit vectors published with BIP-39 come out word for word.
func TestEnglishWordsAreThoseOfTheBIP39Vectors(t *testing.T) {
	for secret, words := range map[string]string{
		"00000000000000000000000000000000": strings.Repeat("abandon ", 11) + "about",
		"7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f": "legal winner thank year wave sausage worth useful legal winner thank yellow",
		"80808080808080808080808080808080": "letter advice cage absurd amount doctor acoustic avoid letter advice cage above",
		"ffffffffffffffffffffffffffffffff": strings.Repeat("zoo ", 11) + "wrong",
		"77c2b00716cec7213839159e404db50d": "jelly better achieve collect unaware mountain thought cargo oxygen act hood bridge",
		"9e885d952ad362caeb4efe34a8e91bd2": "ozone drill grab fiber curtain grace pudding thank cruise elder eight picnic",
		"c0ba5a8e914111210f2bd131f3d5e08d": "scheme spot photo card baby mountain device kick cradle pact join borrow",
		"23db8160a31d3e0dca3688ed941adbf3": "cat swing flag economy stadium alone churn speed unique patch report train",
		"f30f8c1da665478f49b001d94c5fc452": "vessel ladder alter error federal sibling chat ability sun glass valve picture",
	} {
		if got := strings.Join(phrase.Words(of(t, secret), phrase.English), " "); got != words {
			t.Errorf("words of %s:\n got %s\nwant %s", secret, got, words)
		}
		if got, err := phrase.Parse(words); err != nil || !got.Equal(of(t, secret)) {
			t.Errorf("Parse of the words of %s: %v", secret, err)
		}
	}
}

// French takes the words at the same places of the French list, in NFC, with
// the same checksum word.
func TestFrenchWordsStandAtTheSamePlaces(t *testing.T) {
	for range 50 {
		s := draw(t)
		english, french := phrase.Words(s, phrase.English), phrase.Words(s, phrase.French)
		for i := range english {
			at := slices.Index(wordlists.English, english[i])
			if want := norm.NFC.String(wordlists.French[at]); french[i] != want {
				t.Fatalf("word %d is %q, want %q", i+1, french[i], want)
			}
		}
	}
}

// No two words of one list become equal when case and accents are dropped, so
// dropping them is never a guess.
func TestAccentsTellNoTwoWordsApart(t *testing.T) {
	for name, list := range map[string][]string{"English": wordlists.English, "French": wordlists.French} {
		seen := map[string]string{}
		for _, word := range list {
			bare := strings.Map(func(r rune) rune {
				if r > 0x7f {
					return -1
				}
				return r
			}, norm.NFD.String(word))
			if other, ok := seen[bare]; ok {
				t.Errorf("%s: %q and %q", name, word, other)
			}
			seen[bare] = word
		}
		if len(seen) != 2048 {
			t.Errorf("%s has %d words", name, len(seen))
		}
	}
}

// What hands, keyboards and messengers do to a phrase does no harm.
func TestParseForgivesTheTyping(t *testing.T) {
	english := of(t, "7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f")
	const words = "legal winner thank year wave sausage worth useful legal winner thank yellow"
	french := of(t, "0c8fbc1da665478f49b001d94c5fc452")
	accents := strings.Join(phrase.Words(french, phrase.French), " ")
	if !strings.ContainsAny(accents, "éèêô") {
		t.Fatalf("the French example has no accent: %s", accents)
	}
	for name, c := range map[string]struct {
		text string
		want phrase.Secret
	}{
		"capitals":           {strings.ToUpper(words), english},
		"a capital first":    {"Legal" + words[5:], english},
		"lines":              {"\n" + strings.ReplaceAll(words, " ", "\r\n") + "\n", english},
		"unusual spaces":     {strings.ReplaceAll(words, " ", "\u3000\u00a0\t"), english},
		"commas":             {strings.ReplaceAll(words, " ", ", ") + ".", english},
		"numbering":          {numbered(words), english},
		"bidi marks":         {"\u202a" + strings.ReplaceAll(words, " ", "\u200f \u200e") + "\u202c", english},
		"a byte order mark":  {"\ufeff" + words, english},
		"full-width letters": {strings.ReplaceAll(words, "w", "\uff57"), english},
		"Turkish capital I":  {strings.ReplaceAll(words, "winner", "W\u0130NNER"), english},
		"NFC":                {norm.NFC.String(accents), french},
		"NFD":                {norm.NFD.String(accents), french},
		"NFD capitals":       {strings.ToUpper(norm.NFD.String(accents)), french},
		"no accents":         {strings.NewReplacer("é", "e", "è", "e", "ê", "e", "ô", "o").Replace(accents), french},
	} {
		if got, err := phrase.Parse(c.text); err != nil || !got.Equal(c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func numbered(words string) string {
	var out strings.Builder
	for i, word := range strings.Fields(words) {
		out.WriteString([]string{"1. ", "2) ", "٣ - "}[i%3] + word + "\n")
	}
	return out.String()
}

// Each way of being wrong has its own error, and the error says what to do.
func TestParseSaysWhatIsWrongWithTheWords(t *testing.T) {
	const eleven = "legal winner thank year wave sausage worth useful legal winner thank"
	for name, c := range map[string]struct {
		text string
		err  error
		says string
	}{
		"nothing":           {" \n", phrase.ErrEmpty, "type the twelve words"},
		"not UTF-8":         {"legal \xff", phrase.ErrNotText, "not the text of a card"},
		"a book":            {strings.Repeat("legal ", 4000), phrase.ErrNotText, "not the text of a card"},
		"eleven":            {eleven, phrase.ErrLength, "11 words were given, the card has 12"},
		"thirteen":          {eleven + " yellow zoo", phrase.ErrLength, "13 words were given"},
		"another last word": {eleven + " zoo", phrase.ErrChecksum, "one of the words is different from your card"},
		"misspelled":        {eleven + " yelow", phrase.ErrUnknownWord, "word 12 is not in the English list; close to it: yellow"},
		"first misspelled":  {strings.Replace(eleven, "winner", "winer", 1) + " yelow", phrase.ErrUnknownWord, "word 2 is not in the English list; close to it: wine, winner, winter"},
		"shortened":         {eleven + " yell", phrase.ErrUnknownWord, "close to it: yellow"},
		"joined":            {strings.Replace(eleven, "legal winner", "legalwinner", 1), phrase.ErrUnknownWord, "word 1 is not in the English list"},
		"French among them": {eleven + " abaisser", phrase.ErrUnknownWord, "word 12 is not in the English list"},
		"another language":  {strings.Repeat("كلمة ", 12), phrase.ErrUnknownWord, "word 1 is not in the English or French list"},
	} {
		_, err := phrase.Parse(c.text)
		if !errors.Is(err, c.err) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// However a phrase is wrong, the error repeats none of its other words.
func TestAnErrorKeepsTheOtherWordsToItself(t *testing.T) {
	words := phrase.Words(of(t, "c0ba5a8e914111210f2bd131f3d5e08d"), phrase.English)
	for i := range words {
		for _, wrong := range []string{"qqqqq", "zoo", ""} {
			typed := slices.Clone(words)
			typed[i] = wrong
			_, err := phrase.Parse(strings.Join(typed, " "))
			if err == nil {
				continue // one in sixteen wrong phrases has the right checksum
			}
			for j, word := range words {
				if j != i && slices.Contains(strings.FieldsFunc(err.Error(), notLetter), word) && word != "card" {
					t.Errorf("the error for word %d contains word %d: %v", i+1, j+1, err)
				}
			}
		}
	}
}

func notLetter(r rune) bool { return r < 'a' || r > 'z' }

// A phrase that both lists know, with a checksum that fits in both, is refused
// rather than guessed.
func TestParseDoesNotChooseBetweenTwoLanguages(t *testing.T) {
	shared := sharedWords()
	if len(shared) < 100 {
		t.Fatalf("only %d shared words", len(shared))
	}
	words := slices.Repeat([]string{shared[0]}, 12)
	for _, last := range shared {
		for _, before := range shared {
			words[10], words[11] = before, last
			if _, err := phrase.Parse(strings.Join(words, " ")); errors.Is(err, phrase.ErrAmbiguous) {
				return
			}
		}
	}
	t.Fatal("no ambiguous phrase was found among the shared words")
}

func sharedWords() []string {
	var shared []string
	for _, word := range wordlists.English {
		if slices.Contains(wordlists.French, word) {
			shared = append(shared, word)
		}
	}
	return shared
}
