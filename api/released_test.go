package api_test

import (
	"bytes"
	"flag"
	"os"
	"slices"
	"testing"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/apitest"
)

// To write down what is promised from a release on:
//
//	go test ./api -run TestTheReleasedContractIsKept -release
var release = flag.Bool("release", false, "write the contract as it is now to released/v1.yaml")

const releasedFile = "released/v1.yaml"

// What was released is kept (docs/api-policy.md). The copy has no examples: they bind
// nobody.
func TestTheReleasedContractIsKept(t *testing.T) {
	if *release {
		if err := os.WriteFile(releasedFile, withoutExamples(t), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(releasedFile)
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range apitest.Breaks(parsed(t, text), parsed(t, api.OpenAPI), time.Now()) {
		t.Error(err)
	}
}

func parsed(t *testing.T, text []byte) *apitest.Contract {
	t.Helper()
	c, err := apitest.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func withoutExamples(t *testing.T) []byte {
	t.Helper()
	var doc yaml.Node
	if err := yaml.Unmarshal(api.OpenAPI, &doc); err != nil {
		t.Fatal(err)
	}
	bare(&doc)
	var b bytes.Buffer
	b.WriteString("# What every program may rely on since the release of version 1. Only a release changes this file.\n")
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if err := enc.Encode(&doc); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// bare takes out examples and comments.
func bare(n *yaml.Node) {
	n.HeadComment, n.LineComment, n.FootComment = "", "", ""
	for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); {
		if name := n.Content[i].Value; (name == "examples" || name == "example") && !isMember(n.Content[i+1]) {
			n.Content = slices.Delete(n.Content, i, i+2)
			continue
		}
		i += 2
	}
	for _, c := range n.Content {
		bare(c)
	}
}

// isMember tells whether what is named example is itself a schema.
func isMember(n *yaml.Node) bool {
	return n.Kind == yaml.MappingNode && slices.ContainsFunc(n.Content, func(c *yaml.Node) bool { return c.Value == "type" && c.Kind == yaml.ScalarNode })
}

// Every kind of break is found, and what a newer version may do is none.
func TestBreaksAreFound(t *testing.T) {
	for name, c := range map[string]struct{ old, new string }{
		"an operation gone":                  {"  /v1/vault:\n", "  /v1/vaults:\n"},
		"another name":                       {"operationId: grant\n", "operationId: give\n"},
		"a status gone":                      {"        \"404\": {$ref: \"#/components/responses/NotFound\"}\n", ""},
		"an answer's member gone":            {"        practice: {type: boolean, description: \"true: nothing real belongs here\"}\n", ""},
		"an answer's member not sure":        {"required: [vault_id, practice, ", "required: [vault_id, "},
		"an answer's member of another type": {"practice: {type: boolean,", "practice: {type: string,"},
		"an answer's number of another size": {"expires_in: {type: integer, format: int32,", "expires_in: {type: integer, format: int64,"},
		"a word gone from an answer":         {"enum: [received, hers]", "enum: [received]"},
		"a header gone":                      {"            ETag: {$ref: \"#/components/headers/ETag\"}\n", ""},
		"a header not sure":                  {"    ETag:\n      description: 'SHA-256(SHA-256(header) ‖ SHA-256(payload)): names exactly these bytes for exactly this reader.'\n      required: true\n", "    ETag:\n      description: 'SHA-256(SHA-256(header) ‖ SHA-256(payload)): names exactly these bytes for exactly this reader.'\n"},
		"a request's member more":            {"      required: [role]\n      properties:\n", "      required: [role, reason]\n      properties:\n        reason: {type: boolean, description: why}\n"},
		"a request's member has to be there": {"      required: [statement, header]\n", "      required: [statement, header, payload]\n"},
		"a request's member gone":            {"        invitation: {type: string, minLength: 1, maxLength: 64, pattern: \"^[!-~]+$\"}\n", ""},
		"a request's text shorter":           {"login: {type: string, minLength: 1, maxLength: 4096,", "login: {type: string, minLength: 1, maxLength: 1024,"},
		"a request's list shorter":           {"headers: {type: array, minItems: 1, maxItems: 1000,", "headers: {type: array, minItems: 1, maxItems: 10,"},
		"a request's pattern another":        {"invitation: {type: string, minLength: 1, maxLength: 64, pattern: \"^[!-~]+$\"", "invitation: {type: string, minLength: 1, maxLength: 64, pattern: \"^[a-z]+$\""},
		"a word that is taken no more":       {"enum: [participant, researcher, steward, partner]", "enum: [participant, researcher, steward]"},
		"a parameter gone":                   {"        - {$ref: \"#/components/parameters/Claimant\"}\n", ""},
		"a parameter has to be there":        {"    If-Range:\n      name: If-Range\n      in: header\n", "    If-Range:\n      name: If-Range\n      in: header\n      required: true\n"},
		"what anybody could call":            {"      tags: [vault]\n      security: []\n", "      tags: [vault]\n"},
		"another media type":                 {"          application/offset+octet-stream:\n", "          application/octet-stream:\n"},
		"a body that is taken no more":       {"      requestBody:\n        required: true\n        content:\n          application/json:\n            schema: {$ref: \"#/components/schemas/Invite\"}\n            examples:\n              invite: {$ref: \"#/components/examples/invite\"}\n", ""},
		"a refusal's type gone":              {"type: {enum: [urn:testimony-vault:problem:bad-request, urn:testimony-vault:problem:idempotency-key-missing]}", "type: {enum: [urn:testimony-vault:problem:bad-request]}"},
		"OK a member more in an answer":      {"        practice: {type: boolean,", "        more: {type: boolean, description: more}\n        practice: {type: boolean,"},
		"OK a member more that may be sent":  {"        invitation: {type: string,", "        more: {type: boolean, description: more}\n        invitation: {type: string,"},
		"OK a word more in an answer":        {"enum: [received, hers]", "enum: [received, hers, other]"},
		"OK a longer text":                   {"login: {type: string, minLength: 1, maxLength: 4096,", "login: {type: string, minLength: 1, maxLength: 8192,"},
		"OK other words for people":          {"summary: What this vault is\n", "summary: What it is\n"},
		"OK a refusal more":                  {"        \"409\": {$ref: \"#/components/responses/Conflict\"}\n", "        \"409\": {$ref: \"#/components/responses/Conflict\"}\n        \"412\": {$ref: \"#/components/responses/TusVersion\"}\n"},
	} {
		now := bytes.Replace(api.OpenAPI, []byte(c.old), []byte(c.new), 1)
		if bytes.Equal(now, api.OpenAPI) {
			t.Errorf("%s: nothing was bent", name)
			continue
		}
		found := apitest.Breaks(parsed(t, api.OpenAPI), parsed(t, now), time.Now())
		if (len(found) == 0) != (name[:2] == "OK") {
			t.Errorf("%s: %v", name, found)
		}
	}
}

// What was announced long enough may go, and not before its day.
func TestWhatWasAnnouncedMayGo(t *testing.T) {
	old := bytes.Replace(api.OpenAPI, []byte("      operationId: getStatementSchema\n"), []byte("      operationId: getStatementSchema\n      deprecated: true\n      x-sunset: 2027-01-31\n"), 1)
	gone := bytes.Replace(api.OpenAPI, []byte("  /statement.schema.json:\n"), []byte("  /other.json:\n"), 1)
	for day, want := range map[string]int{"2027-01-30": 1, "2027-01-31": 1, "2027-02-01": 0} {
		at, err := time.Parse(time.DateOnly, day)
		if err != nil {
			t.Fatal(err)
		}
		if found := apitest.Breaks(parsed(t, old), parsed(t, gone), at); len(found) != want {
			t.Errorf("%s: %v", day, found)
		}
	}
}
