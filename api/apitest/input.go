package apitest

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Input is what an operation takes, for programs that make requests.
type Input struct {
	Operation
	ID         string
	Tag        string
	Parameters []Parameter
	Secured    []string // security schemes it needs; none: anybody may call
	Media      string   // of the body; empty: it takes none
	Body       any      // the body's schema, as YAML reads it
	Acts       []string // acts of the statements that its description names
	Sunset     string   // the day of its end, if that was announced
	Statuses   []int    // of its answers
}

// Parameter is one of a request's.
type Parameter struct {
	Name, In string
	Required bool
	Schema   any
	Examples []any
}

var acts = regexp.MustCompile("acts? `([a-z]+)`(?: (?:or|and) `([a-z]+)`)?")

// Acts are the acts of statements that a description names.
func Acts(description string) (out []string) {
	for _, m := range acts.FindAllStringSubmatch(description, -1) {
		out = append(out, m[1])
		if m[2] != "" {
			out = append(out, m[2])
		}
	}
	return out
}

// Inputs lists what every operation takes, in the order of Operations.
func (c *Contract) Inputs() (out []Input) {
	for _, o := range c.Operations() {
		op := c.doc.Paths[o.Path][strings.ToLower(o.Method)]
		in := Input{Operation: o, ID: op.ID, Tag: strings.Join(op.Tags, ","), Secured: c.schemes(op), Acts: Acts(op.Description), Sunset: op.Sunset}
		for status := range op.Responses {
			code, _ := strconv.Atoi(status) // Check refuses others
			in.Statuses = append(in.Statuses, code)
		}
		slices.Sort(in.Statuses)
		for _, p := range op.Parameters {
			in.Parameters = append(in.Parameters, Parameter{p.Name, p.In, p.Required, p.Schema, p.samples()})
		}
		if op.RequestBody != nil {
			for media, m := range op.RequestBody.Content {
				in.Media, in.Body = media, m.Schema
			}
		}
		out = append(out, in)
	}
	return out
}

// schemes are the names of the security schemes that an operation needs.
func (c *Contract) schemes(op *operation) (names []string) {
	needs := c.doc.Security
	if op.Security != nil {
		needs = *op.Security
	}
	for _, n := range needs {
		for name := range n {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// Schemas are the components that schemas refer to, by name.
func (c *Contract) Schemas() map[string]any { return c.doc.Components.Schemas }
