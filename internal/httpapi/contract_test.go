package httpapi_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/relatingfield/vault/api/apitest"
	"github.com/relatingfield/vault/internal/httpapi"
	"github.com/relatingfield/vault/internal/testimony"
)

// What is served is what the contract lists: no request without words, no words
// without a request.
func TestRoutesAreThoseOfTheContract(t *testing.T) {
	routes := slices.Concat(newWorld(t).Routes(), (&httpapi.People{}).Routes(),
		(&httpapi.Testimonies{Vault: &testimony.Vault{}}).Routes(), (&httpapi.Grants{}).Routes())
	served := map[apitest.Operation]bool{}
	for _, r := range routes {
		if !strings.HasPrefix(r.Path, "/v1/t/") { // the test world's own
			served[apitest.Operation{Method: r.Method, Path: r.Path}] = true
		}
	}
	for _, o := range apitest.Operations() {
		if !served[o] {
			t.Errorf("%s %s is in the contract and not served", o.Method, o.Path)
		}
		delete(served, o)
	}
	for o := range served {
		t.Errorf("%s %s is served and not in the contract", o.Method, o.Path)
	}
}
