package explore_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/relatingfield/vault/internal/release"
	"github.com/relatingfield/vault/internal/release/explore"
	"github.com/relatingfield/vault/internal/release/machine"
)

// page is a file of docs/model.
func page(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", "model", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// defined lists what the TLA+ module defines.
func defined(t *testing.T) []string {
	t.Helper()
	var out []string
	for _, m := range regexp.MustCompile(`(?m)^([A-Z]\w*)(\([\w, ]*\))?\s*==`).FindAllStringSubmatch(page(t, "Release.tla"), -1) {
		out = append(out, m[1])
	}
	return out
}

// samePage fails unless the page has an action for every move of the searches, and
// the searches make every move that the page says can happen next.
func samePage(t *testing.T, moves map[string]bool) {
	t.Helper()
	text, names := page(t, "Release.tla"), defined(t)
	seen := map[string]bool{}
	for m := range moves {
		seen[onPage(m)] = true
		if !slices.Contains(names, onPage(m)) {
			t.Errorf("the page has no action %s", m)
		}
	}
	next := text[strings.Index(text, "\nNext ==\n"):strings.Index(text, "\nSpec ==")]
	for _, m := range regexp.MustCompile(`[A-Z]\w+`).FindAllString(next, -1) {
		if m != "Next" && m != "Nodes" && m != "Trustees" && !seen[m] {
			t.Errorf("the search never makes the move %s of the page", m)
		}
	}
}

// The page has every promise, also to be checked, and every flaw.
func TestThePageMakesTheSamePromises(t *testing.T) {
	text, names := page(t, "Release.tla"), defined(t)
	for _, p := range explore.Promises() {
		if !slices.Contains(names, p.Name) || !strings.Contains(page(t, "Release.cfg"), "\n  "+p.Name+"\n") {
			t.Errorf("the page or its configuration has no promise %s", p.Name)
		}
	}
	for _, f := range explore.Flaws() {
		if strings.Count(text, `"`+string(f)+`"`) < 2 {
			t.Errorf("the page has no flaw %s, or does nothing wrong when it is chosen", f)
		}
	}
}

// onPage is a move as the page calls it: Release is the name of the module.
func onPage(move string) string {
	if move == string(machine.Release) {
		return "ReleaseShare"
	}
	return move
}

// The decision on the page gives the states of the decision in force, in its order.
func TestThePageDecidesInTheSameOrder(t *testing.T) {
	text := page(t, "Release.tla")
	decide := text[strings.Index(text, "\nDecide("):strings.Index(text, "\nInSession(")]
	var got []string
	for _, m := range regexp.MustCompile(`(?:->|THEN|ELSE)\s+"([a-z-]+)"`).FindAllStringSubmatch(decide, -1) {
		got = append(got, m[1])
	}
	var want []string
	for _, s := range release.States() {
		want = append(want, string(s))
	}
	if !slices.Equal(got, want) {
		t.Errorf("the page decides %v, the vault %v", got, want)
	}
}
