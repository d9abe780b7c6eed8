package housetest

import (
	"go/ast"
	"go/token"
	"path"
	"regexp"
	"strconv"
	"strings"
)

var majorVersion = regexp.MustCompile(`^v\d+$`)

// uses visits every mention of a name of the imported package p, such as
// os.Exit for p = "os". A local variable that hides the import is mistaken for
// it, which is a reason not to hide imports.
func uses(f File, p string, visit func(name string, n ast.Node)) {
	local := localName(f, p)
	if local == "" {
		return
	}
	ast.Inspect(f.Go, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok && isIdent(sel.X, local) {
			visit(sel.Sel.Name, n)
		}
		return true
	})
}

func localName(f File, want string) (local string) {
	f.imports(func(p string, spec *ast.ImportSpec) {
		switch {
		case p != want:
		case spec.Name != nil:
			local = spec.Name.Name
		case majorVersion.MatchString(path.Base(p)) && strings.Contains(p, "/"):
			local = path.Base(path.Dir(p))
		default:
			local = path.Base(p)
		}
	})
	return local
}

// calls visits every call of a selector: x.Name(args).
func calls(f File, visit func(sel *ast.SelectorExpr, call *ast.CallExpr)) {
	ast.Inspect(f.Go, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			if sel, ok := call.Fun.(*ast.SelectorExpr); ok {
				visit(sel, call)
			}
		}
		return true
	})
}

// literals visits every string constant that stands in the code, imports apart.
func literals(f File, visit func(s string, n ast.Node)) {
	ast.Inspect(f.Go, func(n ast.Node) bool {
		if _, ok := n.(*ast.ImportSpec); ok {
			return false
		}
		if s, ok := text(n); ok {
			visit(s, n)
		}
		return true
	})
}

func text(n ast.Node) (string, bool) {
	lit, ok := n.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	s, err := strconv.Unquote(lit.Value)
	return s, err == nil
}

func isIdent(e ast.Expr, name string) bool {
	id, ok := e.(*ast.Ident)
	return ok && id.Name == name
}

// lastName is the name a chain of selectors ends in: "log" for s.node.log.
func lastName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	case *ast.CallExpr:
		return lastName(e.Fun)
	}
	return ""
}

// base is the variable that an assignable expression is a piece of.
func base(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return base(e.X)
	case *ast.IndexExpr:
		return base(e.X)
	case *ast.StarExpr:
		return base(e.X)
	case *ast.ParenExpr:
		return base(e.X)
	}
	return ""
}
