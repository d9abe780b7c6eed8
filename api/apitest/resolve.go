package apitest

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// resolver replaces references by what they name and notes where each object
// stands, since a schema is compiled by its place.
type resolver struct {
	doc    *document
	faults []error
}

func (r *resolver) fault(format string, args ...any) {
	r.faults = append(r.faults, fmt.Errorf(format, args...))
}

func resolve(doc *document) error {
	r := &resolver{doc: doc}
	c := doc.Components
	for name, p := range c.Parameters {
		r.parameter(p, pointer("components", "parameters", name))
	}
	for name, h := range c.Headers {
		h.at = pointer("components", "headers", name)
	}
	for name, resp := range c.Responses {
		r.response(resp, pointer("components", "responses", name))
	}
	for path, methods := range doc.Paths {
		for method, op := range methods {
			r.operation(op, pointer("paths", path, method))
		}
	}
	return errors.Join(r.faults...)
}

func (r *resolver) operation(op *operation, at string) {
	for i, p := range op.Parameters {
		if p.Ref != "" {
			op.Parameters[i] = named(r, r.doc.Components.Parameters, "parameters", p.Ref, p)
		} else {
			r.parameter(p, at+pointer("parameters", strconv.Itoa(i)))
		}
	}
	if op.RequestBody != nil {
		r.content(op.RequestBody.Content, at+pointer("requestBody"))
	}
	for status, resp := range op.Responses {
		if resp.Ref != "" {
			op.Responses[status] = named(r, r.doc.Components.Responses, "responses", resp.Ref, resp)
		} else {
			r.response(resp, at+pointer("responses", status))
		}
	}
}

func (r *resolver) parameter(p *parameter, at string) {
	p.at = at
	r.examples(p.Examples)
}

func (r *resolver) response(resp *response, at string) {
	for name, h := range resp.Headers {
		if h.Ref != "" {
			resp.Headers[name] = named(r, r.doc.Components.Headers, "headers", h.Ref, h)
		} else {
			h.at = at + pointer("headers", name)
		}
	}
	r.content(resp.Content, at)
}

func (r *resolver) content(content map[string]*mediaType, at string) {
	for name, m := range content {
		m.at = at + pointer("content", name)
		r.examples(m.Examples)
	}
}

func (r *resolver) examples(of map[string]*example) {
	for name, e := range of {
		if e.Ref != "" {
			of[name] = named(r, r.doc.Components.Examples, "examples", e.Ref, e)
		}
	}
}

// named finds what a reference names among the components of one kind.
func named[T any](r *resolver, of map[string]*T, kind, ref string, otherwise *T) *T {
	name, ok := strings.CutPrefix(ref, "#/components/"+kind+"/")
	if found := of[name]; ok && found != nil {
		return found
	}
	r.fault("%s is none of the %s", ref, kind)
	return otherwise
}

// pointer spells a JSON pointer (RFC 6901).
func pointer(steps ...string) string {
	escape := strings.NewReplacer("~", "~0", "/", "~1")
	var b strings.Builder
	for _, s := range steps {
		b.WriteString("/" + escape.Replace(s))
	}
	return b.String()
}
