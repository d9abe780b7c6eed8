package httpapi_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/relatingfield/vault/internal/httpapi"
)

const tokenForm = "grant_type=client_credentials&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion=a.b.c"

// A form has each member once and none that is not known.
func TestTokenFormsThatAreRefused(t *testing.T) {
	if a, c, s, err := httpapi.ParseTokenForm(tokenForm + "&scope=deliver+follow&client_id=x"); err != nil || a != "a.b.c" || c != "x" || !slices.Equal(s, []string{"deliver", "follow"}) {
		t.Errorf("%q %q %q, %v", a, c, s, err)
	}
	for name, form := range map[string]string{
		"empty":              "",
		"no form":            "{}",
		"a semicolon":        strings.ReplaceAll(tokenForm, "&", ";"),
		"a broken escape":    tokenForm + "&scope=%zz",
		"a member twice":     tokenForm + "&client_assertion=d.e.f",
		"an unknown member":  tokenForm + "&resource=x",
		"a client secret":    tokenForm + "&client_secret=x",
		"another grant":      strings.Replace(tokenForm, "client_credentials", "password", 1),
		"no grant":           strings.Replace(tokenForm, "grant_type=client_credentials&", "", 1),
		"another assertion":  strings.Replace(tokenForm, "jwt-bearer", "saml2-bearer", 1),
		"no assertion":       strings.Replace(tokenForm, "a.b.c", "", 1),
		"a name in capitals": strings.Replace(tokenForm, "grant_type", "Grant_type", 1),
	} {
		if a, _, _, err := httpapi.ParseTokenForm(form); err == nil || a != "" {
			t.Errorf("%s: %q, %v", name, a, err)
		}
	}
}

// What is read of a form stands in it, once.
func FuzzTokenForm(f *testing.F) {
	f.Add(tokenForm)
	f.Add(tokenForm + "&scope=a+b")
	f.Add("grant_type=&&=;%00")
	f.Fuzz(func(t *testing.T, body string) {
		assertion, client, scopes, err := httpapi.ParseTokenForm(body)
		if err != nil {
			return
		}
		form, err := url.ParseQuery(body)
		if err != nil || !slices.Equal(form["client_assertion"], []string{assertion}) || client != form.Get("client_id") || strings.Join(scopes, " ") != form.Get("scope") || form.Get("grant_type") != "client_credentials" {
			t.Errorf("%q %q %q of %q, %v", assertion, client, scopes, body, err)
		}
	})
}
