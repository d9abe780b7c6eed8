// Package strictxml reads small XML documents that strangers send.
//
// It promises a tree or an error, in memory bounded by the limits it is given, for
// any bytes: no document type, no entity but the five of XML itself, no processing
// instruction but the XML declaration, no encoding but UTF-8, no name or attribute
// twice where one belongs, and nothing behind the root. There is therefore nothing
// to expand, to fetch or to include.
//
// Elements are known by their local names: the tools that send these documents use
// different namespaces for the same thing. It does not validate against a schema
// and does not write XML.
package strictxml

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// ErrRefused is every reason why a document is not read.
var ErrRefused = errors.New("the XML is refused")

// Limits bound a document. Each must be at least 1.
type Limits struct {
	Size  int // bytes of the document
	Depth int // elements within each other, the root included
	Nodes int // elements, attributes and runs of text together
}

// Element is an element with all that is in it.
type Element struct {
	Name     string // local
	Space    string // its namespace, or its prefix where that was not declared
	Attrs    []xml.Attr
	Children []*Element
	Text     string // all the character data directly in it, in order
}

// Parse reads a document.
func Parse(doc []byte, l Limits) (*Element, error) {
	root, err := parse(doc, l)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	return root, nil
}

func parse(doc []byte, l Limits) (*Element, error) {
	if len(doc) > l.Size {
		return nil, fmt.Errorf("%d bytes are the most", l.Size)
	}
	if !utf8.Valid(doc) {
		return nil, errors.New("it is not UTF-8")
	}
	doc = bytes.TrimPrefix(doc, []byte("\ufeff"))
	r := &reader{tokens: xml.NewDecoder(bytes.NewReader(doc)), limits: l}
	for {
		at := r.tokens.InputOffset()
		t, err := r.tokens.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			// The decoder's own words quote the document, which is none of the log's business.
			return nil, errors.New("it is not well-formed")
		}
		if err := r.take(t, at); err != nil {
			return nil, err
		}
	}
	if r.root == nil || len(r.open) > 0 {
		return nil, errors.New("it has no whole root element")
	}
	return r.root, nil
}

// reader is one reading of a document.
type reader struct {
	tokens *xml.Decoder
	limits Limits
	root   *Element
	open   []*Element
	nodes  int
}

func (r *reader) take(t xml.Token, at int64) error {
	switch t := t.(type) {
	case xml.StartElement:
		return r.begin(t)
	case xml.EndElement:
		r.open = r.open[:len(r.open)-1]
	case xml.CharData:
		return errors.Join(r.count(1), r.text(string(t)))
	case xml.Comment:
	case xml.ProcInst:
		if t.Target != "xml" || at != 0 {
			return errors.New("it has a processing instruction")
		}
	default:
		return errors.New("it has a document type")
	}
	return nil
}

func (r *reader) begin(t xml.StartElement) error {
	e := &Element{Name: t.Name.Local, Space: t.Name.Space, Attrs: xml.CopyToken(t).(xml.StartElement).Attr}
	if err := r.count(1 + len(e.Attrs)); err != nil {
		return err
	}
	if len(r.open) >= r.limits.Depth {
		return errors.New("its elements lie too deep")
	}
	for i, a := range e.Attrs {
		for _, b := range e.Attrs[:i] {
			if a.Name == b.Name {
				return errors.New("an element has an attribute twice")
			}
		}
	}
	switch {
	case len(r.open) > 0:
		above := r.open[len(r.open)-1]
		above.Children = append(above.Children, e)
	case r.root != nil:
		return errors.New("it has two root elements")
	default:
		r.root = e
	}
	r.open = append(r.open, e)
	return nil
}

func (r *reader) count(nodes int) error {
	if r.nodes += nodes; r.nodes > r.limits.Nodes {
		return errors.New("it has too much in it")
	}
	return nil
}

func (r *reader) text(s string) error {
	if len(r.open) > 0 {
		r.open[len(r.open)-1].Text += s
		return nil
	}
	if strings.TrimSpace(s) != "" {
		return errors.New("it has text outside its root")
	}
	return nil
}

// Attr is the value of an attribute without namespace.
func (e *Element) Attr(name string) (string, bool) {
	for _, a := range e.Attrs {
		if a.Name.Local == name && a.Name.Space == "" {
			return a.Value, true
		}
	}
	return "", false
}

// All are the elements of a local name directly in this one.
func (e *Element) All(name string) []*Element {
	var out []*Element
	for _, c := range e.Children {
		if c.Name == name {
			out = append(out, c)
		}
	}
	return out
}

// One is the only element of a local name directly in this one; nil where there is
// none, and an error where there are more: which of them counts, another reader
// might answer differently.
func (e *Element) One(name string) (*Element, error) {
	all := e.All(name)
	switch len(all) {
	case 0:
		return nil, nil
	case 1:
		return all[0], nil
	}
	return nil, fmt.Errorf("%w: there are %d elements %s where one belongs", ErrRefused, len(all), name)
}

// Walk visits this element and all within it, until visit says no.
func (e *Element) Walk(visit func(*Element) bool) bool {
	if !visit(e) {
		return false
	}
	for _, c := range e.Children {
		if !c.Walk(visit) {
			return false
		}
	}
	return true
}

// Plain is the text of an element that has nothing else in it, without white space
// around it.
func (e *Element) Plain() (string, error) {
	if len(e.Children) > 0 {
		return "", fmt.Errorf("%w: there are elements in %s", ErrRefused, e.Name)
	}
	return strings.TrimSpace(e.Text), nil
}
