package apidoc

import (
	"fmt"
	"html/template"
	"slices"
	"strings"
)

func (r *reader) shape(name string, n node) Shape {
	s := Shape{Name: name, Says: said(n.get("description").text()), Type: r.kind(n), Notes: notes(n)}
	required := n.get("required").texts()
	n.get("properties").each(func(name string, p node) {
		f := r.field(name, p, slices.Contains(required, name))
		f.Says = said(p.get("description").text())
		s.Fields = append(s.Fields, f)
	})
	return s
}

func (r *reader) field(name string, schema node, required bool) Field {
	return Field{Name: name, Required: required, Type: r.kind(schema), Notes: notes(schema)}
}

// kind says in a few words what a value is, with links to the schemas it is made of.
func (r *reader) kind(n node) template.HTML {
	if to, name := r.follow(n); name != "" && to.there() {
		safe := template.HTMLEscapeString(name)
		return template.HTML(`<a href="schemas#` + safe + `">` + safe + `</a>`) // escaped above
	}
	if n.get("type").text() == "array" {
		return "list of " + r.kind(n.get("items"))
	}
	words := n.get("type").text()
	if c := n.get("const"); c.there() {
		words = "always " + c.text()
	} else if list := n.get("enum").texts(); len(list) > 0 {
		words = "one of " + strings.Join(list, ", ")
	} else if words == "" && n.get("oneOf").there() {
		words = "one of several"
	}
	return template.HTML(template.HTMLEscapeString(words))
}

// notes are what bounds a value.
func notes(n node) (out []string) {
	for _, about := range [][2]string{
		{"minLength", "at least %s characters"}, {"maxLength", "at most %s characters"}, {"minimum", "at least %s"}, {"maximum", "at most %s"}, {"multipleOf", "a multiple of %s"},
		{"minItems", "at least %s entries"}, {"maxItems", "at most %s entries"}, {"format", "%s"}, {"contentEncoding", "%s"}, {"contentMediaType", "%s"}, {"default", "%s if absent"}, {"pattern", "matches %s"},
	} {
		if v := n.get(about[0]).text(); v != "" {
			out = append(out, fmt.Sprintf(about[1], v))
		}
	}
	if n.get("additionalProperties").text() == "false" {
		out = append(out, "no other members")
	}
	for _, one := range n.get("oneOf").items() {
		if need := one.get("required").texts(); len(need) > 0 {
			out = append(out, "either with "+strings.Join(need, " and "))
		}
	}
	n.get("dependentRequired").each(func(name string, with node) {
		out = append(out, name+" only with "+strings.Join(with.texts(), " and "))
	})
	return out
}
