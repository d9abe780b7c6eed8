package contracttest

import (
	"encoding/json"
	"math/rand/v2"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"testing"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/apitest"
)

// values makes values by schema.
type values struct {
	schemas map[string]any // of the contract
	acts    map[string]any // of statement.schema.json
}

func newValues(t testing.TB, schemas map[string]any) *values {
	t.Helper()
	var doc struct {
		Defs map[string]any `json:"$defs"`
	}
	if err := json.Unmarshal(api.StatementSchema, &doc); err != nil {
		t.Fatal(err)
	}
	return &values{schemas, doc.Defs}
}

// maker makes one request's values.
type maker struct {
	*values
	rnd   *rand.Rand
	known func(schema, member string) (any, bool) // something real instead of something random
	sign  func(acts []string) (string, bool)      // a statement
	acts  []string                                // that the operation is about
	depth int
}

// member is a name and its value; objects keep their members in order, because
// statements have one spelling.
type member struct {
	name  string
	value any
}

// object is a JSON object.
type object []member

// MarshalJSON writes the members in their order.
func (o object) MarshalJSON() ([]byte, error) {
	var b strings.Builder
	b.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := json.Marshal(m.name)
		if err != nil {
			return nil, err
		}
		v, err := json.Marshal(m.value)
		if err != nil {
			return nil, err
		}
		b.Write(name)
		b.WriteByte(':')
		b.Write(v)
	}
	b.WriteByte('}')
	return []byte(b.String()), nil
}

// of makes a value of a schema. name is that of the component or member it is for.
func (m *maker) of(schema any, name string) any {
	s, _ := schema.(map[string]any)
	if m.depth++; m.depth > 200 {
		return nil
	}
	if ref, ok := s["$ref"].(string); ok {
		return m.referred(ref, name, s)
	}
	if all, ok := s["allOf"].([]any); ok && len(all) > 0 && s["type"] == nil {
		return m.of(all[0], name)
	}
	for _, either := range []string{"anyOf", "oneOf"} {
		if list, ok := s[either].([]any); ok && s["type"] == nil {
			return m.of(list[m.rnd.IntN(len(list))], name)
		}
	}
	if c, ok := s["const"]; ok {
		return c
	}
	if list, ok := s["enum"].([]any); ok {
		return list[m.rnd.IntN(len(list))]
	}
	switch s["type"] {
	case "object":
		return m.object(s)
	case "array":
		return m.array(s, name)
	case "integer":
		return m.integer(s, name)
	case "boolean":
		return m.rnd.IntN(2) == 0
	}
	return m.text(s, name)
}

func (m *maker) referred(ref, name string, s map[string]any) any {
	component := ref[strings.LastIndex(ref, "/")+1:]
	if component == "Statement" && m.sign != nil && m.rnd.IntN(8) > 0 {
		acts := m.acts
		if words, _ := s["description"].(string); len(apitest.Acts(words)) > 0 {
			acts = apitest.Acts(words)
		}
		if signed, ok := m.sign(acts); ok {
			return signed
		}
	}
	if m.known != nil && m.rnd.IntN(5) > 0 {
		if v, ok := m.known(component, name); ok {
			return v
		}
	}
	if strings.HasPrefix(ref, "#/$defs/") {
		return m.of(m.values.acts[component], name)
	}
	return m.of(m.schemas[component], name)
}

// object has what is required, in that order, and some of the rest.
func (m *maker) object(s map[string]any) object {
	properties, _ := s["properties"].(map[string]any)
	names := texts(s["required"])
	var rest []string
	for name := range properties {
		if !slices.Contains(names, name) {
			rest = append(rest, name)
		}
	}
	slices.Sort(rest)
	with, _ := s["dependentRequired"].(map[string]any)
	for _, name := range rest {
		if !slices.Contains(names, name) && m.rnd.IntN(2) == 0 {
			names = append(append(names, name), texts(with[name])...)
		}
	}
	var o object
	for i, name := range names {
		if !slices.Contains(names[:i], name) {
			o = append(o, member{name, m.of(properties[name], name)})
		}
	}
	return o
}

func texts(v any) (out []string) {
	list, _ := v.([]any)
	for _, i := range list {
		if s, ok := i.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

// array is short, and sorted where a list of texts has to be.
func (m *maker) array(s map[string]any, name string) []any {
	least, most := number(s["minItems"], 0), min(number(s["maxItems"], 3), 3)
	out := []any{}
	for range least + m.rnd.Int64N(max(most-least, 0)+1) {
		out = append(out, m.of(s["items"], name))
	}
	slices.SortFunc(out, func(a, b any) int { return strings.Compare(spelled(a), spelled(b)) })
	return slices.CompactFunc(out, func(a, b any) bool { return spelled(a) == spelled(b) })
}

func spelled(v any) string { b, _ := json.Marshal(v); return string(b) } // only values of JSON kinds are made

func number(v any, otherwise int64) int64 {
	switch v := v.(type) {
	case int:
		return int64(v)
	case int64:
		return v
	case uint64:
		return int64(min(v, 1<<62))
	case float64:
		return int64(v)
	}
	return otherwise
}

// integer likes bounds and small numbers.
func (m *maker) integer(s map[string]any, name string) any {
	if m.known != nil && m.rnd.IntN(5) > 0 {
		if v, ok := m.known("", name); ok {
			return v
		}
	}
	least, most, step := number(s["minimum"], 0), number(s["maximum"], 1<<53-1), max(number(s["multipleOf"], 1), 1)
	n := []int64{least, most, least + 1, min(least+m.rnd.Int64N(9), most), least + m.rnd.Int64N(max(most-least, 0)+1)}[m.rnd.IntN(5)]
	return max(n/step*step, (least+step-1)/step*step)
}

// text fits its pattern and its length, or says something in several scripts.
func (m *maker) text(s map[string]any, name string) any {
	if m.known != nil && m.rnd.IntN(5) > 0 {
		if v, ok := m.known("", name); ok {
			return v
		}
	}
	least := number(s["minLength"], 0)
	most := max(least, min(number(s["maxLength"], 60), 200))
	if p, ok := s["pattern"].(string); ok {
		for range 20 { // patterns say less about length than the bounds do
			if text := m.matching(p, int(least)); int64(len(text)) >= least && (int64(len(text)) <= number(s["maxLength"], 1<<20)) {
				return text
			}
		}
	}
	words := []rune("Winter, نحن هنا ، ئێمە, Ми тут é ﷺ 👩🏽‍🦱 ")
	var out []rune
	for range least + m.rnd.Int64N(most-least+1) {
		out = append(out, words[m.rnd.IntN(len(words))])
	}
	return string(out)
}

// matching makes a text that a pattern matches, of least bytes or more where a
// repetition can make it so long.
func (m *maker) matching(pattern string, least int) string {
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return ""
	}
	var b strings.Builder
	m.walk(&b, re.Simplify(), least)
	if ok, err := regexp.MatchString(pattern, b.String()); err != nil || !ok {
		return ""
	}
	return b.String()
}

func (m *maker) walk(b *strings.Builder, re *syntax.Regexp, least int) {
	times := func(from, to int) {
		for range from + m.rnd.IntN(to-from+1) {
			m.walk(b, re.Sub[0], least)
		}
	}
	switch re.Op {
	case syntax.OpLiteral:
		b.WriteString(string(re.Rune))
	case syntax.OpCharClass:
		at := m.rnd.IntN(len(re.Rune)/2) * 2
		b.WriteRune(re.Rune[at] + rune(m.rnd.IntN(int(re.Rune[at+1]-re.Rune[at])+1)))
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		b.WriteByte(byte('a' + m.rnd.IntN(26)))
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			m.walk(b, sub, least)
		}
	case syntax.OpAlternate:
		m.walk(b, re.Sub[m.rnd.IntN(len(re.Sub))], least)
	case syntax.OpCapture:
		m.walk(b, re.Sub[0], least)
	case syntax.OpStar:
		times(0, 6)
	case syntax.OpPlus:
		short := max(1, least-b.Len()-1)
		times(short, max(short, 12))
	case syntax.OpQuest:
		times(0, 1)
	case syntax.OpRepeat:
		times(re.Min, max(re.Max, re.Min))
	}
}
