package config_test

import (
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/relatingfield/vault/internal/config"
)

var update = flag.Bool("update", false, "write example.yaml from the comments of Config")

// example.yaml says what the comments of Config say, with the defaults.
func TestTheExampleIsMadeFromTheComments(t *testing.T) {
	made := generate(t)
	if *update {
		if err := os.WriteFile("example.yaml", []byte(made), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if made != config.Example() {
		t.Error("example.yaml is out of date: go test ./internal/config -run Example -update")
	}
}

// Whoever starts from the example starts from the defaults.
func TestTheExampleHoldsTheDefaults(t *testing.T) {
	got, err := load(t, config.Example())
	if err != nil {
		t.Fatal(err)
	}
	want := config.Default()
	want.Resolve()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

// generate puts the comment of each field above the setting's line.
func generate(t *testing.T) string {
	t.Helper()
	docs := map[string]string{}
	structs := parseStructs(t)
	collect(docs, structs, "", reflect.TypeFor[config.Config]())
	var out strings.Builder
	out.WriteString("# Every setting of testimonyd with its default. Names in the environment: TESTIMONYD_\n" +
		"# and the path in capitals, as in TESTIMONYD_STORE_ENGINE. On the command line:\n" +
		"# --set store.engine=postgres.\n")
	err := config.Render(config.Default(), &out, func(path string) string {
		if docs[path] == "" {
			t.Errorf("%s has no comment", path)
		}
		return docs[path]
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// parseStructs finds the package's struct types in its source.
func parseStructs(t *testing.T) map[string]*ast.StructType {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]*ast.StructType{}
	for _, name := range files {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if spec, ok := n.(*ast.TypeSpec); ok {
				if s, ok := spec.Type.(*ast.StructType); ok {
					out[spec.Name.Name] = s
				}
			}
			return true
		})
	}
	return out
}

// collect notes the comments of a struct's fields under their paths, beginning
// with the setting's name where the comment begins with the field's.
func collect(docs map[string]string, structs map[string]*ast.StructType, prefix string, typ reflect.Type) {
	for _, field := range structs[typ.Name()].Fields.List {
		name := field.Names[0].Name
		sf, _ := typ.FieldByName(name)
		key := sf.Tag.Get("yaml")
		text := field.Doc.Text()
		if rest, ok := strings.CutPrefix(text, name+" "); ok {
			text = key + " " + rest
		}
		docs[prefix+key] = text
		if structs[sf.Type.Name()] != nil {
			collect(docs, structs, prefix+key+".", sf.Type)
		}
	}
}
