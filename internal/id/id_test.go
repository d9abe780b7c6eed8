package id_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"testing"

	"github.com/relatingfield/vault/internal/id"
)

// The Ed25519 key of RFC 8037 appendix A.3 has the thumbprint printed there.
func TestThumbprintIsThatOfRFC8037(t *testing.T) {
	x, err := base64.RawURLEncoding.DecodeString("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")
	if err != nil {
		t.Fatal(err)
	}
	if got := id.Of(ed25519.PublicKey(x)); got != "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k" {
		t.Fatalf("thumbprint %s", got)
	}
}

// Every drawn ID parses, two draws differ, and no second spelling is accepted.
func TestOneSpellingPerID(t *testing.T) {
	a, err := id.New(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := id.Parse(string(a)); err != nil || got != a {
		t.Fatalf("Parse(%q) = %q, %v", a, got, err)
	}
	if b, _ := id.New(rand.Reader); a == b {
		t.Fatal("two draws are equal")
	}
	for _, bad := range []string{"", "a", "A" + string(a)[1:], string(a) + "a", string(a)[:25] + "b", "\n" + string(a)} {
		if got, err := id.Parse(bad); err == nil {
			t.Errorf("Parse(%q) = %q, want an error", bad, got)
		}
	}
}

func FuzzParseIsCanonical(f *testing.F) {
	f.Add("aaaaaaaaaaaaaaaaaaaaaaaaaa")
	f.Fuzz(func(t *testing.T, s string) {
		if got, err := id.Parse(s); err == nil && string(got) != s {
			t.Fatalf("Parse(%q) = %q", s, got)
		}
		if got, err := id.ParseThumbprint(s); err == nil && string(got) != s {
			t.Fatalf("ParseThumbprint(%q) = %q", s, got)
		}
	})
}
