package api_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/apitest"
)

// To write the examples again after a wanted change of the protocol:
//
//	go test ./api -update
var update = flag.Bool("update", false, "write the examples of openapi.yaml instead of reading them")

// below is the last line of openapi.yaml that a person wrote.
const below = "    # From here on `go test ./api -update` writes: one story, in which every statement, receipt, header and digest is true.\n"

// The contract holds the examples that the story has, no more and no fewer. Their
// values are not compared: wrapping a key draws new randomness each time. That
// they are true is what TestExamplesTellOneTrueStory is for.
func TestTheContractHoldsTheStory(t *testing.T) {
	s := tellAll(t)
	byHand, written, ok := strings.Cut(string(api.OpenAPI), below)
	if !ok {
		t.Fatalf("openapi.yaml has lost its line %q", below)
	}
	if *update {
		written = s.yaml()
		s.must(os.WriteFile("openapi.yaml", []byte(byHand+below+written), 0o644))
	}
	var held map[string]struct{ Summary string }
	s.must(yaml.Unmarshal([]byte(written), &held))
	for _, name := range s.names {
		if held[name].Summary != s.told[name].summary {
			t.Errorf("example %s is missing or another: run the test with -update", name)
		}
		delete(held, name)
	}
	for name := range held {
		t.Errorf("example %s is not in the story: run the test with -update", name)
	}
}

// yaml writes what was told, in the order it was told.
func (s *story) yaml() string {
	var out bytes.Buffer
	for _, name := range s.names {
		one := map[string]yaml.Node{name: s.node(s.told[name])}
		var b bytes.Buffer
		enc := yaml.NewEncoder(&b)
		enc.SetIndent(2)
		s.must(enc.Encode(one))
		for line := range strings.Lines(b.String()) {
			out.WriteString("    " + line)
		}
	}
	return out.String()
}

// node is the example as YAML, with members in the order of the Go type.
func (s *story) node(of tale) yaml.Node {
	text, err := json.Marshal(struct {
		Summary string `json:"summary"`
		Value   any    `json:"value"`
	}{of.summary, of.value})
	s.must(err)
	var doc yaml.Node
	s.must(yaml.Unmarshal(text, &doc))
	plain(&doc)
	return *doc.Content[0]
}

// plain takes the marks of JSON off a node.
func plain(n *yaml.Node) {
	n.Style = 0
	if n.Kind == yaml.ScalarNode && strings.Contains(n.Value, "\n") {
		n.Style = yaml.LiteralStyle
	}
	for _, c := range n.Content {
		plain(c)
	}
}

// samples are the examples of the contract that is built in.
func samples(t *testing.T) (*apitest.Contract, []apitest.Sample) {
	t.Helper()
	c, err := apitest.Load()
	if err != nil {
		t.Fatal(err)
	}
	list := c.Samples()
	if len(list) < 100 {
		t.Fatalf("the contract has %d examples only", len(list))
	}
	return c, list
}
