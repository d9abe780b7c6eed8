package apitest

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/relatingfield/vault/api"
)

// Sample is one example of a body in the contract.
type Sample struct {
	Operation
	ID     string // operationId
	Status int    // of the answer; 0 for a request
	Media  string
	Schema string // name of its schema, empty where it has none of its own
	Name   string
	Value  any

	at string
}

// String tells where the sample stands.
func (s Sample) String() string {
	return fmt.Sprintf("%s %s %d, example %s", s.Method, s.Path, s.Status, s.Name)
}

// Samples lists the examples of all bodies.
func (c *Contract) Samples() []Sample {
	var out []Sample
	for _, o := range c.Operations() {
		op := c.doc.Paths[o.Path][strings.ToLower(o.Method)]
		if op.RequestBody != nil {
			out = append(out, samples(o, op.ID, 0, op.RequestBody.Content)...)
		}
		for status, resp := range op.Responses {
			code, _ := strconv.Atoi(status) // Check refuses others
			out = append(out, samples(o, op.ID, code, resp.Content)...)
		}
	}
	return out
}

func samples(o Operation, id string, status int, content map[string]*mediaType) (out []Sample) {
	for media, m := range content {
		for name, e := range m.Examples {
			out = append(out, Sample{o, id, status, media, m.schemaName(), name, e.Value, m.at + "/schema"})
		}
	}
	return out
}

// schemaName is the component that a schema consists of, or that a refusal
// narrows down.
func (m *mediaType) schemaName() string {
	schema, _ := m.Schema.(map[string]any)
	if all, ok := schema["allOf"].([]any); ok && len(all) > 0 {
		schema, _ = all[0].(map[string]any)
	}
	ref, _ := schema["$ref"].(string)
	return strings.TrimPrefix(ref, "#/components/schemas/")
}

// CheckSample holds an example against its schema.
func (c *Contract) CheckSample(s Sample) error {
	v, err := asJSON(s.Value)
	if err != nil {
		return err
	}
	return c.valid(s.at, v)
}

// Check says what is missing in the contract itself: what every operation owes
// those who read it, and answers that every request of its kind can get.
func (c *Contract) Check() []error {
	var faults faults
	ids := map[string]bool{}
	for _, o := range c.Operations() {
		op := c.doc.Paths[o.Path][strings.ToLower(o.Method)]
		where := o.Method + " " + o.Path
		faults.unless(op.ID != "" && !ids[op.ID], "%s: operationId %q is empty or stands twice", where, op.ID)
		ids[op.ID] = true
		c.checkWords(&faults, where, op)
		c.checkParameters(&faults, where, o, op)
		c.checkBodies(&faults, where, op)
		c.checkAnswers(&faults, where, o, op)
	}
	c.checkComponents(&faults)
	return faults
}

type faults []error

func (f *faults) unless(ok bool, format string, args ...any) {
	if !ok {
		*f = append(*f, fmt.Errorf(format, args...))
	}
}

func (c *Contract) checkWords(f *faults, where string, op *operation) {
	f.unless(op.Summary != "" && !strings.HasSuffix(op.Summary, "."), "%s: summary %q", where, op.Summary)
	f.unless(len(op.Description) > 30, "%s: description %q", where, op.Description)
	for _, name := range op.Tags {
		f.unless(slices.ContainsFunc(c.doc.Tags, func(t tag) bool { return t.Name == name }), "%s: tag %s is not declared", where, name)
	}
	f.unless(op.Deprecated == (op.Sunset != ""), "%s: what is deprecated has a day x-sunset, and nothing else has", where)
	for status, resp := range op.Responses {
		announced := resp.Headers["Deprecation"] != nil && resp.Headers["Sunset"] != nil
		f.unless(!op.Deprecated || announced || status >= "400", "%s: answer %s does not announce the end", where, status)
	}
	f.unless(len(op.Tags) == 1, "%s: it has %d tags", where, len(op.Tags))
}

func (c *Contract) checkParameters(f *faults, where string, o Operation, op *operation) {
	for _, step := range strings.Split(o.Path, "/") {
		if name, ok := strings.CutPrefix(step, "{"); ok {
			name = strings.TrimSuffix(name, "}")
			declared := slices.ContainsFunc(op.Parameters, func(p *parameter) bool { return p.In == "path" && p.Name == name && p.Required })
			f.unless(declared, "%s: parameter %s is not declared", where, name)
		}
	}
	for _, p := range op.Parameters {
		f.unless(p.In != "path" || strings.Contains(o.Path, "{"+p.Name+"}"), "%s: the path has no parameter %s", where, p.Name)
		f.unless(p.Description != "" && p.Schema != nil, "%s: parameter %s says nothing", where, p.Name)
		for _, v := range p.samples() {
			err := c.validWord(p.at+"/schema", fmt.Sprint(v))
			f.unless(err == nil, "%s: example of %s: %v", where, p.Name, err)
		}
	}
}

func (p *parameter) samples() (out []any) {
	if p.Example != nil {
		out = append(out, p.Example)
	}
	for _, e := range p.Examples {
		out = append(out, e.Value)
	}
	return out
}

func (c *Contract) checkBodies(f *faults, where string, op *operation) {
	if b := op.RequestBody; b != nil {
		f.unless(b.Required && len(b.Content) == 1, "%s: the request body is not required or of several types", where)
		for media, m := range b.Content {
			f.unless(!isJSON(media) || len(m.Examples) > 0 && m.schemaName() != "", "%s: the request has no example or no schema", where)
		}
	}
	for status, resp := range op.Responses {
		code, err := strconv.Atoi(status)
		f.unless(err == nil && (http.StatusText(code) != "" || code == api.StatusChecksumMismatch), "%s: %s is no status", where, status)
		// What speaks tus says what it has to say in headers.
		bare := (code < 300 && resp.Headers[api.HeaderTusResumable] != nil || code == http.StatusNoContent || code == http.StatusNotModified) && len(resp.Content) == 0
		f.unless(resp.Description != "" && (bare || len(resp.Content) == 1), "%s: answer %s has no description or not one type", where, status)
		for media, m := range resp.Content {
			f.unless(len(m.Examples) > 0 && m.Schema != nil, "%s: answer %s has no example or no schema", where, status)
			oauth := m.schemaName() == "TokenError" // RFC 6749 has its own refusals
			f.unless((code >= 400 && !oauth) == (media == "application/problem+json"), "%s: answer %s is of type %s", where, status, media)
		}
	}
}

// checkAnswers knows which refusals follow from what an operation takes.
func (c *Contract) checkAnswers(f *faults, where string, o Operation, op *operation) {
	if !strings.HasPrefix(o.Path, "/v1/") {
		return
	}
	// A head that cannot be read and a body that is too much can come with anything.
	want := []string{"400", "413", "429", "500", "503"}
	if len(c.secrets(op)) > 0 {
		want = append(want, "401")
	}
	if strings.Contains(o.Path, "{") && o.Method != http.MethodOptions {
		want = append(want, "404")
	}
	if op.RequestBody != nil {
		want = append(want, "408", "415", "507")
		if op.RequestBody.Content[api.MediaBytes] != nil {
			want = append(want, "411")
		}
	}
	for _, status := range want {
		f.unless(op.Responses[status] != nil, "%s: answer %s is missing", where, status)
	}
}

// checkComponents finds what nothing refers to, and addresses with two meanings.
func (c *Contract) checkComponents(f *faults) {
	for a := range c.doc.Paths {
		for b := range c.doc.Paths {
			_, both := fit(a, strings.NewReplacer("{", "", "}", "").Replace(b))
			f.unless(a == b || !both, "%s and %s fit one address", a, b)
		}
	}
	f.unless(c.doc.Components.Responses["MethodNotAllowed"] != nil, "there is no answer MethodNotAllowed")
}
