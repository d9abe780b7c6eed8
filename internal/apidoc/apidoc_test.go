package apidoc_test

import (
	"bytes"
	"encoding/json"
	"html"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/apitest"
	"github.com/relatingfield/vault/internal/apidoc"
)

func pages(t *testing.T) map[string]string {
	t.Helper()
	made, err := apidoc.Pages(api.OpenAPI, "00000000")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for at, body := range made {
		out[at] = string(body)
	}
	return out
}

// section is the part of a page that begins with the heading of this name.
func section(page, id string) string {
	_, rest, ok := strings.Cut(page, `<h2 id="`+id+`">`)
	if !ok {
		return ""
	}
	rest, _, _ = strings.Cut(rest, "</section>")
	return rest
}

// Every operation has its place, with its request line, each parameter, each status
// and each example in full.
func TestEveryOperationIsShown(t *testing.T) {
	made := pages(t)
	all := strings.Join(slices.Collect(maps.Values(made)), "\n")
	everywhere := shown(all)
	place, examples := map[string]string{}, map[string]map[string]bool{}
	c, err := apitest.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range c.Samples() {
		if place[s.ID] == "" {
			for _, page := range made {
				place[s.ID] += section(page, s.ID)
			}
			examples[s.ID] = shown(place[s.ID])
		}
		here := place[s.ID]
		if !strings.Contains(here, s.Method+" "+s.Path+"</code>") {
			t.Errorf("%s %s is not shown", s.Method, s.Path)
		}
		if s.Status != 0 && !strings.Contains(here, "<strong>"+strconv.Itoa(s.Status)+"</strong>") {
			t.Errorf("%s: answer %d is not shown", s.ID, s.Status)
		}
		if want := spelled(t, s.Value); !examples[s.ID][want] && !(s.Status >= 400 && everywhere[want]) {
			t.Errorf("%v is not shown", s)
		}
	}
	for _, o := range apitest.Operations() {
		if !strings.Contains(made[apidoc.Root], "<code>"+o.Method+" "+o.Path+"</code>") {
			t.Errorf("%s %s is not in the list", o.Method, o.Path)
		}
	}
}

var blocks = regexp.MustCompile(`(?s)<pre>(.*?)</pre>`)

// shown are the examples on a page, as text and as JSON in one spelling.
func shown(page string) map[string]bool {
	out := map[string]bool{}
	for _, m := range blocks.FindAllStringSubmatch(page, -1) {
		text := html.UnescapeString(m[1])
		out[strings.TrimSpace(text)] = true
		out[again([]byte(text))] = true
	}
	return out
}

// again spells JSON with its members in alphabetical order; empty where it is none.
func again(text []byte) string {
	var v any
	if json.Unmarshal(text, &v) != nil {
		return ""
	}
	b, _ := json.Marshal(v) // it was JSON before
	return string(b)
}

func spelled(t *testing.T, v any) string {
	t.Helper()
	if text, ok := v.(string); ok && !strings.ContainsAny(text, "\x00\r") {
		return strings.TrimSpace(text)
	}
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return again(b)
}

// Every component that has a name is on a page: schemas with their members, and what
// is refused everywhere.
func TestEveryComponentIsShown(t *testing.T) {
	made := pages(t)
	var doc struct {
		Components struct {
			Schemas   map[string]struct{ Properties map[string]any }
			Responses map[string]any
			Schemes   map[string]any `yaml:"securitySchemes"`
		}
	}
	if err := yaml.Unmarshal(api.OpenAPI, &doc); err != nil {
		t.Fatal(err)
	}
	for name, s := range doc.Components.Schemas {
		shown := section(made[apidoc.Root+"schemas"], name)
		if shown == "" {
			t.Errorf("schema %s is not shown", name)
		}
		for member := range s.Properties {
			if !strings.Contains(shown, "<dt><code>"+member+"</code>") {
				t.Errorf("%s.%s is not shown", name, member)
			}
		}
	}
	for _, of := range []map[string]any{doc.Components.Responses, doc.Components.Schemes} {
		for name := range of {
			if section(made[apidoc.Root+"everywhere"], name) == "" {
				t.Errorf("%s is not shown", name)
			}
		}
	}
}

var (
	links = regexp.MustCompile(`(?:href|src)="([^"]*)"`)
	ids   = regexp.MustCompile(`\sid="([^"]*)"`)
)

// Every link leads somewhere: to a place on one of these pages, to the contract, or, in
// words of the contract, out of here by a click and never by itself.
func TestEveryLinkResolves(t *testing.T) {
	made := pages(t)
	places := map[string]bool{"/openapi.yaml": true}
	for at, body := range made {
		places[at] = true
		for _, m := range ids.FindAllStringSubmatch(body, -1) {
			if places[at+"#"+m[1]] {
				t.Errorf("%s has the place %s twice", at, m[1])
			}
			places[at+"#"+m[1]] = true
		}
	}
	for at, body := range made {
		for _, m := range links.FindAllStringSubmatch(body, -1) {
			to := m[1]
			if strings.HasPrefix(to, "https://tus.io/") {
				continue
			}
			if !strings.HasPrefix(to, "/") {
				to = path.Dir(at) + "/" + to
			}
			if !places[to] {
				t.Errorf("%s: %s leads nowhere", at, m[1])
			}
		}
	}
}

// The pages work under the site's policy, which allows no script, no style and no
// address in the page itself, and fit a phone.
func TestThePagesNeedNothing(t *testing.T) {
	for at, body := range pages(t) {
		if strings.HasSuffix(at, ".css") {
			if strings.Contains(body, "url(") || strings.Contains(body, "@import") {
				t.Errorf("%s loads something", at)
			}
			continue
		}
		if m := regexp.MustCompile(`<script|<style|<img|<iframe|\sstyle=|\son[a-z]+=|javascript:`).FindString(blocks.ReplaceAllString(body, "")); m != "" {
			t.Errorf("%s has %q", at, m)
		}
		if !strings.HasPrefix(body, "<!doctype html>") || !strings.Contains(body, `<meta name="viewport" content="width=device-width, initial-scale=1">`) {
			t.Errorf("%s does not begin as a page for phones does", at)
		}
		if strings.Count(body, `<bdi class="hash">00000000</bdi>`) != 1 || strings.Count(body, "<h1>") != 1 {
			t.Errorf("%s has not one heading and one foot", at)
		}
		if strings.Contains(body, "ZgotmplZ") {
			t.Errorf("%s has something that the template refused", at)
		}
	}
}

// What the contract says is text on the page, whatever it contains.
func TestWordsStayWords(t *testing.T) {
	bent := api.OpenAPI
	for _, old := range []string{"summary: What this vault is\n", "summary: This vault\n", "description: What this vault is and who guards it.\n"} {
		name, _, _ := strings.Cut(old, ":")
		bent = bytes.Replace(bent, []byte(old), []byte(name+": \"</p><script>alert(1)</script> `<b onclick=x>` [a](https://x\\\" onclick=y)\"\n"), 1)
	}
	made, err := apidoc.Pages(bent, `"><script>`)
	if err != nil {
		t.Fatal(err)
	}
	for at, body := range made {
		if bytes.Contains(body, []byte("<script")) || bytes.Contains(body, []byte("<b onclick")) || bytes.Contains(body, []byte(`x" onclick`)) {
			t.Errorf("%s has markup of the contract's", at)
		}
	}
}

// The same contract gives the same bytes; one that cannot be shown is an error.
func TestAContractIsShownWholeOrNot(t *testing.T) {
	if a, b := pages(t), pages(t); !maps.Equal(a, b) {
		t.Error("rendered twice, the pages differ")
	}
	for name, bent := range map[string][]byte{
		"no YAML":                    []byte("\t{"),
		"nothing":                    nil,
		"a reference to nothing":     bytes.Replace(api.OpenAPI, []byte("responses/TooMany"), []byte("responses/TooMuch"), 1),
		"a tag that is not declared": bytes.Replace(api.OpenAPI, []byte("tags: [vault]"), []byte("tags: [vaults]"), 1),
	} {
		if _, err := apidoc.Pages(bent, ""); err == nil {
			t.Errorf("%s is shown", name)
		}
	}
}

// No contract, however broken, stops the program or puts markup of its own on a page.
func FuzzPages(f *testing.F) {
	f.Add([]byte("openapi: 3.1.0\ntags: [{name: a}]\npaths: {/x: {get: {tags: [a], summary: '<script>', responses: {'200': {description: x}}}}}\n"))
	f.Add(api.OpenAPI[:4000])
	f.Fuzz(func(t *testing.T, text []byte) {
		made, err := apidoc.Pages(text, "00000000")
		if err != nil {
			return
		}
		for at, body := range made {
			if bytes.Contains(bytes.ToLower(body), []byte("<script")) {
				t.Errorf("%s has a script", at)
			}
		}
	})
}
