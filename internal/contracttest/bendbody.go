package contracttest

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
)

// bodyBends bend what a request brings along.
func bodyBends() []bend {
	return append(append(treeBends(), textBends()...), []bend{
		{"no body", func(d *draft, _ *rand.Rand) bool { had := len(d.body) > 0; d.body = nil; return had }},
		{"an empty body", func(d *draft, _ *rand.Rand) bool {
			had := len(d.body) > 0
			if had {
				d.body = []byte{}
			}
			return had
		}},
		{"a body where none is taken", func(d *draft, rnd *rand.Rand) bool {
			if d.body != nil {
				return false
			}
			d.body, d.marks = []byte(oneOf(rnd, "{}", mark, strings.Repeat(mark, 5000))), true
			return true
		}},
		{"a large body", func(d *draft, rnd *rand.Rand) bool {
			if d.body == nil {
				return false
			}
			d.body, d.marks = bytes.Repeat([]byte(mark), 4000<<rnd.IntN(8)), true
			return true
		}},
		{"other bytes", func(d *draft, rnd *rand.Rand) bool {
			d.body = slices.Clone(d.body)
			for range min(len(d.body), 1+rnd.IntN(4)) {
				d.body[rnd.IntN(len(d.body))] = byte(rnd.IntN(256))
			}
			return len(d.body) > 0
		}},
	}...)
}

// treeBends bend one place of a JSON body.
func treeBends() []bend {
	bent := func(do func(rnd *rand.Rand, holder map[string]any, name string)) func(d *draft, rnd *rand.Rand) bool {
		return func(d *draft, rnd *rand.Rand) bool {
			var tree any
			if json.Unmarshal(d.body, &tree) != nil {
				return false
			}
			holders := objects(tree)
			if len(holders) == 0 {
				return false
			}
			holder := holders[rnd.IntN(len(holders))]
			names := keys(holder)
			if len(names) == 0 {
				return false
			}
			do(rnd, holder, names[rnd.IntN(len(names))])
			d.body, d.marks = []byte(spelled(tree)), true
			return true
		}
	}
	return []bend{
		{"a member missing", bent(func(_ *rand.Rand, o map[string]any, name string) { delete(o, name) })},
		{"a member more", bent(func(rnd *rand.Rand, o map[string]any, _ string) {
			o[oneOf(rnd, mark, "__proto__", "constructor", "", "role", "account", "admin", "id", "\u0000")] = mark
		})},
		{"other letter case", bent(func(_ *rand.Rand, o map[string]any, name string) { o[strings.ToUpper(name)] = o[name]; delete(o, name) })},
		{"another kind", bent(func(rnd *rand.Rand, o map[string]any, name string) {
			o[name] = []any{nil, true, 7, -1, 1.5, 1e18, mark, []any{}, map[string]any{}, []any{mark}, map[string]any{mark: mark}}[rnd.IntN(11)]
		})},
		{"odd text", bent(func(rnd *rand.Rand, o map[string]any, name string) { o[name] = odd(rnd) })},
		{"bent text", bent(func(rnd *rand.Rand, o map[string]any, name string) { o[name] = bentText(rnd, o[name]) })},
		{"longer", bent(func(rnd *rand.Rand, o map[string]any, name string) { o[name] = longer(rnd, o[name]) })},
	}
}

// bentText is nearly what it was: what is nearly right gets furthest.
func bentText(rnd *rand.Rand, v any) any {
	s, ok := v.(string)
	if !ok || s == "" {
		return mark
	}
	at := rnd.IntN(len(s))
	return []string{s[:at], s + "=", s + "A", s[:at] + string(rune('A'+rnd.IntN(26))) + s[at+1:], strings.ToUpper(s), s[:at] + "." + s[at:], s + " ", " " + s, s + "\n", s[:at] + "\u0000" + s[at:]}[rnd.IntN(10)]
}

func longer(rnd *rand.Rand, v any) any {
	switch v := v.(type) {
	case []any:
		if len(v) == 0 {
			return slices.Repeat([]any{mark}, 100)
		}
		return slices.Repeat(v, 2+rnd.IntN(2000))
	case float64:
		return []any{v * 1e6, -v, v + 0.5, 9007199254740993.0, 1e300}[rnd.IntN(5)]
	case string:
		return strings.Repeat(v+mark, 1+rnd.IntN(400))
	}
	return v
}

func objects(v any) (out []map[string]any) {
	switch v := v.(type) {
	case map[string]any:
		out = append(out, v)
		for _, name := range keys(v) {
			out = append(out, objects(v[name])...)
		}
	case []any:
		for _, i := range v {
			out = append(out, objects(i)...)
		}
	}
	return out
}

func keys(m map[string]any) (names []string) {
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

var firstMember = regexp.MustCompile(`^\{("[^"]*":)`)

// textBends bend a JSON body as text, into what a tree cannot hold.
func textBends() []bend {
	bent := func(do func(rnd *rand.Rand, s string) string) func(d *draft, rnd *rand.Rand) bool {
		return func(d *draft, rnd *rand.Rand) bool {
			if len(d.body) == 0 || d.body[0] != '{' {
				return false
			}
			d.body, d.marks = []byte(do(rnd, string(d.body))), true
			return true
		}
	}
	return []bend{
		{"a member twice", bent(func(_ *rand.Rand, s string) string { return firstMember.ReplaceAllString(s, `{${1}"`+mark+`",${1}`) })},
		{"cut off", bent(func(rnd *rand.Rand, s string) string { return s[:rnd.IntN(len(s))] })},
		{"more behind it", bent(func(rnd *rand.Rand, s string) string {
			return s + oneOf(rnd, "{}", "x", "\x00", "\n\n", ",", "//"+mark, "]")
		})},
		{"more before it", bent(func(rnd *rand.Rand, s string) string {
			return oneOf(rnd, "\ufeff", "[", "/**/", "\x00", " \n", ")]}',\n") + s
		})},
		{"deep", bent(func(rnd *rand.Rand, _ string) string {
			return strings.Repeat(oneOf(rnd, "[", `{"a":`), 200<<rnd.IntN(8))
		})},
		{"odd numbers", bent(func(rnd *rand.Rand, s string) string {
			return firstMember.ReplaceAllString(s, `{${1}`+oneOf(rnd, "1e999", "-0", "01", "0x10", "NaN", "1.0", "1_000", "9223372036854775808", strings.Repeat("9", 1000))+`,"`+mark+`":`)
		})},
		{"odd escapes", bent(func(rnd *rand.Rand, s string) string {
			return firstMember.ReplaceAllString(s, `{${1}"`+mark+oneOf(rnd, `\ud800`, `\u0000`, `\x`, "\xff", "\xed\xa0\x80", "\n", `\/`)+`","`+mark+`":`)
		})},
		{"something else", bent(func(rnd *rand.Rand, _ string) string {
			return oneOf(rnd, "null", "[]", "0", `""`, "true", `"`+mark+`"`, "{", "<a/>", "a: b")
		})},
	}
}
