package housetest

import (
	"go/ast"
	"go/token"
	"slices"
	"strconv"
)

func diskRules() []Rule {
	return []Rule{
		{"no-temporary-plaintext", "a temporary file is where plaintext survives a crash (promise P1)", checkTemporary},
		{"private-files", "what the vault writes is for its own user only", checkModes},
	}
}

// checkTemporary forbids the system's temporary folder, and the standard
// library's form parsing, which spills bodies into it beyond a limit.
func checkTemporary(t Tree, report Report) {
	spilling := []string{"FormFile", "MultipartForm", "ParseMultipartForm", "FormValue", "PostFormValue", "Bind"}
	for _, f := range t.Files {
		if !f.Product() || within(f.Dir(), "internal/bench", "internal/soak", "internal/demo", "internal/sandbox") {
			continue
		}
		uses(f, "os", func(name string, n ast.Node) {
			if name == "TempDir" {
				report(f, f.line(n), "os.TempDir; write beside the target, or not at all")
			}
		})
		calls(f, func(sel *ast.SelectorExpr, call *ast.CallExpr) {
			if slices.Contains(spilling, sel.Sel.Name) {
				report(f, f.line(call), "%s can write the body to a temporary file; read a bounded stream", sel.Sel.Name)
			}
			if isIdent(sel.X, "os") && (sel.Sel.Name == "CreateTemp" || sel.Sel.Name == "MkdirTemp") && emptyText(call.Args[0]) {
				report(f, f.line(call), "os.%s in the system's folder; name the folder of the target", sel.Sel.Name)
			}
		})
	}
}

func emptyText(e ast.Expr) bool {
	s, ok := text(e)
	return ok && s == ""
}

func checkModes(t Tree, report Report) {
	makers := map[string]int{"OpenFile": 2, "WriteFile": 2, "Mkdir": 1, "MkdirAll": 1, "Chmod": 1}
	for _, f := range t.Files {
		if !f.Product() {
			continue
		}
		calls(f, func(sel *ast.SelectorExpr, call *ast.CallExpr) {
			at, ok := makers[sel.Sel.Name]
			if !ok || at >= len(call.Args) || sel.Sel.Name == "Chmod" && !isIdent(sel.X, "os") {
				return
			}
			if mode, ok := number(call.Args[at]); ok && mode&0o077 != 0 {
				report(f, f.line(call), "%s with mode %#o; leave group and others out", sel.Sel.Name, mode)
			}
		})
		uses(f, "os", func(name string, n ast.Node) {
			if name == "Create" {
				report(f, f.line(n), "os.Create makes the file readable to others; use os.OpenFile with mode 0o600")
			}
		})
	}
}

func number(e ast.Expr) (uint64, bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.INT {
		return 0, false
	}
	n, err := strconv.ParseUint(lit.Value, 0, 32)
	return n, err == nil
}
