package housetest

import (
	"go/ast"
	"go/token"
	"strings"
)

// minDoc is the least length in bytes of a package comment that can hold what
// the package promises and assumes.
const minDoc = 80

func docRules() []Rule {
	return []Rule{
		{"package-doc", "a package without a contract cannot be reviewed against one", checkPackageDoc},
		{"exported-doc", "an exported name is a promise, and a promise is in words", checkExported},
		{"config-doc", "an operator reads the configuration struct as the manual", checkConfig},
	}
}

func checkPackageDoc(t Tree, report Report) {
	where, docs := map[string]File{}, map[string]int{}
	for _, f := range t.Files {
		if f.Go == nil || f.Test() || ast.IsGenerated(f.Go) {
			continue
		}
		if _, ok := where[f.Dir()]; !ok {
			where[f.Dir()] = f
		}
		if text := f.Go.Doc.Text(); text != "" {
			docs[f.Dir()]++
			checkDocText(f, text, report)
		}
	}
	for dir, f := range where {
		switch docs[dir] {
		case 0:
			report(f, 1, "package %s has no comment; say what it promises, assumes and does not do", dir)
		case 1:
		default:
			report(f, 1, "package %s has %d package comments; keep one", dir, docs[dir])
		}
	}
}

func checkDocText(f File, text string, report Report) {
	want := "Package " + f.Go.Name.Name + " "
	if f.Main() {
		want = "Command "
	}
	if !strings.HasPrefix(text, want) && !(f.Main() && strings.HasPrefix(text, firstUpper(lastElement(f.Dir())))) {
		report(f, f.line(f.Go.Name), "the package comment does not begin with %q", want)
	}
	if len(text) < minDoc {
		report(f, f.line(f.Go.Name), "the package comment has %d bytes; say what it promises, assumes and does not do", len(text))
	}
}

func firstUpper(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

func lastElement(dir string) string { return dir[strings.LastIndex(dir, "/")+1:] }

func checkExported(t Tree, report Report) {
	promised := promises(t)
	for _, f := range t.Files {
		if !f.Written() || f.Test() || f.Main() {
			continue
		}
		for _, d := range f.Go.Decls {
			declared(d, func(name *ast.Ident, doc *ast.CommentGroup, kind token.Token) {
				fn, _ := d.(*ast.FuncDecl)
				method := fn != nil && fn.Recv != nil
				if name.IsExported() && doc == nil && visible(d) && !(method && promised[f.Dir()+"."+name.Name]) {
					report(f, f.line(name), "exported %s %s has no comment", kind, name.Name)
				}
			})
		}
	}
}

// promises are the methods that an interface of the package documents: each
// type that has one keeps the same promise, which need not be said again.
func promises(t Tree) map[string]bool {
	out := map[string]bool{}
	for _, f := range t.Files {
		if !f.Written() || f.Test() {
			continue
		}
		ast.Inspect(f.Go, func(n ast.Node) bool {
			if i, ok := n.(*ast.InterfaceType); ok {
				for _, m := range i.Methods.List {
					if len(m.Names) > 0 && first(m.Doc, m.Comment) != nil {
						out[f.Dir()+"."+m.Names[0].Name] = true
					}
				}
			}
			return true
		})
	}
	return out
}

// visible tells whether the declaration can be reached from outside: a method
// of an unexported type cannot.
func visible(d ast.Decl) bool {
	fn, ok := d.(*ast.FuncDecl)
	if !ok || fn.Recv == nil || len(fn.Recv.List) == 0 {
		return true
	}
	return ast.IsExported(receiver(fn.Recv.List[0].Type))
}

func receiver(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return receiver(e.X)
	case *ast.IndexExpr:
		return receiver(e.X)
	case *ast.IndexListExpr:
		return receiver(e.X)
	case *ast.Ident:
		return e.Name
	}
	return ""
}

func checkConfig(t Tree, report Report) {
	for _, f := range t.Files {
		if !f.Product() || !within(f.Dir(), "internal/config") {
			continue
		}
		ast.Inspect(f.Go, func(n ast.Node) bool {
			if s, ok := n.(*ast.StructType); ok {
				for _, field := range s.Fields.List {
					if len(field.Names) > 0 && field.Names[0].IsExported() && first(field.Doc, field.Comment) == nil {
						report(f, f.line(field), "setting %s has no comment; say unit, default and what it costs", field.Names[0].Name)
					}
				}
			}
			return true
		})
	}
}
