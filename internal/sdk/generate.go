package main

import (
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// contract is the part of the document that types are made of.
type contract struct {
	Paths      map[string]map[string]operation `yaml:"paths"`
	Security   []map[string][]string           `yaml:"security"`
	Components struct {
		Schemas    map[string]schema    `yaml:"schemas"`
		Parameters map[string]parameter `yaml:"parameters"`
	} `yaml:"components"`
}

type operation struct {
	ID          string                 `yaml:"operationId"`
	Summary     string                 `yaml:"summary"`
	Description string                 `yaml:"description"`
	Deprecated  bool                   `yaml:"deprecated"`
	Security    *[]map[string][]string `yaml:"security"`
	Parameters  []parameter            `yaml:"parameters"`
	Request     *struct {
		Content map[string]struct{ Schema schema }
	} `yaml:"requestBody"`
	Responses map[string]struct {
		Content map[string]struct{ Schema schema }
	} `yaml:"responses"`

	method, path string
}

type parameter struct {
	Ref         string `yaml:"$ref"`
	Name        string `yaml:"name"`
	In          string `yaml:"in"`
	Required    bool   `yaml:"required"`
	Description string `yaml:"description"`
	Schema      schema `yaml:"schema"`
}

type schema struct {
	Ref         string            `yaml:"$ref"`
	Type        any               `yaml:"type"`
	Description string            `yaml:"description"`
	Const       any               `yaml:"const"`
	Enum        []any             `yaml:"enum"`
	AllOf       []schema          `yaml:"allOf"`
	Items       *schema           `yaml:"items"`
	Required    []string          `yaml:"required"`
	Properties  map[string]schema `yaml:"properties"`
}

// generate writes contract.ts: a type for each schema, and for each operation what it
// takes and gives, with a table of where it is for the program that calls it.
func generate(text []byte) ([]byte, error) {
	var c contract
	if err := yaml.Unmarshal(text, &c); err != nil {
		return nil, fmt.Errorf("read the contract: %w", err)
	}
	var b strings.Builder
	b.WriteString("// Made from openapi.yaml. Do not change it: change the contract.\n")
	for _, name := range sorted(c.Components.Schemas) {
		b.WriteString("\n" + c.declare(name, c.Components.Schemas[name]))
	}
	list := c.operations()
	b.WriteString("\n/** What each operation takes and gives. Response: the answer is no JSON, and is handed on as it comes. */\nexport interface Operations {\n")
	for _, o := range list {
		b.WriteString(c.types(o))
	}
	b.WriteString("}\n\n/** Where each operation is. */\nexport const operations = {\n")
	for _, o := range list {
		b.WriteString(c.place(o))
	}
	b.WriteString("} as const;\n")
	return []byte(b.String()), nil
}

func sorted[V any](m map[string]V) (names []string) {
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func (c *contract) operations() (list []operation) {
	for path, methods := range c.Paths {
		for method, o := range methods {
			o.method, o.path = strings.ToUpper(method), path
			for i, p := range o.Parameters {
				if name, ok := strings.CutPrefix(p.Ref, "#/components/parameters/"); ok {
					o.Parameters[i] = c.Components.Parameters[name]
				}
			}
			list = append(list, o)
		}
	}
	slices.SortFunc(list, func(a, b operation) int { return strings.Compare(a.ID, b.ID) })
	return list
}

// doc is a comment that nothing of the contract can end.
func doc(indent, text string) string {
	text = strings.ReplaceAll(strings.Join(strings.Fields(text), " "), "*/", "*\\/")
	if text == "" {
		return ""
	}
	return indent + "/** " + text + " */\n"
}

func (c *contract) declare(name string, s schema) string {
	if len(s.Properties) == 0 {
		return doc("", s.Description) + "export type " + name + " = " + s.kind() + ";\n"
	}
	return doc("", s.Description) + "export interface " + name + " " + s.members("") + "\n"
}

// members are those of an object, as an interface has them.
func (s schema) members(indent string) string {
	var b strings.Builder
	b.WriteString("{\n")
	for _, name := range sorted(s.Properties) {
		p := s.Properties[name]
		mark := "?"
		if slices.Contains(s.Required, name) {
			mark = ""
		}
		b.WriteString(doc(indent+"  ", p.Description) + indent + "  " + name + mark + ": " + p.kind() + ";\n")
	}
	return b.String() + indent + "}"
}

// kind is the type of a value.
func (s schema) kind() string {
	if name, ok := strings.CutPrefix(s.Ref, "#/components/schemas/"); ok {
		return name
	}
	switch {
	case len(s.AllOf) > 0:
		return s.AllOf[0].kind()
	case s.Const != nil:
		return literal(s.Const)
	case len(s.Enum) > 0:
		words := make([]string, len(s.Enum))
		for i, w := range s.Enum {
			words[i] = literal(w)
		}
		return strings.Join(words, " | ")
	case len(s.Properties) > 0:
		return s.members("  ")
	}
	switch s.Type {
	case "string":
		return "string"
	case "integer", "number":
		return "number"
	case "boolean":
		return "boolean"
	case "array":
		if s.Items == nil {
			return "unknown[]"
		}
		return "(" + s.Items.kind() + ")[]"
	}
	return "unknown"
}

func literal(v any) string {
	if text, ok := v.(string); ok {
		return quoted(text)
	}
	return fmt.Sprint(v)
}
