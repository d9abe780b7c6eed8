package apidoc

import (
	"encoding/json"
	"strings"
	"unicode"

	"gopkg.in/yaml.v3"
)

// spell writes an example as it travels: text as it is, if it is text, everything else
// as JSON with members in the contract's order.
func spell(n node) string {
	if n.y != nil && n.y.Kind == yaml.ScalarNode && n.y.Tag == "!!str" && !strings.ContainsFunc(n.y.Value, unseen) {
		return n.y.Value
	}
	var b strings.Builder
	write(&b, n, "")
	return b.String()
}

func unseen(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }

func write(b *strings.Builder, n node, indent string) {
	deeper := indent + "  "
	switch {
	case n.y == nil:
		b.WriteString("null")
	case n.y.Kind == yaml.MappingNode && len(n.y.Content) > 0:
		sep := "{\n"
		n.each(func(name string, v node) {
			b.WriteString(sep + deeper + quoted(name) + ": ")
			write(b, v, deeper)
			sep = ",\n"
		})
		b.WriteString("\n" + indent + "}")
	case n.y.Kind == yaml.SequenceNode && len(n.y.Content) > 0:
		sep := "[\n"
		for _, v := range n.items() {
			b.WriteString(sep + deeper)
			write(b, v, deeper)
			sep = ",\n"
		}
		b.WriteString("\n" + indent + "]")
	case n.y.Kind == yaml.MappingNode:
		b.WriteString("{}")
	case n.y.Kind == yaml.SequenceNode:
		b.WriteString("[]")
	case n.y.Tag == "!!str":
		b.WriteString(quoted(n.y.Value))
	default:
		b.WriteString(n.y.Value) // a number, true, false or null, spelled alike in both
	}
}

func quoted(s string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a string always encodes, and a builder takes everything
	return strings.TrimSuffix(b.String(), "\n")
}
