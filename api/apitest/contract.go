package apitest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"
)

// Contract is a contract that has been read. It is safe for concurrent use.
type Contract struct {
	doc document

	mu       sync.Mutex
	compiler *jsonschema.Compiler
}

// name is what schemas call the document; nothing is ever fetched by it.
const name = "urn:testimony-vault:contract"

// Parse reads a contract strictly: one document, no repeated or unknown member,
// no reference that leads nowhere.
func Parse(text []byte) (*Contract, error) {
	c := &Contract{}
	if err := decode(text, &c.doc); err != nil {
		return nil, fmt.Errorf("read the contract: %w", err)
	}
	if err := resolve(&c.doc); err != nil {
		return nil, fmt.Errorf("read the contract: %w", err)
	}
	var err error
	if c.compiler, err = compiler(text); err != nil {
		return nil, fmt.Errorf("read the contract: %w", err)
	}
	return c, nil
}

func decode(text []byte, v any) error {
	dec := yaml.NewDecoder(bytes.NewReader(text))
	dec.KnownFields(true)
	if err := dec.Decode(v); err != nil {
		return err
	}
	if err := dec.Decode(new(any)); !errors.Is(err, io.EOF) {
		return errors.New("there is more than one document")
	}
	return nil
}

// compiler knows the whole document as JSON. Objects are closed in it, so that a
// member which the contract does not name is found.
func compiler(text []byte) (*jsonschema.Compiler, error) {
	var raw map[string]any
	if err := yaml.Unmarshal(text, &raw); err != nil {
		return nil, err
	}
	closeObjects(raw)
	doc, err := asJSON(raw)
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.UseLoader(jsonschema.SchemeURLLoader{})
	return c, c.AddResource(name, doc)
}

func closeObjects(doc map[string]any) {
	components, _ := doc["components"].(map[string]any)
	schemas, _ := components["schemas"].(map[string]any)
	for _, s := range schemas {
		if schema, ok := s.(map[string]any); ok && schema["type"] == "object" {
			schema["additionalProperties"] = false
		}
	}
}

// asJSON turns what YAML gave into what JSON would have given.
func asJSON(v any) (any, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return jsonschema.UnmarshalJSON(bytes.NewReader(b))
}

// Operations lists the operations by path and method.
func (c *Contract) Operations() []Operation {
	var out []Operation
	for path, methods := range c.doc.Paths {
		for method := range methods {
			out = append(out, Operation{strings.ToUpper(method), path})
		}
	}
	slices.SortFunc(out, func(a, b Operation) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), strings.Compare(a.Method, b.Method))
	})
	return out
}

// schema compiles the schema at a JSON pointer.
func (c *Contract) schema(at string) (*jsonschema.Schema, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.compiler.Compile(name + "#" + (&url.URL{Fragment: at}).EscapedFragment())
}

// valid holds a value of JSON kinds against the schema at a pointer.
func (c *Contract) valid(at string, v any) error {
	s, err := c.schema(at)
	if err != nil {
		return err
	}
	return s.Validate(v)
}

// validText holds JSON text against the schema at a pointer.
func (c *Contract) validText(at string, text []byte) error {
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return fmt.Errorf("not JSON: %w", err)
	}
	return c.valid(at, v)
}

// validWord holds a header, path segment or query value against a schema.
func (c *Contract) validWord(at, word string) error {
	s, err := c.schema(at)
	if err != nil {
		return err
	}
	if isInteger(s) {
		return s.Validate(json.Number(word))
	}
	return s.Validate(word)
}

func isInteger(s *jsonschema.Schema) bool {
	for ; s != nil; s = s.Ref {
		if s.Types != nil {
			return slices.Contains(s.Types.ToStrings(), "integer")
		}
	}
	return false
}
