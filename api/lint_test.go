package api_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/npmtest"
)

// linted gives how often each rule of api/lint finds something in a contract.
func linted(t *testing.T, contract []byte) map[string]int {
	t.Helper()
	dir := t.TempDir()
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	packages, err := npmtest.Install("lint")
	must(err)
	rules, err := os.ReadFile("lint/.spectral.yaml")
	must(err)
	lint := filepath.Join(dir, "lint")
	must(os.Mkdir(lint, 0o700))
	must(os.WriteFile(filepath.Join(lint, ".spectral.yaml"), rules, 0o600))
	must(os.WriteFile(filepath.Join(dir, "openapi.yaml"), contract, 0o600))
	must(os.Symlink(filepath.Join(packages, "node_modules"), filepath.Join(lint, "node_modules")))

	cmd := exec.Command("node_modules/.bin/spectral", "lint", "--quiet", "--format=json", "--ruleset=.spectral.yaml", "../openapi.yaml")
	cmd.Dir = lint
	text, err := cmd.Output()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	var list []struct{ Code string }
	must(json.Unmarshal(text, &list))
	found := map[string]int{}
	for _, f := range list {
		found[f.Code]++
	}
	return found
}

// The linter finds nothing in the contract, and every kind of fault that is put
// into it, those included which its exceptions are nearest to.
func TestTheLinterFindsWhatIsPutIn(t *testing.T) {
	if found := linted(t, api.OpenAPI); len(found) != 0 {
		t.Errorf("in the contract as it is: %v", found)
	}
	bent := api.OpenAPI
	want := map[string]string{}
	for rule, bend := range map[string][2]string{
		"no-other-origins":                           {"            Request-Id: {$ref: \"#/components/headers/Request-Id\"}\n", "            Access-Control-Allow-Origin: {schema: {const: \"*\"}}\n"},
		"owasp:api4:2023-integer-limit":              {"threshold: {type: integer, format: int64, minimum: 1, maximum: 9007199254740991,", "threshold: {type: integer, format: int64, minimum: 1,"},
		"owasp:api4:2023-array-limit":                {"maxItems: 200, items: {$ref: \"#/components/schemas/Listed\"}", "items: {$ref: \"#/components/schemas/Listed\"}"},
		"owasp:api4:2023-string-limit":               {"type: {type: string, maxLength: 64, pattern", "type: {type: string, pattern"},
		"owasp:api4:2023-string-restricted":          {"maxLength: 43, pattern: \"^[A-Za-z0-9_-]+$\", description: \"an account", "maxLength: 43, description: \"an account"},
		"owasp:api4:2023-rate-limit-responses-429":   {"        \"429\": {$ref: \"#/components/responses/TooMany\"}\n", ""},
		"owasp:api8:2023-define-error-responses-500": {"        \"500\": {$ref: \"#/components/responses/Internal\"}\n", ""},
		"owasp:api2:2023-write-restricted":           {"      operationId: invite\n      tags: [enrolment]\n", "      operationId: invite\n      tags: [enrolment]\n      security: []\n"},
		"oas3-valid-media-example":                   {"contract: {$ref: \"#/components/examples/contract\"}", "contract: {value: 7}"},
	} {
		now := bytes.Replace(bent, []byte(bend[0]), []byte(bend[1]), 1)
		if bytes.Equal(now, bent) {
			t.Errorf("%s: nothing was put in", rule)
		}
		bent, want[rule] = now, rule
	}
	found := linted(t, bent)
	for rule := range want {
		if found[rule] == 0 {
			t.Errorf("%s finds nothing among %v", rule, found)
		}
	}
}
