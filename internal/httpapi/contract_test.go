package httpapi_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/relatingfield/vault/api/apitest"
	"github.com/relatingfield/vault/internal/httpapi"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/testimony"
	"github.com/relatingfield/vault/internal/tray"
	"github.com/relatingfield/vault/internal/webhook"
)

// What is served is what the contract says, no more and no less.
func TestTheRoutesAreThoseOfTheContract(t *testing.T) {
	served := newWorld(t).Routes()
	served = slices.DeleteFunc(served, func(r httpapi.Route) bool { return strings.HasPrefix(r.Path, "/v1/t/") })
	served = append(served, (&httpapi.People{}).Routes()...)
	served = append(served, (&httpapi.Testimonies{Vault: &testimony.Vault{}}).Routes()...)
	served = append(served, (&httpapi.Grants{}).Routes()...)
	served = append(served, (&httpapi.Trusts{}).Routes()...)
	served = append(served, (&httpapi.Closures{}).Routes()...)
	served = append(served, (&httpapi.Account{}).Routes()...)
	served = append(served, (&httpapi.Rekeys{}).Routes()...)
	served = append(served, (&httpapi.Recoveries{}).Routes()...)
	served = append(served, (&httpapi.Fixities{}).Routes()...)
	served = append(served, (&httpapi.Partners{}).Routes()...)
	served = append(served, (&httpapi.Trays{Trays: &tray.Trays{}}).Routes()...)
	served = append(served, (&httpapi.Collections{}).Routes()...)
	served = append(served, (&httpapi.Consultations{}).Routes()...)
	served = append(served, (&httpapi.Hooks{Queue: &webhook.Queue{DB: &store.DB{}}}).Routes()...)

	var have, want []string
	announced := map[string]string{}
	for _, r := range served {
		have = append(have, r.Path+" "+r.Method)
		if !r.Sunset.IsZero() {
			announced[r.Path+" "+r.Method] = r.Sunset.UTC().Format(time.DateOnly)
		}
	}
	c, err := apitest.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, in := range c.Inputs() {
		if name := in.Path + " " + in.Method; announced[name] != in.Sunset {
			t.Errorf("%s ends on %q, and on %q in the contract", name, announced[name], in.Sunset)
		}
	}
	for _, o := range apitest.Operations() {
		want = append(want, o.Path+" "+o.Method)
	}
	for _, r := range have {
		if !slices.Contains(want, r) {
			t.Errorf("%s is served and not in the contract", r)
		}
	}
	for _, o := range want {
		if !slices.Contains(have, o) {
			t.Errorf("%s is in the contract and not served", o)
		}
	}
	if len(have) != len(want) {
		t.Errorf("%d routes for %d operations", len(have), len(want))
	}
}
