package housetest

import (
	"go/ast"
	"strings"
)

// The ceilings, in lines. They are far above what is usual here: a file near
// one wants to be two files.
const (
	maxFile     = 400
	maxFunc     = 60
	maxTestFunc = 80
)

func sizeRules() []Rule {
	return []Rule{
		{"file-size", "a file that needs scrolling hides a second subject", checkFileSize},
		{"function-size", "a function that needs scrolling hides a second step", checkFuncSize},
	}
}

func checkFileSize(t Tree, report Report) {
	for _, f := range t.Files {
		if n := strings.Count(f.Text, "\n"); f.Written() && n > maxFile {
			report(f, 0, "%d lines; %d are the most", n, maxFile)
		}
	}
}

func checkFuncSize(t Tree, report Report) {
	for _, f := range t.Files {
		if !f.Written() {
			continue
		}
		limit := maxFunc
		if f.Test() || forTests(f.Dir()) {
			limit = maxTestFunc
		}
		for _, d := range f.Go.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok {
				if n := f.fset.Position(fn.End()).Line - f.line(fn) + 1; n > limit {
					report(f, f.line(fn), "func %s has %d lines; %d are the most", fn.Name.Name, n, limit)
				}
			}
		}
	}
}
