package housetest

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"
)

func stateRules() []Rule {
	return []Rule{
		{"no-init", "code that runs because it is linked cannot be tested, ordered or given what it needs", checkInit},
		{"no-mutable-globals", "two vaults in one process must not share anything", checkGlobals},
		{"no-environment", "a setting that is not in the configuration struct is not documented", checkEnvironment},
		{"exit-in-main", "a library that ends the process cannot be tested or shut down", checkExit},
	}
}

func checkInit(t Tree, report Report) {
	for _, f := range t.Files {
		if !f.Written() {
			continue
		}
		for _, d := range f.Go.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
				report(f, f.line(fn), "func init; build it in a constructor")
			}
		}
	}
}

// checkGlobals accepts a package-level variable that is a constant in all but
// syntax: it has a value, the value is not a thing with state, and no code of
// the package writes to it or takes its address.
func checkGlobals(t Tree, report Report) {
	vars := map[string]map[string]bool{}
	for _, f := range t.Files {
		if f.Product() {
			globals(f, report, vars)
		}
	}
	for _, f := range t.Files {
		if f.Product() {
			writes(f, func(name string, n ast.Node) {
				if vars[f.Dir()][name] {
					report(f, f.line(n), "writes to the package-level variable %s (or to a local one of its name)", name)
				}
			})
		}
	}
}

func globals(f File, report Report, vars map[string]map[string]bool) {
	for _, d := range f.Go.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.VAR {
			continue
		}
		for _, s := range g.Specs {
			v := s.(*ast.ValueSpec)
			if isIdent(v.Names[0], "_") {
				continue
			}
			if !embedded(g, v) && !fixed(v) {
				report(f, f.line(v), "package-level variable %s has state; hold it in a value that a constructor makes", v.Names[0].Name)
			}
			for _, n := range v.Names {
				if vars[f.Dir()] == nil {
					vars[f.Dir()] = map[string]bool{}
				}
				vars[f.Dir()][n.Name] = true
			}
		}
	}
}

func embedded(g *ast.GenDecl, v *ast.ValueSpec) bool {
	for _, c := range []*ast.CommentGroup{g.Doc, v.Doc} {
		if c != nil && slices.ContainsFunc(c.List, func(c *ast.Comment) bool { return strings.HasPrefix(c.Text, "//go:embed ") }) {
			return true
		}
	}
	return false
}

// fixed tells whether the variable gets a value that has no state to change.
func fixed(v *ast.ValueSpec) bool {
	stateful := []string{"make", "new", "Pool", "Mutex", "RWMutex", "Once", "Map", "WaitGroup", "Int32", "Int64", "Uint64", "Bool", "Pointer", "Value"}
	return len(v.Values) > 0 && !slices.ContainsFunc(v.Values, func(e ast.Expr) bool {
		switch e := e.(type) {
		case *ast.UnaryExpr:
			return e.Op == token.AND
		case *ast.CallExpr:
			return slices.Contains(stateful, lastName(e.Fun))
		case *ast.CompositeLit:
			return e.Type != nil && slices.Contains(stateful, lastName(e.Type))
		}
		return false
	})
}

// writes visits the variables that the file assigns to, counts up, takes the
// address of or empties.
func writes(f File, visit func(name string, n ast.Node)) {
	ast.Inspect(f.Go, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			if n.Tok != token.DEFINE {
				for _, e := range n.Lhs {
					visit(base(e), n)
				}
			}
		case *ast.IncDecStmt:
			visit(base(n.X), n)
		case *ast.UnaryExpr:
			if n.Op == token.AND {
				visit(base(n.X), n)
			}
		case *ast.CallExpr:
			if len(n.Args) > 0 && (isIdent(n.Fun, "delete") || isIdent(n.Fun, "clear") || isIdent(n.Fun, "copy")) {
				visit(base(n.Args[0]), n)
			}
		}
		return true
	})
}

func checkEnvironment(t Tree, report Report) {
	for _, f := range t.Files {
		if !f.Product() || f.Main() || within(f.Dir(), "internal/config", "internal/bench", "internal/soak") {
			continue
		}
		uses(f, "os", func(name string, n ast.Node) {
			if slices.Contains([]string{"Getenv", "LookupEnv", "Environ", "Setenv", "Unsetenv", "ExpandEnv"}, name) {
				report(f, f.line(n), "os.%s; settings come from internal/config or main", name)
			}
		})
	}
}

func checkExit(t Tree, report Report) {
	for _, f := range t.Files {
		if f.Product() && !f.Main() {
			uses(f, "os", func(name string, n ast.Node) {
				if name == "Exit" {
					report(f, f.line(n), "os.Exit outside main; return an error")
				}
			})
		}
	}
}
