package housetest

import (
	"go/ast"
	"go/token"
	"regexp"
	"slices"
	"strings"
)

func nameRules() []Rule {
	return []Rule{
		{"layout", "the top of the repository is the first thing a stranger reads", checkLayout},
		{"package-nouns", "a package named for nothing collects everything", checkPackageNames},
		{"no-dependencies-in-context", "what a function needs is in its arguments", checkContext},
	}
}

func checkLayout(t Tree, report Report) {
	top := []string{"cmd", "internal", "api", "deploy", "migrations", "docs", "go.mod", "go.sum", "Makefile", "README.md",
		"LICENSE", "SECURITY.md", "CONTRIBUTING.md"}
	for _, f := range t.Files {
		first, _, _ := strings.Cut(f.Path, "/")
		if !strings.HasPrefix(first, ".") && !slices.Contains(top, first) {
			report(f, 0, "%s does not belong at the top; see docs/adr", first)
		}
	}
}

func checkPackageNames(t Tree, report Report) {
	vague := regexp.MustCompile(`^(utils?|common|helpers?|misc|shared|libs?|base|types|models?|interfaces?|handlers?|services?|repositor(y|ies)|managers?|core|stuff)$`)
	for _, f := range t.Files {
		if f.Go == nil {
			continue
		}
		name := strings.TrimSuffix(f.Go.Name.Name, "_test")
		if vague.MatchString(name) {
			report(f, f.line(f.Go.Name), "package %s says nothing; name it for the thing it holds", name)
		}
	}
}

func checkContext(t Tree, report Report) {
	for _, f := range t.Files {
		if f.Product() {
			uses(f, "context", func(name string, n ast.Node) {
				if name == "WithValue" {
					report(f, f.line(n), "context.WithValue; pass it as an argument")
				}
			})
		}
	}
}

// declared visits the names that a declaration makes, with the comment group
// nearest to each.
func declared(d ast.Decl, visit func(name *ast.Ident, doc *ast.CommentGroup, kind token.Token)) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		visit(d.Name, d.Doc, token.FUNC)
	case *ast.GenDecl:
		for _, s := range d.Specs {
			switch s := s.(type) {
			case *ast.TypeSpec:
				visit(s.Name, first(s.Doc, s.Comment, d.Doc), token.TYPE)
			case *ast.ValueSpec:
				for _, n := range s.Names {
					visit(n, first(s.Doc, s.Comment, d.Doc), d.Tok)
				}
			}
		}
	}
}

func first(groups ...*ast.CommentGroup) *ast.CommentGroup {
	for _, g := range groups {
		if g != nil && strings.TrimSpace(g.Text()) != "" {
			return g
		}
	}
	return nil
}
