package housetest

import (
	"go/ast"
	"slices"
	"strings"
)

func moduleRules() []Rule {
	return []Rule{
		{"dependencies-have-reasons", "a dependency nobody can explain is one nobody watches", checkReasons},
		{"test-dependencies-apart", "what only tests need is no part of what is shipped, and go.mod shows it", checkTestBlock},
	}
}

// requirement is one line of a require block of go.mod.
type requirement struct {
	module, reason string
	indirect       bool
	tests          bool
	line           int
}

func moduleOf(gomod string) string {
	for l := range strings.Lines(gomod) {
		if m, ok := strings.CutPrefix(strings.TrimSpace(l), "module "); ok {
			return m
		}
	}
	return ""
}

// testsMark begins the comment above the require block of test dependencies.
const testsMark = "// Tests only"

// requirements reads the require blocks; a block is for tests when the line
// above it, or its first line, begins with testsMark.
func requirements(gomod string) []requirement {
	var out []requirement
	var open, tests, marked bool
	for i, l := range strings.Split(gomod, "\n") {
		l = strings.TrimSpace(l)
		switch {
		case strings.HasPrefix(l, testsMark):
			marked, tests = !open, tests || open
		case l == "require (":
			open, tests, marked = true, marked, false
		case l == ")":
			open, tests = false, false
		case open || strings.HasPrefix(l, "require "):
			if r, ok := requirementOf(strings.TrimPrefix(l, "require ")); ok {
				r.tests, r.line = tests || !open && marked, i+1
				out = append(out, r)
				marked = false
			}
		}
	}
	return out
}

func requirementOf(l string) (requirement, bool) {
	spec, comment, _ := strings.Cut(l, "//")
	fields := strings.Fields(spec)
	if len(fields) != 2 {
		return requirement{}, false
	}
	comment = strings.TrimSpace(comment)
	indirect := comment == "indirect" || strings.HasPrefix(comment, "indirect;")
	return requirement{module: fields[0], reason: comment, indirect: indirect}, true
}

func goMod(t Tree) (File, bool) {
	at := slices.IndexFunc(t.Files, func(f File) bool { return f.Path == "go.mod" })
	if at < 0 {
		return File{}, false
	}
	return t.Files[at], true
}

func checkReasons(t Tree, report Report) {
	f, ok := goMod(t)
	if !ok {
		return
	}
	for _, r := range requirements(f.Text) {
		if !r.indirect && len(r.reason) < len("why it is") {
			report(f, r.line, "%s has no reason; write one behind the version: // what it does here", r.module)
		}
	}
}

func checkTestBlock(t Tree, report Report) {
	f, ok := goMod(t)
	if !ok {
		return
	}
	reqs := requirements(f.Text)
	product, tests := importers(t, reqs)
	for _, r := range reqs {
		switch {
		case r.indirect:
		case r.tests && product[r.module]:
			report(f, r.line, "%s stands under tests, and the product imports it", r.module)
		case !r.tests && tests[r.module] && !product[r.module]:
			report(f, r.line, "%s is imported by tests only; move it to their block", r.module)
		}
	}
}

// importers tells which modules the product imports, and which the tests do.
func importers(t Tree, reqs []requirement) (product, tests map[string]bool) {
	product, tests = map[string]bool{}, map[string]bool{}
	for _, f := range t.Files {
		f.imports(func(p string, _ *ast.ImportSpec) {
			m := owner(p, reqs)
			if m == "" {
				return
			}
			if compiled(f) {
				product[m] = true
			} else {
				tests[m] = true
			}
		})
	}
	return product, tests
}

// owner is the module with the longest path that the import path lies in.
func owner(p string, reqs []requirement) (module string) {
	for _, r := range reqs {
		if within(p, r.module) && len(r.module) > len(module) {
			module = r.module
		}
	}
	return module
}
