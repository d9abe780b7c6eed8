// Package housetest holds the rules of the house as code that reads code.
//
// It promises that a rule which can be read off the source is checked by
// machine, that a finding names file, line and the way out, and that no rule is
// vacuous: each has a sample in the tests that breaks it and one that keeps it.
//
// It assumes nothing about the build: sources are parsed, never compiled, so it
// runs in a second and also on a tree that does not build. It therefore sees
// names and not types, and a determined author can get round it. The rules help
// people who want to keep them; reviews are for the rest.
package housetest

import "fmt"

// Rule is one thing that holds everywhere in the repository.
type Rule struct {
	// Name is short, unique and hyphenated: it names the rule in test output.
	Name string
	// Why is what goes wrong without the rule, in one sentence.
	Why string
	// Check reports every place that breaks the rule.
	Check func(Tree, Report)
}

// Report records that the line of the file (from 1; 0 is the whole file)
// breaks a rule, and what to do instead.
type Report func(f File, line int, format string, args ...any)

// Rules returns every rule of the house.
func Rules() []Rule {
	var all []Rule
	for _, group := range [][]Rule{
		layerRules(), outsideRules(), nameRules(), docRules(), stateRules(), clockRules(), quietRules(),
		diskRules(), webRules(), sizeRules(), testRules(), queryRules(), schemaRules(), moduleRules(), textRules(),
	} {
		all = append(all, group...)
	}
	return all
}

// Run applies one rule to a tree and returns its findings as lines
// "path:line: text".
func Run(r Rule, t Tree) []string {
	var found []string
	r.Check(t, func(f File, line int, format string, args ...any) {
		found = append(found, fmt.Sprintf("%s:%d: %s", f.Path, line, fmt.Sprintf(format, args...)))
	})
	return found
}
