package apidoc

import (
	"fmt"
	"html/template"
	"strings"

	"gopkg.in/yaml.v3"
)

// Contract is a document, as pages show it.
type Contract struct {
	Title, Version, Summary string
	Intro                   template.HTML
	Chapters                []Chapter
	Schemes                 []Named // how requests are signed
	Refusals                []Answer
	Objects                 []Shape // the schemas
}

// Named is something with a description.
type Named struct {
	Name string
	Says template.HTML
}

// Chapter is all operations of one tag.
type Chapter struct {
	Name, About string
	Operations  []Operation
}

// Operation is one request.
type Operation struct {
	ID, Method, Path, Summary string
	Says                      template.HTML
	Security                  []string // schemes it needs; none: anybody may call
	Parameters                []Field
	Body                      *Body
	Answers                   []Answer
}

// Answer is an answer of one status. A refusal that many operations share has the Name
// of its component, and is shown in whole once.
type Answer struct {
	Status, Name string
	Says         template.HTML
	Headers      []Field
	Bodies       []Body
	Problems     []string // the types of a refusal
}

// Body is a body of one media type.
type Body struct {
	Media    string
	Type     template.HTML
	Examples []Example
}

// Example is an example as it travels.
type Example struct{ Name, Summary, Text string }

// Shape is a schema that has a name.
type Shape struct {
	Name   string
	Says   template.HTML
	Type   template.HTML
	Notes  []string
	Fields []Field
}

// Field is a parameter, a header or a member.
type Field struct {
	Name, In string
	Required bool
	Type     template.HTML
	Notes    []string
	Says     template.HTML
	Example  string
}

// Read reads a contract.
func Read(text []byte) (*Contract, error) {
	var y yaml.Node
	if err := yaml.Unmarshal(text, &y); err != nil {
		return nil, err
	}
	if y.Kind != yaml.DocumentNode {
		return nil, fmt.Errorf("it is empty")
	}
	r := &reader{root: node{y.Content[0]}}
	info := r.root.get("info")
	c := &Contract{Title: info.get("title").text(), Version: info.get("version").text(), Summary: info.get("summary").text(), Intro: said(info.get("description").text())}
	components := r.root.get("components")
	components.get("securitySchemes").each(func(name string, n node) {
		c.Schemes = append(c.Schemes, Named{name, said(n.get("description").text())})
	})
	components.get("responses").each(func(name string, n node) { c.Refusals = append(c.Refusals, r.answer(statusOf(n), name, n)) })
	components.get("schemas").each(func(name string, n node) { c.Objects = append(c.Objects, r.shape(name, n)) })
	c.Chapters = r.chapters()
	return c, r.err
}

func (r *reader) chapters() (out []Chapter) {
	at := map[string]int{}
	for _, t := range r.root.get("tags").items() {
		at[t.get("name").text()] = len(out)
		out = append(out, Chapter{Name: t.get("name").text(), About: t.get("description").text()})
	}
	r.root.get("paths").each(func(path string, methods node) {
		methods.each(func(method string, n node) {
			for _, tag := range n.get("tags").texts() {
				i, ok := at[tag]
				if !ok {
					r.err = fmt.Errorf("%s %s: tag %s is not declared", method, path, tag)
					return
				}
				out[i].Operations = append(out[i].Operations, r.operation(strings.ToUpper(method), path, n))
			}
		})
	})
	return out
}

func (r *reader) operation(method, path string, n node) Operation {
	o := Operation{ID: n.get("operationId").text(), Method: method, Path: path, Summary: n.get("summary").text(), Says: said(n.get("description").text())}
	security := n.get("security")
	if !security.there() {
		security = r.root.get("security")
	}
	for _, s := range security.items() {
		s.each(func(name string, _ node) { o.Security = append(o.Security, name) })
	}
	for _, p := range n.get("parameters").items() {
		p, _ = r.follow(p)
		f := r.field(p.get("name").text(), p.get("schema"), p.get("required").truth())
		f.In, f.Says = p.get("in").text(), said(p.get("description").text())
		if e := r.examples(p); len(e) > 0 {
			f.Example = e[0].Text
		}
		o.Parameters = append(o.Parameters, f)
	}
	if b := r.bodies(n.get("requestBody").get("content")); len(b) > 0 {
		o.Body = &b[0]
	}
	n.get("responses").each(func(status string, a node) {
		a, name := r.follow(a)
		o.Answers = append(o.Answers, r.answer(status, name, a))
	})
	return o
}

func (r *reader) answer(status, name string, n node) Answer {
	a := Answer{Status: status, Name: name, Says: said(n.get("description").text()), Bodies: r.bodies(n.get("content"))}
	n.get("headers").each(func(name string, h node) {
		h, _ = r.follow(h)
		f := r.field(name, h.get("schema"), h.get("required").truth())
		f.Says = said(h.get("description").text())
		a.Headers = append(a.Headers, f)
	})
	n.get("content").get("application/problem+json").get("examples").each(func(name string, _ node) { a.Problems = append(a.Problems, name) })
	return a
}

// statusOf is that of a refusal, which its schema fixes.
func statusOf(n node) string {
	for _, s := range n.get("content").get("application/problem+json").get("schema").get("allOf").items() {
		if v := s.get("properties").get("status").get("const").text(); v != "" {
			return v
		}
	}
	return ""
}

func (r *reader) bodies(content node) (out []Body) {
	content.each(func(media string, n node) {
		schema := n.get("schema")
		if all := schema.get("allOf").items(); len(all) > 0 {
			schema = all[0]
		}
		out = append(out, Body{Media: media, Type: r.kind(schema), Examples: r.examples(n)})
	})
	return out
}

func (r *reader) examples(n node) (out []Example) {
	if e := n.get("example"); e.there() {
		out = append(out, Example{Text: spell(e)})
	}
	n.get("examples").each(func(name string, e node) {
		e, _ = r.follow(e)
		out = append(out, Example{Name: name, Summary: e.get("summary").text(), Text: spell(e.get("value"))})
	})
	return out
}
