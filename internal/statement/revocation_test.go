package statement_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/statement"
)

func revocationOf(t testing.TB) (statement.Revocation, ed25519.PublicKey, ed25519.PrivateKey) {
	t.Helper()
	pub, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	hash, who := statement.B64(make([]byte, 32)), id.Of(pub)
	return statement.Revocation{Vault: hash, Statement: hash, Account: who, Testimony: newID(t), Grant: newID(t), Grantee: who,
		Parts: []statement.EndedPart{{N: 1, HeaderSHA256: hash, Payload: statement.PayloadStored}, {N: 3, HeaderSHA256: hash, Payload: statement.PayloadErased}},
		Day:   statement.DayOf(day), Fetched: []statement.Delivered{{N: 3, Opened: day.Unix(), Bytes: 18_000, Complete: true}}}, pub, key
}

// A revocation receipt is an ordinary Ed25519 signature over the two parts before
// it: whoever has the key can check it without a program of ours. Made twice it
// is the same.
func TestARevocationReceiptVerifiesWithoutThisProgram(t *testing.T) {
	r, pub, key := revocationOf(t)
	compact, err := statement.SignRevocation(key, r)
	if err != nil {
		t.Fatal(err)
	}
	if again, _ := statement.SignRevocation(key, r); again != compact {
		t.Error("a repeated receipt differs")
	}
	text, sig, _ := cutLast(compact)
	raw, err := base64.RawURLEncoding.DecodeString(sig)
	if err != nil || !ed25519.Verify(pub, []byte(text), raw) {
		t.Errorf("%v: plain Ed25519 refuses it", err)
	}
	_, body, _ := strings.Cut(text, ".")
	plain, err := base64.RawURLEncoding.DecodeString(body)
	var loose struct{ Grant, Testimony string }
	if err != nil || json.Unmarshal(plain, &loose) != nil || loose.Grant != string(r.Grant) || loose.Testimony != string(r.Testimony) {
		t.Errorf("%v: it reads %s", err, plain)
	}
	got, err := statement.ParseRevocation(compact, pub)
	if err != nil || got.Grant != r.Grant || !slices.Equal(got.Parts, r.Parts) || !slices.Equal(got.Fetched, r.Fetched) {
		t.Errorf("%v, %+v", err, got)
	}
}

func cutLast(s string) (before, after string, found bool) {
	i := strings.LastIndex(s, ".")
	return s[:i], s[i+1:], i >= 0
}

// Another key, another type, a changed byte: refused.
func TestATamperedRevocationReceiptIsRefused(t *testing.T) {
	r, pub, key := revocationOf(t)
	compact, err := statement.SignRevocation(key, r)
	if err != nil {
		t.Fatal(err)
	}
	_, other, _ := revocationOf(t)
	s := chainOf(t, signer(t))[0]
	plain, err := statement.SignReceipt(key, s, statement.DayOf(day))
	if err != nil {
		t.Fatal(err)
	}
	text, sig, _ := cutLast(compact)
	head, body, _ := strings.Cut(text, ".")
	richer := strings.Replace(unb64(t, body), `"bytes":18000`, `"bytes":0`, 1)
	for name, c := range map[string]string{
		"a changed figure":    head + "." + base64.RawURLEncoding.EncodeToString([]byte(richer)) + "." + sig,
		"a changed signature": compact[:len(compact)-4] + "AAAA",
		"a plain receipt":     plain,
		"a statement":         s.Compact(),
		"nothing":             "",
		"a part too many":     compact + "." + sig,
		"white space":         compact + "\n",
	} {
		if _, err := statement.ParseRevocation(c, pub); !errors.Is(err, statement.ErrRevocation) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := statement.ParseRevocation(compact, other); !errors.Is(err, statement.ErrRevocation) {
		t.Errorf("another key: %v", err)
	}
	if _, err := statement.CheckReceipt(compact, pub, s); !errors.Is(err, statement.ErrReceipt) {
		t.Errorf("as a receipt of a statement: %v", err)
	}
}

func unb64(t testing.TB, s string) string {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// What would say nothing, or two things, is not signed.
func TestARevocationReceiptSaysOneWholeThing(t *testing.T) {
	for name, spoil := range map[string]func(*statement.Revocation){
		"no part":                 func(r *statement.Revocation) { r.Parts = nil },
		"parts out of order":      func(r *statement.Revocation) { slices.Reverse(r.Parts) },
		"a part twice":            func(r *statement.Revocation) { r.Parts[1] = r.Parts[0] },
		"an unknown payload":      func(r *statement.Revocation) { r.Parts[0].Payload = "sold" },
		"nothing about fetching":  func(r *statement.Revocation) { r.Fetched = nil },
		"fetched of another part": func(r *statement.Revocation) { r.Fetched[0].N = 2 },
		"fewer bytes than none":   func(r *statement.Revocation) { r.Fetched[0].Bytes = -1 },
		"no whole day":            func(r *statement.Revocation) { r.Day++ },
		"no statement":            func(r *statement.Revocation) { r.Statement = "" },
		"no grantee":              func(r *statement.Revocation) { r.Grantee = "" },
	} {
		r, _, key := revocationOf(t)
		spoil(&r)
		if compact, err := statement.SignRevocation(key, r); err == nil {
			t.Errorf("%s: signed %s", name, compact)
		}
	}
}

func FuzzParseRevocation(f *testing.F) {
	r, pub, key := revocationOf(f)
	compact, err := statement.SignRevocation(key, r)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(compact)
	f.Fuzz(func(t *testing.T, text string) {
		if got, err := statement.ParseRevocation(text, pub); err == nil && (text != compact || got.Grant != r.Grant) {
			t.Fatalf("accepted %q", text)
		}
	})
}
