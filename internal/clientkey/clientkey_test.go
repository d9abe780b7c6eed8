package clientkey_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"strings"
	"testing"

	"github.com/relatingfield/vault/internal/clientkey"
)

func keys(t testing.TB) (ed25519.PrivateKey, *ecdsa.PrivateKey) {
	t.Helper()
	_, one, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	two, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return one, two
}

// The keys of RFC 8037 appendix A and RFC 7515 appendix A.3 are read, and the first
// has the thumbprint that is printed there.
func TestKeysOfTheRFCs(t *testing.T) {
	one, err := clientkey.JWK{Crv: "Ed25519", Kty: "OKP", X: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}.Parse()
	if err != nil || one.Thumbprint() != "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k" || one.Alg() != clientkey.EdDSA {
		t.Errorf("%+v, %v", one, err)
	}
	two, err := clientkey.JWK{Crv: "P-256", Kty: "EC", X: "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", Y: "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}.Parse()
	if err != nil || two.Alg() != clientkey.ES256 {
		t.Fatalf("%+v, %v", two, err)
	}
	// The signed text of appendix A.3, whose header is {"alg":"ES256"}.
	token, err := clientkey.Split("eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ."+
		"DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q", 4096)
	if err != nil || token.Verify(two) != nil {
		t.Errorf("%v, %v", err, token)
	}
	if token.Verify(one) == nil {
		t.Error("a key of another kind verifies it")
	}
}

// Keys of other kinds, spellings and places than the two are refused.
func TestKeysThatAreRefused(t *testing.T) {
	const x, y = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
	for name, k := range map[string]clientkey.JWK{
		"nothing":          {},
		"RSA":              {Kty: "RSA", X: x},
		"a shared secret":  {Kty: "oct", X: x},
		"X25519":           {Crv: "X25519", Kty: "OKP", X: x},
		"P-384":            {Crv: "P-384", Kty: "EC", X: x, Y: y},
		"a curve's kty":    {Crv: "Ed25519", Kty: "EC", X: x},
		"Ed25519 and y":    {Crv: "Ed25519", Kty: "OKP", X: x, Y: y},
		"P-256 without y":  {Crv: "P-256", Kty: "EC", X: x},
		"off the curve":    {Crv: "P-256", Kty: "EC", X: x, Y: x},
		"infinity":         {Crv: "P-256", Kty: "EC", X: strings.Repeat("A", 43), Y: strings.Repeat("A", 43)},
		"a short x":        {Crv: "Ed25519", Kty: "OKP", X: x[:42]},
		"another spelling": {Crv: "Ed25519", Kty: "OKP", X: x[:42] + "V"},
		"padding":          {Crv: "Ed25519", Kty: "OKP", X: x + "="},
		"a line break":     {Crv: "Ed25519", Kty: "OKP", X: x + "\n"},
	} {
		if key, err := k.Parse(); !errors.Is(err, clientkey.ErrRefused) {
			t.Errorf("%s: %+v, %v", name, key, err)
		}
	}
}

// What a key signs it verifies, and no other does, nor anything that was changed.
func TestTokensVerifyByTheirKeyOnly(t *testing.T) {
	one, two := keys(t)
	for _, signer := range []crypto.Signer{one, two} {
		public, err := clientkey.Of(signer.Public())
		if err != nil {
			t.Fatal(err)
		}
		compact, err := clientkey.Sign(signer, "tv-delivery+jwt", map[string]string{"a": "b"})
		if err != nil {
			t.Fatal(err)
		}
		token, err := clientkey.Split(compact, 4096)
		if err != nil || token.Typ != "tv-delivery+jwt" || token.Kid != string(public.Thumbprint()) || string(token.Payload) != `{"a":"b"}` || token.Verify(public) != nil {
			t.Errorf("%+v, %v", token, err)
		}
		again, _ := keys(t)
		for _, other := range []crypto.Signer{one, two, again} {
			key, err := clientkey.Of(other.Public())
			if err != nil {
				t.Fatal(err)
			}
			if key.Thumbprint() != public.Thumbprint() && token.Verify(key) == nil {
				t.Error("another key verifies it")
			}
		}
		changed, err := clientkey.Split(strings.Replace(compact, ".", ".A", 1)[:len(compact)], 4096)
		if err == nil && changed.Verify(public) == nil {
			t.Error("changed, it verifies")
		}
	}
}

// Nothing is believed because it parses: no text is signed by a key that was made
// after it.
func FuzzToken(f *testing.F) {
	f.Add("eyJhbGciOiJFZERTQSJ9.e30.AA")
	f.Add("eyJhbGciOiJub25lIn0.e30.")
	f.Add("..")
	f.Fuzz(func(t *testing.T, compact string) {
		token, err := clientkey.Split(compact, 4096)
		if err != nil {
			return
		}
		_, key, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		public, err := clientkey.Of(key.Public())
		if err != nil {
			t.Fatal(err)
		}
		if token.Verify(public) == nil {
			t.Fatalf("%q is signed by a key that was made after it", compact)
		}
	})
}
