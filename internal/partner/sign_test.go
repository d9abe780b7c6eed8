package partner_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"testing"

	"github.com/relatingfield/vault/internal/session/sessiontest"
)

// signed makes a compact JWS by itself: it shares no code with the product, and puts
// any header and claims together. A key of bytes signs with HMAC, none not at all.
func signed(t testing.TB, key any, header, claims members) string {
	t.Helper()
	h, err := json.Marshal(header)
	if err != nil {
		t.Fatal(err)
	}
	c, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	return signText(t, key, sessiontest.B64(h)+"."+sessiontest.B64(c))
}

func signText(t testing.TB, key any, text string) string {
	t.Helper()
	var sig []byte
	switch k := key.(type) {
	case ed25519.PrivateKey:
		var err error
		if sig, err = k.Sign(nil, []byte(text), crypto.Hash(0)); err != nil {
			t.Fatal(err)
		}
	case *ecdsa.PrivateKey:
		sum := sha256.Sum256([]byte(text))
		r, s, err := ecdsa.Sign(rand.Reader, k, sum[:])
		if err != nil {
			t.Fatal(err)
		}
		sig = append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
	case []byte:
		m := hmac.New(sha256.New, k)
		m.Write([]byte(text))
		sig = m.Sum(nil)
	}
	return text + "." + sessiontest.B64(sig)
}
