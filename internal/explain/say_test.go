package explain_test

import (
	"strings"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/explain"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/statementtest"
)

// Dates are written as people of the language write them, in its digits.
func TestDatesAndDigitsAreThoseOfTheLanguage(t *testing.T) {
	on := func(y int, m time.Month, d int) int64 { return time.Date(y, m, d, 23, 59, 59, 0, time.UTC).Unix() }
	for tag, want := range map[string][3]string{
		"en":  {"23 November 2026", "1 March 2027", "-1234567890"},
		"fr":  {"23 novembre 2026", "1er mars 2027", "-1234567890"},
		"uk":  {"23 листопада 2026 року", "1 березня 2027 року", "-1234567890"},
		"ar":  {"٢٣ تشرين الثاني/نوفمبر ٢٠٢٦", "١ آذار/مارس ٢٠٢٧", "-١٢٣٤٥٦٧٨٩٠"},
		"ckb": {"٢٣ی تشرینی دووەمی ٢٠٢٦", "١ی ئازاری ٢٠٢٧", "-١٢٣٤٥٦٧٨٩٠"},
	} {
		l := in(t, tag)
		got := [3]string{l.Day(on(2026, 11, 23)), l.Day(on(2027, 3, 1)), l.Number(-1234567890)}
		if got != want {
			t.Errorf("%s: %q, want %q", tag, got, want)
		}
	}
}

// Numbers of days and parts take the form that the language has for them.
func TestNumbersTakeTheFormOfTheLanguage(t *testing.T) {
	for tag, forms := range map[string]map[int64]string{
		"en":  {1: "1 day", 2: "2 days", 11: "11 days"},
		"fr":  {1: "1 jour", 2: "2 jours"},
		"uk":  {1: "1 день", 2: "2 дні", 5: "5 днів", 11: "11 днів", 12: "12 днів", 21: "21 день", 22: "22 дні", 111: "111 днів"},
		"ar":  {1: "يوم واحد", 2: "يومين", 3: "٣ أيام", 10: "١٠ أيام", 11: "١١ يومًا", 99: "٩٩ يومًا", 100: "١٠٠ يوم", 103: "١٠٣ أيام"},
		"ckb": {1: "١ ڕۆژ", 30: "٣٠ ڕۆژ"},
	} {
		for n, want := range forms {
			if got := in(t, tag).Days(n * statement.Day); got != want {
				t.Errorf("%s: %q, want %q", tag, got, want)
			}
		}
	}
	parts := []statement.GrantedPart{{N: 1}, {N: 2}, {N: 10}}
	for tag, want := range map[string][3]string{
		"en":  {"part 1", "parts 1 and 2", "parts 1, 2 and 10"},
		"fr":  {"la partie 1", "les parties 1 et 2", "les parties 1, 2 et 10"},
		"uk":  {"частину 1", "частини 1 і 2", "частини 1, 2 і 10"},
		"ar":  {"الجزء ١", "الجزأين ١ و٢", "الأجزاء ١ و٢ و١٠"},
		"ckb": {"بەشی ١", "بەشەکانی ١ و ٢", "بەشەکانی ١، ٢ و ١٠"},
	} {
		for i := range parts {
			if got := in(t, tag).Parts(parts[:i+1]); got != want[i] {
				t.Errorf("%s: %q, want %q", tag, got, want[i])
			}
		}
	}
}

// Where text runs from right to left each id stands isolated, and everywhere what
// a person wrote in another direction does; isolates end where they began.
func TestWhatIsInsertedCannotTurnTheTextAround(t *testing.T) {
	for _, tag := range explain.Languages() {
		l := in(t, tag)
		for _, s := range statementtest.All(t) {
			for _, line := range l.Statement(s) {
				checkIsolates(t, tag, l.RightToLeft(), line)
			}
		}
	}
}

func checkIsolates(t *testing.T, tag string, rtl bool, line string) {
	t.Helper()
	depth, latin := 0, 0
	for _, r := range line {
		switch {
		case r == 0x2066 || r == 0x2068:
			depth++
		case r == 0x2069:
			depth--
		case rtl && depth == 0 && (r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'):
			latin++
		case !rtl && depth == 0 && r >= 0x600 && r <= 0x6ff:
			t.Errorf("%s: %q: what runs from right to left is not isolated", tag, line)
		}
		if depth < 0 || depth > 1 {
			t.Fatalf("%s: %q: isolates do not fit", tag, line)
		}
	}
	if depth != 0 || latin > len("UTC") {
		t.Errorf("%s: %q: %d letters are not isolated, isolates left open: %d", tag, line, latin, depth)
	}
}

// What a person wrote cannot steer a terminal, end its isolate or write a line.
func FuzzWordsOfPeopleAreHarmless(f *testing.F) {
	for _, text := range []string{"Dr. Leyla", "معهد", "\x1b[2J", "\u202eevil", "a\u2069\u2066b", "\u2028", "\u200f", "\U000e0041", "x\ny", "a”. This is true. “b"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, tag := range explain.Languages() {
			got := in(t, tag).Words(text)
			inner := strings.Trim(got, "“”« »")
			inner = strings.TrimSuffix(strings.TrimPrefix(inner, "\u2068"), "\u2069")
			if strings.ContainsAny(inner, "\x1b\n\r\t\x00\u007f\u0085\u2028\u2029\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff") {
				t.Errorf("%s: %q became %q", tag, text, got)
			}
			if strings.Count(got, "\u2068") != strings.Count(got, "\u2069") || strings.ContainsAny(inner, "“”„«»") {
				t.Errorf("%s: %q became %q", tag, text, got)
			}
		}
	})
}

// Whatever statement is signed, there are words for it.
func FuzzEveryStatementHasWords(f *testing.F) {
	for _, s := range statementtest.All(f) {
		f.Add(s.Compact())
	}
	f.Fuzz(func(t *testing.T, compact string) {
		s, err := statement.Parse(compact)
		if err != nil {
			return
		}
		for _, tag := range explain.Languages() {
			if lines := in(t, tag).Statement(s); len(lines) < 2 || lines[1] == "" {
				t.Errorf("%s: %q", tag, lines)
			}
		}
	})
}

// The system's language decides, and English where it names none of ours.
func TestTheSystemsLanguageIsPicked(t *testing.T) {
	for want, env := range map[string]map[string]string{
		"ar":  {"LANG": "ar_YE.UTF-8"},
		"uk":  {"LANG": "en_US.UTF-8", "LC_MESSAGES": "uk_UA"},
		"fr":  {"LC_ALL": "fr", "LANG": "ar"},
		"ckb": {"LANG": "ku_IQ"},
		"en":  {"LC_ALL": "C.UTF-8", "LANG": "ar"},
	} {
		if got := explain.Pick(func(name string) string { return env[name] }); got != want {
			t.Errorf("%v: %s, want %s", env, got, want)
		}
	}
	if got := explain.Pick(func(string) string { return "" }); got != "en" {
		t.Errorf("nothing set: %s", got)
	}
}

// An id in a sentence stays one piece, and is the one that was signed.
func TestAnIDIsShownWhole(t *testing.T) {
	const account = id.Thumbprint("L3WXdk_nQt8bcXuQumzzqbzFGzUr-uj9K-UE5JG-7l4")
	for _, tag := range explain.Languages() {
		if got := in(t, tag).ID(string(account)); strings.Trim(got, "\u2066\u2069") != string(account) {
			t.Errorf("%s: %q", tag, got)
		}
	}
}
