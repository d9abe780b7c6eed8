package housetest

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// maxText is the size in bytes above which a file counts as data, not as text.
const maxText = 1 << 20

// Tree is the text of a repository, as the rules see it.
type Tree struct {
	// Module is the module path that the go.mod at the top names.
	Module string
	// Files are all text files, by path, without nested modules' Go sources.
	Files []File
}

// File is one text file.
type File struct {
	// Path is relative to the top, with slashes.
	Path string
	// Text is the whole content.
	Text string
	// Go is the parsed source, with comments; nil for every other file.
	Go *ast.File

	fset *token.FileSet
}

// Read loads the tree below root. What git ignores, what git keeps and what
// package managers unpack is left out. A Go file that does not parse is an
// error: a rule that could not read a file must not pass on it.
func Read(root fs.FS) (Tree, error) {
	t := Tree{}
	err := fs.WalkDir(root, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			return enter(p, d.Name())
		}
		if !d.Type().IsRegular() || p == ".git" {
			return nil
		}
		return t.add(root, p)
	})
	if err != nil {
		return Tree{}, fmt.Errorf("read the repository: %w", err)
	}
	t.dropNestedModules()
	return t, nil
}

func enter(p, name string) error {
	ignored := p == "var" || p == "bin" || p == "sdk" || name == "node_modules" || name == "dist"
	hidden := strings.HasPrefix(name, ".") && p != "." && name != ".ci"
	if ignored || hidden {
		return fs.SkipDir
	}
	return nil
}

func (t *Tree) add(root fs.FS, p string) error {
	b, err := fs.ReadFile(root, p)
	if err != nil {
		return err
	}
	if len(b) > maxText || bytes.IndexByte(b, 0) >= 0 {
		return nil
	}
	f := File{Path: p, Text: string(b), fset: token.NewFileSet()}
	if p == "go.mod" {
		t.Module = moduleOf(f.Text)
	}
	if strings.HasSuffix(p, ".go") && !strings.Contains(p, "testdata/") {
		f.Go, err = parser.ParseFile(f.fset, p, b, parser.ParseComments|parser.SkipObjectResolution)
	}
	t.Files = append(t.Files, f)
	return err
}

func (t *Tree) dropNestedModules() {
	var roots []string
	for _, f := range t.Files {
		if path.Base(f.Path) == "go.mod" && f.Path != "go.mod" {
			roots = append(roots, f.Dir()+"/")
		}
	}
	t.Files = slices.DeleteFunc(t.Files, func(f File) bool {
		return f.Go != nil && slices.ContainsFunc(roots, func(r string) bool { return strings.HasPrefix(f.Path, r) })
	})
}

// Dir is the folder of the file, which is its package within the module.
func (f File) Dir() string { return path.Dir(f.Path) }

// Test tells whether only `go test` compiles the file.
func (f File) Test() bool { return strings.HasSuffix(f.Path, "_test.go") }

// Written tells whether a person wrote this Go source, not a generator.
func (f File) Written() bool { return f.Go != nil && !ast.IsGenerated(f.Go) }

// Product tells whether a person wrote this Go source and the program is made
// of it: neither a test nor a package that exists for tests.
func (f File) Product() bool { return f.Written() && !f.Test() && !forTests(f.Dir()) }

// Main tells whether the file belongs to a program.
func (f File) Main() bool { return f.Go != nil && f.Go.Name.Name == "main" }

func (f File) line(n ast.Node) int { return f.fset.Position(n.Pos()).Line }

// imports yields the import paths of the file with the spec of each.
func (f File) imports(visit func(p string, spec *ast.ImportSpec)) {
	if f.Go == nil {
		return
	}
	for _, spec := range f.Go.Imports {
		if p, err := strconv.Unquote(spec.Path.Value); err == nil {
			visit(p, spec)
		}
	}
}

// within tells whether dir is one of the roots or lies below one of them.
func within(dir string, roots ...string) bool {
	return slices.ContainsFunc(roots, func(r string) bool { return dir == r || strings.HasPrefix(dir, r+"/") })
}
