package partner_test

import (
	"slices"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/partner"
	"github.com/relatingfield/vault/internal/session/sessiontest"
)

// Whatever claims come, what is read names one client, for us alone, and is
// remembered no longer than it could be used.
func FuzzAssertion(f *testing.F) {
	for _, claims := range []string{
		`{"iss":"aaaaaaaaaaaaaaaaaaaaaaaaaa","sub":"aaaaaaaaaaaaaaaaaaaaaaaaaa","aud":"https://vault.example","jti":"x","exp":1000060}`,
		`{"iss":"aaaaaaaaaaaaaaaaaaaaaaaaaa","sub":"aaaaaaaaaaaaaaaaaaaaaaaaaa","aud":["https://vault.example/v1/token"],"jti":"x","exp":1000299.5,"iat":1000000,"nbf":1}`,
		`{"aud":null}`, `{"exp":1e999}`, `[]`, `{"iss":"a","iss":"b"}`,
	} {
		f.Add(claims)
	}
	now := time.Unix(1_000_000, 0)
	origins := []string{origin}
	f.Fuzz(func(t *testing.T, claims string) {
		compact := sessiontest.B64([]byte(`{"alg":"EdDSA"}`)) + "." + sessiontest.B64([]byte(claims)) + ".AA"
		a, err := partner.ParseAssertion(compact, origins, now)
		if err != nil {
			return
		}
		if _, err := id.Parse(a.Client); err != nil {
			t.Errorf("client %q", a.Client)
		}
		if life := a.Expires.Sub(now); life <= 0 || life > partner.AssertionLife {
			t.Errorf("it lives %s", life)
		}
		if a.JTI == "" || len(a.JTI) > 128 || len(a.Origins) == 0 || slices.ContainsFunc(a.Origins, func(o string) bool { return o != origin }) {
			t.Errorf("%+v", a)
		}
	})
}
