package housetest

import (
	"go/ast"
	"slices"
)

func clockRules() []Rule {
	return []Rule{
		{"injected-clock", "terms, leases and retention can be tested only where time is an argument", checkClock},
		{"injected-randomness", "vectors and crash tests can be repeated only where randomness is an argument", checkRandomness},
		{"no-sleeping", "a sleep is a race with a number on it, and cannot be cancelled", checkSleep},
	}
}

// inside are the files whose clock and randomness come from outside: domains
// and everything under them.
func inside(f File) bool { return f.Product() && !f.Main() && layer(f.Dir()) <= domain }

func checkClock(t Tree, report Report) {
	for _, f := range t.Files {
		if inside(f) {
			uses(f, "time", func(name string, n ast.Node) {
				if slices.Contains([]string{"Now", "Since", "Until"}, name) {
					report(f, f.line(n), "time.%s; take the clock as an argument", name)
				}
			})
		}
	}
}

func checkRandomness(t Tree, report Report) {
	for _, f := range t.Files {
		if inside(f) {
			uses(f, "crypto/rand", func(name string, n ast.Node) {
				report(f, f.line(n), "rand.%s; take an io.Reader as an argument", name)
			})
		}
	}
}

func checkSleep(t Tree, report Report) {
	for _, f := range t.Files {
		if f.Written() {
			uses(f, "time", func(name string, n ast.Node) {
				if name == "Sleep" {
					report(f, f.line(n), "time.Sleep; wait for the event, with a context")
				}
			})
		}
	}
}
