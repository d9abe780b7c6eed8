package housetest

import (
	"regexp"
	"strings"
)

func textRules() []Rule {
	return []Rule{
		{"nothing-left-to-do", "what is unfinished is an issue, or is finished now", checkUnfinished},
		{"no-private-paths", "a path of one machine works on one machine", checkPaths},
		{"no-silenced-tools", "a warning is fixed, or switched off for the whole house with a reason", checkSilenced},
	}
}

// matchLines reports every line that the expression matches, in every file but
// the samples of violations. The expressions below do not match themselves.
func matchLines(t Tree, what *regexp.Regexp, report Report, format string) {
	for _, f := range t.Files {
		if within(f.Dir(), "internal/housetest/testdata") {
			continue
		}
		n := 0
		for l := range strings.Lines(f.Text) {
			n++
			if m := what.FindString(l); m != "" {
				report(f, n, format, strings.TrimSpace(m))
			}
		}
	}
}

func checkUnfinished(t Tree, report Report) {
	matchLines(t, regexp.MustCompile(`\b(TO`+`DO|FIX`+`ME|XX`+`X|HA`+`CK)\b`), report, "%s; finish it or file an issue")
}

func checkPaths(t Tree, report Report) {
	matchLines(t, regexp.MustCompile(`(^|[^\w.~$})-])/(root|work|home|Users)/\w`), report, "%s… is a path of one machine")
}

func checkSilenced(t Tree, report Report) {
	matchLines(t, regexp.MustCompile(`//(no`+`lint|lint:`+`ignore|lint:`+`file-ignore|#no`+`sec)\b`), report, "%s silences a tool; fix what it says")
}
