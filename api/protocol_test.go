package api_test

import (
	"encoding/json"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/statementtest"
)

// protocol is what stands in one section of the page.
func protocol(t *testing.T, section int) string {
	t.Helper()
	b, err := os.ReadFile("../docs/protocol.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text, found := strings.Cut(string(b), "\n## "+strconv.Itoa(section)+". ")
	if !found {
		t.Fatalf("the protocol has no section %d", section)
	}
	text, _, _ = strings.Cut(text, "\n## ")
	return text
}

// Whoever writes a second client reads the bodies in the table of section 2: each
// act is there once, with the members that are signed, in the order that is signed.
func TestTheProtocolHasEveryActWithItsMembersInOrder(t *testing.T) {
	text := protocol(t, 2)
	rows := map[string][]string{}
	for _, m := range regexp.MustCompile("(?m)^\\| (`[a-z`, ]+`) \\|[^|]+\\| (.*) \\|$").FindAllStringSubmatch(text, -1) {
		for _, act := range quoted(m[1]) {
			if rows[act] != nil {
				t.Errorf("%s has two rows", act)
			}
			rows[act] = quoted(flat(m[2]))
		}
	}
	for _, s := range statementtest.All(t) {
		var want []string
		for _, f := range membersOf(t, bodyOf(t, s)) {
			want = append(want, f.name)
		}
		if !slices.Equal(withoutTerms(rows[string(s.Act())]), withoutTerms(want)) {
			t.Errorf("%s: the protocol has %q, signed is %q", s.Act(), rows[string(s.Act())], want)
		}
	}
	for _, a := range statement.Acts() {
		delete(rows, string(a))
	}
	for act := range rows {
		t.Errorf("%s is in the table and is no act", act)
	}
}

func bodyOf(t *testing.T, s *statement.Statement) []byte {
	t.Helper()
	var payload struct{ Body json.RawMessage }
	if err := json.Unmarshal(half(t, s.Compact(), 1), &payload); err != nil {
		t.Fatal(err)
	}
	return payload.Body
}

// flat drops what a cell says of a member: what it is made of, what it may be, and
// what follows a colon.
func flat(cell string) string {
	cell, _, _ = strings.Cut(cell, ":")
	return regexp.MustCompile(`\{[^}]*\}|\[[^\]]*\]|\([^)]*\)`).ReplaceAllString(cell, "")
}

func quoted(cell string) []string {
	out := []string{}
	for _, m := range regexp.MustCompile("`([a-z_0-9]+)`").FindAllStringSubmatch(cell, -1) {
		out = append(out, m[1])
	}
	return out
}

// withoutTerms drops the members that the table calls terms.
func withoutTerms(members []string) []string {
	terms := map[string]bool{}
	for i, of := 0, reflect.TypeFor[statement.Terms](); i < of.NumField(); i++ {
		name, _, _ := strings.Cut(of.Field(i).Tag.Get("json"), ",")
		terms[name] = true
	}
	if slices.Contains(members, "until") && !slices.Contains(members, "max_reads") {
		return members // a member of its own, as in ask, answer and accredit
	}
	return slices.DeleteFunc(slices.Clone(members), func(m string) bool { return terms[m] })
}

// The members of terms, which several acts share, are named below the table.
func TestTheProtocolHasTheTermsInOrder(t *testing.T) {
	text := protocol(t, 2)
	line := regexp.MustCompile(`(?m)^\* \*terms\* are (.*), in this order`).FindStringSubmatch(text)
	if line == nil {
		t.Fatal("the protocol does not say what terms are")
	}
	var want []string
	for i, of := 0, reflect.TypeFor[statement.Terms](); i < of.NumField(); i++ {
		name, _, _ := strings.Cut(of.Field(i).Tag.Get("json"), ",")
		want = append(want, name)
	}
	if got := quoted(line[1]); !slices.Equal(got, want) {
		t.Errorf("the protocol has %q, signed are %q", got, want)
	}
}

// A client that meets a problem can look it up: every problem that the contract
// knows is named in section 6, once, in the order of statuses.
func TestTheProtocolNamesEveryProblemOfTheContract(t *testing.T) {
	text := protocol(t, 6)
	named, last := map[string]bool{}, 0
	for _, m := range regexp.MustCompile("`([a-z-]+)` ([45][0-9]{2})").FindAllStringSubmatch(text, -1) {
		status, err := strconv.Atoi(m[2])
		if err != nil {
			t.Fatal(err)
		}
		if named[m[1]] || status < last {
			t.Errorf("%s %d is there twice, or out of order", m[1], status)
		}
		named[m[1]], last = true, status
	}
	for _, m := range regexp.MustCompile(`urn:testimony-vault:problem:([a-z-]+)`).FindAllSubmatch(api.OpenAPI, -1) {
		if name := string(m[1]); !named[name] {
			t.Errorf("%s is not in section 6", name)
		}
	}
}
