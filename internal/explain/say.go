package explain

import (
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/relatingfield/vault/internal/statement"
)

// with are the things that stand in a text, by the name of their place.
type with map[string]string

// say puts things into a text. A place without a thing would be a fault of ours;
// it stays visible.
func (l *Language) say(key string, w with) string {
	var pairs []string
	for place, thing := range w {
		pairs = append(pairs, "{"+place+"}", thing)
	}
	return strings.NewReplacer(pairs...).Replace(l.texts[key])
}

// Say gives one of the sentences around statements (accepted, same-part, false, …)
// with things that need no isolation put in by name; ids go through ID, days
// through Day, numbers through Number.
func (l *Language) Say(key string, things map[string]string) string { return l.say(key, things) }

// The isolates of Unicode UAX 9. An id is latin letters and digits in any text; a
// person's words have a direction of their own.
const (
	isolateLTR   = '\u2066'
	isolateFirst = '\u2068'
	isolateEnd   = '\u2069'
)

// ID puts an id, hash or key into the language.
func (l *Language) ID(id string) string {
	if !l.rtl {
		return id
	}
	return string(isolateLTR) + harmless(id) + string(isolateEnd)
}

// Words puts what a person wrote into the language, in quotation marks that it
// cannot end: nobody's purpose is taken for a sentence of ours.
func (l *Language) Words(text string) string {
	return l.say("quote", with{"text": l.isolated(strings.Map(unquote, harmless(text)))})
}

// unquote leaves a person's text no mark that ours could be taken for.
func unquote(r rune) rune {
	if strings.ContainsRune("“”„«»", r) {
		return '"'
	}
	return r
}

func (l *Language) isolated(text string) string {
	if !l.rtl && !strings.ContainsFunc(text, rightToLeft) {
		return text
	}
	return string(isolateFirst) + text + string(isolateEnd)
}

func rightToLeft(r rune) bool {
	return unicode.In(r, unicode.Arabic, unicode.Hebrew, unicode.Syriac, unicode.Thaana, unicode.Nko, unicode.Adlam)
}

// harmless shows U+FFFD for whatever steers instead of showing itself: controls,
// separators of lines, marks and embeddings that turn text around, and tags.
func harmless(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r), r == 0x2028, r == 0x2029, r == 0x200e, r == 0x200f, r == 0x061c, r >= 0x202a && r <= 0x202e,
			r >= 0x2066 && r <= 0x2069, r >= 0xfff9 && r <= 0xfffb, r == 0xfeff, r >= 0xe0000 && r <= 0xe007f:
			return unicode.ReplacementChar
		}
		return r
	}, text)
}

// Number spells a number in the digits of the language.
func (l *Language) Number(n int64) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return r
		}
		return l.digits[r-'0']
	}, strconv.FormatInt(n, 10))
}

// Day spells the day, in UTC, that a second lies in.
func (l *Language) Day(unix int64) string {
	y, m, d := time.Unix(unix, 0).UTC().Date()
	day := l.Number(int64(d))
	if l.tag == "fr" && d == 1 {
		day += "er"
	}
	return l.say("date", with{"day": day, "month": l.months[m-1], "year": l.Number(int64(y))})
}

// lastDay is the day that a term ends with whose first second after it is unix.
func (l *Language) lastDay(unix int64) string { return l.Day(unix - 1) }

// days spells a number of whole days.
func (l *Language) days(seconds int64) string {
	return l.counted("days.", seconds/statement.Day)
}

// counted spells a number of things in the form that the language has for it.
func (l *Language) counted(things string, n int64) string {
	return l.say(things+l.plural(n), with{"n": l.Number(n)})
}

// parts spells part 1, or parts 1, 2 and 3.
func (l *Language) parts(list []statement.GrantedPart) string {
	var b strings.Builder
	for i, p := range list {
		switch {
		case i > 0 && i == len(list)-1:
			b.WriteString(l.texts["list.and"])
		case i > 0:
			b.WriteString(l.texts["list.comma"])
		}
		b.WriteString(l.Number(p.N))
	}
	return l.say("parts."+l.plural(int64(len(list))), with{"list": b.String()})
}

// plurals picks a plural form by the rules of the Unicode CLDR for whole numbers.
func plurals(tag string) func(int64) string {
	switch tag {
	case "ar":
		return arabicPlural
	case "uk":
		return ukrainianPlural
	case "fr":
		return func(n int64) string { return oneOrOther(n <= 1) }
	}
	return func(n int64) string { return oneOrOther(n == 1) }
}

func oneOrOther(one bool) string {
	if one {
		return "one"
	}
	return "other"
}

func arabicPlural(n int64) string {
	switch {
	case n == 0:
		return "zero"
	case n == 1:
		return "one"
	case n == 2:
		return "two"
	case n%100 >= 3 && n%100 <= 10:
		return "few"
	case n%100 >= 11:
		return "many"
	}
	return "other"
}

func ukrainianPlural(n int64) string {
	switch {
	case n%10 == 1 && n%100 != 11:
		return "one"
	case n%10 >= 2 && n%10 <= 4 && (n%100 < 12 || n%100 > 14):
		return "few"
	}
	return "many"
}
