package api_test

import (
	"encoding"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/relatingfield/vault/api"
)

// schema is what these tests read of a schema.
type schema struct {
	Ref        string            `yaml:"$ref"`
	Type       string            `yaml:"type"`
	Enum       []string          `yaml:"enum"`
	Const      any               `yaml:"const"`
	Required   []string          `yaml:"required"`
	Properties map[string]schema `yaml:"properties"`
	Items      *schema           `yaml:"items"`
}

func schemas(t *testing.T) map[string]schema {
	t.Helper()
	var doc struct {
		Components struct{ Schemas map[string]schema }
	}
	if err := yaml.Unmarshal(api.OpenAPI, &doc); err != nil {
		t.Fatal(err)
	}
	return doc.Components.Schemas
}

// Each object of the contract is a Go type with the same members, of the same
// kinds, required where Go always writes them; and no type that travels is
// missing.
func TestSchemasAndTypesAgree(t *testing.T) {
	all := schemas(t)
	objects := map[string]bool{}
	for name, s := range all {
		if s.Type != "object" {
			continue
		}
		objects[name] = true
		if v, ok := wire()[name]; ok {
			agree(t, all, name, s, members(reflect.TypeOf(v)))
		} else {
			t.Errorf("schema %s has no Go type", name)
		}
	}
	for name := range wire() {
		if !objects[name] {
			t.Errorf("type %s has no schema", name)
		}
	}
	for _, name := range structs(t) {
		if _, ok := wire()[name]; !ok {
			t.Errorf("type api.%s is in no test", name)
		}
	}
}

// member is a field as it travels.
type member struct {
	kind     reflect.Type
	required bool
}

func members(of reflect.Type) map[string]member {
	out := map[string]member{}
	for _, f := range reflect.VisibleFields(of) {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name != "" {
			out[name] = member{f.Type, options == ""}
		}
	}
	return out
}

func agree(t *testing.T, all map[string]schema, name string, s schema, want map[string]member) {
	t.Helper()
	for property, is := range s.Properties {
		m, ok := want[property]
		switch {
		case !ok:
			t.Errorf("%s: Go has no member %s", name, property)
			continue
		case m.required != slices.Contains(s.Required, property):
			t.Errorf("%s.%s: required %v in Go and not so here", name, property, m.required)
		}
		if why := differs(all, is, m.kind); why != "" {
			t.Errorf("%s.%s: %s", name, property, why)
		}
		delete(want, property)
	}
	for property := range want {
		t.Errorf("%s: the schema has no member %s", name, property)
	}
}

// strict are the Go types that have a schema of the same name and no other.
func strict() []string {
	return []string{"ID", "Account", "Hash", "Role", "Mode", "PartState", "GrantState", "EventKind", "NoticeKind", "Access", "Kind", "PersonRole", "TrusteeAnswer", "FixityState"}
}

// differs says how a schema is not the Go type's, if it is not.
func differs(all map[string]schema, is schema, of reflect.Type) string {
	ref := strings.TrimPrefix(is.Ref, "#/components/schemas/")
	target := is
	if ref != "" {
		target = all[ref]
	}
	if of.Kind() == reflect.Pointer {
		of = of.Elem()
	}
	kind, name := kindOf(of), strings.Replace(of.Name(), "Thumbprint", "Account", 1)
	switch {
	case kind == "array":
		if target.Items == nil {
			return "a list in Go and not here"
		}
		return differs(all, *target.Items, of.Elem())
	case kind == "object" && ref != of.Name():
		return "it is a " + of.Name() + " in Go"
	case slices.Contains(strict(), name) && ref != name:
		return "it is a " + of.Name() + " in Go"
	case kindIn(target) != kind:
		return "it is a " + kind + " in Go"
	}
	return ""
}

// kindIn is the kind of JSON that a schema allows.
func kindIn(s schema) string {
	_, truth := s.Const.(bool)
	_, word := s.Const.(string)
	switch {
	case truth:
		return "boolean"
	case word, s.Type == "" && len(s.Enum) > 0:
		return "string"
	}
	return s.Type
}

func kindOf(t reflect.Type) string {
	_, text := reflect.New(t).Interface().(encoding.TextMarshaler)
	switch {
	case text || t.Kind() == reflect.String:
		return "string"
	case t.Kind() == reflect.Bool:
		return "boolean"
	case t.Kind() == reflect.Int || t.Kind() == reflect.Int64:
		return "integer"
	case t.Kind() == reflect.Slice:
		return "array"
	}
	return "object"
}

// source parses the Go files of a folder that are no tests.
func source(t *testing.T, dir string) (files []*ast.File) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no Go files in %s: %v", dir, err)
	}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	return files
}

// specs visits the declarations of types, constants and variables of a folder.
func specs(t *testing.T, dir string, visit func(ast.Spec)) {
	t.Helper()
	for _, f := range source(t, dir) {
		for _, d := range f.Decls {
			if g, ok := d.(*ast.GenDecl); ok {
				for _, s := range g.Specs {
					visit(s)
				}
			}
		}
	}
}

// structs are the exported structs of package api.
func structs(t *testing.T) (names []string) {
	specs(t, ".", func(s ast.Spec) {
		if ts, ok := s.(*ast.TypeSpec); ok && ts.Name.IsExported() {
			if _, ok := ts.Type.(*ast.StructType); ok {
				names = append(names, ts.Name.Name)
			}
		}
	})
	return names
}

// The words that a member may have are those of the constants in Go.
func TestEnumerationsAndConstantsAgree(t *testing.T) {
	all := schemas(t)
	for name, dir := range map[string]string{
		"Mode": ".", "PartState": ".", "GrantState": ".", "EventKind": ".", "NoticeKind": ".", "TrusteeAnswer": ".", "FixityState": ".",
		"Role": "../internal/statement", "Access": "../internal/statement", "Kind": "../internal/envelope",
	} {
		want := constants(t, dir, name)
		got := slices.Clone(all[name].Enum)
		slices.Sort(got)
		if len(want) < 2 || !slices.Equal(got, want) {
			t.Errorf("%s: %v here and %v in Go", name, got, want)
		}
	}
}

// constants are the values of the constants of a type, sorted.
func constants(t *testing.T, dir, of string) (values []string) {
	specs(t, dir, func(s ast.Spec) {
		v, ok := s.(*ast.ValueSpec)
		if !ok {
			return
		}
		if kind, ok := v.Type.(*ast.Ident); ok && kind.Name == of {
			text, err := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			values = append(values, text)
		}
	})
	slices.Sort(values)
	return values
}
