package housetest

import (
	"go/ast"
	"path"
	"slices"
	"strings"
)

// The layers, from the ground up. A package imports its own layer and those
// below it. docs/design says what belongs where.
const (
	ground = iota
	under
	domain
	edge
	wiring
	program
)

// layer places a package. A package that nobody placed is a domain: it can use
// everything below and is used only from above, so the only thing to do for a
// new foundation is to name it here.
func layer(dir string) int {
	switch {
	case within(dir, "internal/web/build"):
		return program
	case within(dir, "internal/id", "internal/secret"):
		return ground
	case within(dir, "api/client", "internal/httpapi", "internal/web"):
		return edge
	case within(dir, "migrations", "api", "internal/authz", "internal/blob", "internal/byterange", "internal/canonical", "internal/clientkey", "internal/config", "internal/envelope", "internal/inflow",
		"internal/keyring", "internal/pairhash", "internal/partial", "internal/phrase", "internal/proofofwork", "internal/roster", "internal/shamir", "internal/sharedkey", "internal/statement",
		"internal/store", "internal/tlog", "internal/cleanup", "internal/reserve", "internal/warning", "internal/delivery"):
		return under
	case within(dir, "internal/app"), dir == "internal/gateway":
		return wiring
	case within(dir, "cmd", "internal/bench", "internal/demo", "internal/fuzzrun", "internal/sdk", "internal/soak", "internal/inventory", "internal/sandbox") || path.Base(path.Dir(dir)) == "cmd":
		return program
	}
	return domain
}

// forTests tells whether a package exists for tests only, by its name.
func forTests(dir string) bool {
	return strings.HasSuffix(path.Base(dir), "test") || within(dir, "internal/realserver")
}

func layerRules() []Rule {
	return []Rule{
		{"import-direction", "a cycle of meaning: what is below must be readable without what is above", checkDirection},
		{"one-wiring", "only internal/app and tests may know the edges, the configuration and each other's constructors", checkWiring},
		{"client-is-light", "a client that reaches the server's storage carries its drivers and its attack surface", checkClient},
		{"test-packages", "code that exists for tests must not be in the product", checkTestPackages},
	}
}

// inner visits the imports of this module by the files that pick chooses.
func inner(t Tree, pick func(File) bool, visit func(f File, dir string, n ast.Node)) {
	for _, f := range t.Files {
		if f.Go == nil || !pick(f) {
			continue
		}
		f.imports(func(p string, spec *ast.ImportSpec) {
			if dir, ok := strings.CutPrefix(p, t.Module+"/"); ok {
				visit(f, dir, spec)
			}
		})
	}
}

func compiled(f File) bool { return !f.Test() && !forTests(f.Dir()) }

func checkDirection(t Tree, report Report) {
	inner(t, compiled, func(f File, dir string, n ast.Node) {
		from, to := layer(f.Dir()), layer(dir)
		if from < to {
			report(f, f.line(n), "imports %s, which is above it; move the shared part down, or place the package in internal/housetest/layers.go", dir)
		}
		if from == to && (from == ground || from == edge) && !related(f.Dir(), dir) {
			report(f, f.line(n), "imports %s beside it; packages of this layer do not know each other", dir)
		}
	})
}

// related tells whether two packages are one tree of the same name.
func related(a, b string) bool {
	return within(a, b) || within(b, a) || path.Dir(a) == path.Dir(b) && path.Dir(a) != "internal"
}

func checkWiring(t Tree, report Report) {
	inner(t, compiled, func(f File, dir string, n ast.Node) {
		from := layer(f.Dir())
		switch {
		case within(dir, "internal/httpapi", "internal/web") && from != wiring && !within(f.Dir(), "internal/httpapi", "internal/web"):
			report(f, f.line(n), "imports %s; only internal/app does", dir)
		case within(dir, "internal/config") && from < wiring && !within(f.Dir(), "internal/config"):
			report(f, f.line(n), "imports the configuration; take what is needed as arguments")
		case within(f.Dir(), "cmd") && within(dir, "internal/store", "internal/blob", "migrations"):
			report(f, f.line(n), "imports %s; call internal/app, which opens it", dir)
		}
	})
}

// checkClient follows the imports of the client as far as they go.
func checkClient(t Tree, report Report) {
	next := map[string][]string{}
	heavy := map[string]bool{}
	inner(t, compiled, func(f File, dir string, _ ast.Node) { next[f.Dir()] = append(next[f.Dir()], dir) })
	for _, f := range t.Files {
		f.imports(func(p string, _ *ast.ImportSpec) {
			heavy[f.Dir()] = heavy[f.Dir()] || compiled(f) && p == "database/sql"
		})
	}
	server := func(dir string) bool {
		return heavy[dir] || within(dir, "internal/store", "internal/blob", "internal/httpapi", "internal/web", "internal/app",
			"internal/config", "migrations")
	}
	inner(t, compiled, func(f File, dir string, n ast.Node) {
		if !within(f.Dir(), "api/client", "cmd/testimony") {
			return
		}
		if chain := reach(dir, next, server); chain != nil {
			report(f, f.line(n), "the client reaches the server's %s through %s", chain[len(chain)-1], strings.Join(chain, " → "))
		}
	})
}

// reach finds the shortest chain of imports from dir to a package that bad
// names, or nil.
func reach(dir string, next map[string][]string, bad func(string) bool) []string {
	queue, seen := [][]string{{dir}}, map[string]bool{}
	for len(queue) > 0 {
		chain := queue[0]
		queue = queue[1:]
		last := chain[len(chain)-1]
		if bad(last) {
			return chain
		}
		if seen[last] {
			continue
		}
		seen[last] = true
		for _, d := range next[last] {
			queue = append(queue, append(slices.Clone(chain), d))
		}
	}
	return nil
}

func checkTestPackages(t Tree, report Report) {
	inner(t, compiled, func(f File, dir string, n ast.Node) {
		if forTests(dir) && !within(f.Dir(), "internal/bench", "internal/soak", dir) {
			report(f, f.line(n), "imports %s, which exists for tests", dir)
		}
	})
	for _, f := range t.Files {
		if f.Product() {
			f.imports(func(p string, spec *ast.ImportSpec) {
				if p == "testing" && !within(f.Dir(), "internal/bench", "internal/soak") {
					report(f, f.line(spec), "imports testing outside tests")
				}
			})
		}
	}
}
