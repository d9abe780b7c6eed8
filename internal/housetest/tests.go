package housetest

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"
)

func testRules() []Rule {
	return []Rule{
		{"no-skipped-tests", "a test that can skip passes on the day it matters", checkSkips},
		{"tests-from-outside", "a test inside the package proves its parts, not its promises", checkTestPackage},
		{"parsers-are-fuzzed", "every parser of outside input meets input nobody thought of", checkFuzz},
	}
}

func checkSkips(t Tree, report Report) {
	for _, f := range t.Files {
		if !f.Written() || !f.Test() && !forTests(f.Dir()) {
			continue
		}
		calls(f, func(sel *ast.SelectorExpr, call *ast.CallExpr) {
			_, plain := sel.X.(*ast.Ident)
			if plain && slices.Contains([]string{"Skip", "Skipf", "SkipNow"}, sel.Sel.Name) && len(lastName(sel.X)) <= 2 {
				report(f, f.line(call), "%s.%s; make what the test needs, or fail", lastName(sel.X), sel.Sel.Name)
			}
			if isIdent(sel.X, "testing") && sel.Sel.Name == "Short" {
				report(f, f.line(call), "testing.Short; long work belongs to the bench and soak targets")
			}
		})
	}
}

func checkTestPackage(t Tree, report Report) {
	for _, f := range t.Files {
		bridge := strings.HasSuffix(f.Path, "/export_test.go")
		if f.Written() && f.Test() && !f.Main() && !bridge && !strings.HasSuffix(f.Go.Name.Name, "_test") {
			report(f, f.line(f.Go.Name), "package %s; tests live in %s_test", f.Go.Name.Name, f.Go.Name.Name)
		}
	}
}

// checkFuzz finds exported functions that turn outside text or bytes into
// values in packages whose tests hold no fuzz target.
func checkFuzz(t Tree, report Report) {
	fuzzed := map[string]bool{}
	for _, f := range t.Files {
		if f.Go != nil && f.Test() {
			for _, d := range f.Go.Decls {
				fn, ok := d.(*ast.FuncDecl)
				fuzzed[f.Dir()] = fuzzed[f.Dir()] || ok && strings.HasPrefix(fn.Name.Name, "Fuzz")
			}
		}
	}
	for _, f := range t.Files {
		if !f.Product() || f.Main() || fuzzed[f.Dir()] {
			continue
		}
		for _, d := range f.Go.Decls {
			declared(d, func(name *ast.Ident, _ *ast.CommentGroup, kind token.Token) {
				if fn, ok := d.(*ast.FuncDecl); ok && kind == token.FUNC && fn.Recv == nil && parses(fn) {
					report(f, f.line(fn), "%s reads outside input and the package has no fuzz target", name.Name)
				}
			})
		}
	}
}

func parses(fn *ast.FuncDecl) bool {
	verb := slices.ContainsFunc([]string{"Parse", "Decode", "Unmarshal"}, func(v string) bool { return strings.HasPrefix(fn.Name.Name, v) })
	return verb && slices.ContainsFunc(fn.Type.Params.List, func(p *ast.Field) bool {
		if a, ok := p.Type.(*ast.ArrayType); ok {
			return isIdent(a.Elt, "byte")
		}
		return isIdent(p.Type, "string") || isSelector(p.Type, "io", "Reader")
	})
}
