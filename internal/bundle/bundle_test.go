package bundle_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/bag"
	"github.com/relatingfield/vault/internal/bundle"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/statement"
)

var day = time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC).Unix()

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func key(t testing.TB) ed25519.PrivateKey {
	t.Helper()
	_, k, err := ed25519.GenerateKey(rand.Reader)
	must(t, err)
	return k
}

func sums() (long, short bag.Sum) {
	return bag.Sum{SHA512: strings.Repeat("ab", 64)}, bag.Sum{SHA256: strings.Repeat("cd", 32)}
}

// A signature holds for its own bag, and for no other, in no other spelling.
func TestASignatureHoldsForItsOwnBag(t *testing.T) {
	long, short := sums()
	vault := statement.B64(make([]byte, 32))
	jws, err := bundle.Sign(key(t), vault, day+4711, long, short)
	must(t, err)
	s, err := bundle.Verify(jws, long, short)
	if err != nil || s.Day != day || s.Vault != vault {
		t.Fatalf("%+v, %v", s, err)
	}
	if _, err := bundle.Verify(jws, bag.Sum{SHA512: strings.Repeat("00", 64)}, short); !errors.Is(err, bundle.ErrSignature) {
		t.Errorf("another bag: %v", err)
	}
	if _, err := bundle.Verify(jws, long, bag.Sum{SHA256: strings.Repeat("00", 32)}); !errors.Is(err, bundle.ErrSignature) {
		t.Errorf("another bag by SHA-256: %v", err)
	}
	parts := strings.Split(jws, ".")
	other, err := bundle.Sign(key(t), vault, day, long, short)
	must(t, err)
	for name, forged := range map[string]string{
		"another's header":  strings.Split(other, ".")[0] + "." + parts[1] + "." + parts[2],
		"another's words":   parts[0] + "." + strings.Split(other, ".")[1] + "." + parts[2],
		"a line break":      parts[0] + "." + parts[1] + "\n." + parts[2],
		"padding":           jws + "=",
		"no algorithm":      head(`{"alg":"none","typ":"tv-bundle+jwt","jwk":{"crv":"Ed25519","kty":"OKP","x":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}}`) + "." + parts[1] + ".",
		"a statement's typ": head(strings.Replace(decoded(t, parts[0]), bundle.Type, statement.Type, 1)) + "." + parts[1] + "." + parts[2],
		"one part more":     jws + ".x",
		"nothing":           "",
	} {
		if _, err := bundle.Verify(forged, long, short); !errors.Is(err, bundle.ErrSignature) {
			t.Errorf("%s: %v", name, err)
		}
	}
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	if _, err := bundle.Sign(curve, vault, day, long, short); err == nil {
		t.Error("signed with a key of another kind")
	}
	var _ crypto.Signer = curve
}

func head(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

func decoded(t *testing.T, part string) string {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(part)
	must(t, err)
	return string(b)
}

// A signature over a bag is no statement of its signer's, and a statement none of
// these.
func TestASignatureIsNoStatement(t *testing.T) {
	long, short := sums()
	jws, err := bundle.Sign(key(t), statement.B64(make([]byte, 32)), day, long, short)
	must(t, err)
	if _, err := statement.Parse(jws); !errors.Is(err, statement.ErrRefused) {
		t.Error(err)
	}
}

// hostile is a bundle whose texts want to be markup, lines or identifiers.
func hostile(text string) *bundle.Bundle {
	terms := statement.Terms{Attribution: statement.Named, From: day, Until: day + 365*statement.Day}
	return &bundle.Bundle{Vault: "v", Day: day, Signer: bundle.Signer{Account: "a", Name: text, Institution: text},
		Items: []bundle.Item{
			{Number: 1, Path: "original/item-1/شهادتي نص.txt", Statement: "s", Terms: terms, Giver: "g", Words: []string{text},
				Info: envelope.PartInfo{MediaType: text, Kind: envelope.Original, People: []envelope.Person{{Role: envelope.Speaker, Name: text, Country: text, Affiliation: text}}}},
			{Number: 2, From: 1, Path: "working/item-2/x", Statement: "s", Terms: terms, Info: envelope.PartInfo{Kind: envelope.Cleaned, DerivedFrom: 1}},
			{Number: 3, Path: "working/item-3/x", Statement: "s", Terms: terms, Info: envelope.PartInfo{Kind: envelope.Redacted, DerivedFrom: 9}}},
		Events: []bundle.Event{{Day: day, Type: bundle.Granted, Item: 1, Statement: "s"}, {Day: day, Type: bundle.Bundled}}}
}

// Nothing that somebody is called becomes an element, a node, a line or a way out.
func TestTextsStayTexts(t *testing.T) {
	for _, text := range []string{`</agentName><agent/>`, `"},{"@id":"./"}`, "a\nPayload-Oxum: 0.0", "\u202etxt", "]]>", "&x;", "\x00", ""} {
		b := hostile(text)
		crate, err := b.Crate()
		must(t, err)
		var doc struct {
			Graph []map[string]any `json:"@graph"`
		}
		must(t, json.Unmarshal(crate, &doc))
		seen := map[any]int{}
		for _, n := range doc.Graph {
			seen[n["@id"]]++
		}
		if seen["./"] != 1 || seen["#made-2"] != 1 || seen["#source-3"] != 1 || seen["original/item-1/شهادتي%20نص.txt"] != 1 {
			t.Errorf("%q: %v", text, seen)
		}
		premis, err := b.Premis()
		must(t, err)
		agents := 0
		d := xml.NewDecoder(bytes.NewReader(premis))
		for {
			token, err := d.Token()
			if err == io.EOF {
				break
			}
			must(t, err)
			if e, ok := token.(xml.StartElement); ok && e.Name.Local == "agent" {
				agents++
			}
		}
		if agents != 2 {
			t.Errorf("%q: %d agents", text, agents)
		}
		for _, f := range b.Describe() {
			if strings.ContainsAny(f.Value, "\r\n\u202e") {
				t.Errorf("%s: %q", f.Label, f.Value)
			}
		}
	}
}

// The documents are in days, and the same for the same bundle.
func TestTheDocumentsAreInDays(t *testing.T) {
	b := hostile("x")
	b.Day += 12345
	one, err := b.Premis()
	must(t, err)
	two, err := b.Premis()
	must(t, err)
	lines, err := b.EventLines()
	must(t, err)
	if !bytes.Equal(one, two) || bytes.Contains(one, []byte("T0")) || string(lines) != `{"day":"2026-11-23","event":"granted","item":1,"statement_sha256":"s"}`+"\n"+`{"day":"2026-11-23","event":"bundled"}`+"\n" {
		t.Errorf("%s\n%s", one, lines)
	}
}

func FuzzParseSignature(f *testing.F) {
	long, short := sums()
	jws, err := bundle.Sign(ed25519.NewKeyFromSeed(make([]byte, 32)), statement.B64(make([]byte, 32)), day, long, short)
	must(f, err)
	f.Add(jws)
	f.Fuzz(func(t *testing.T, text string) {
		s, err := bundle.ParseSignature(text)
		if (err == nil) != (s != nil) || err == nil && text != jws {
			t.Errorf("%q, %v", text, err)
		}
	})
}

func FuzzParseReply(f *testing.F) {
	reply, err := os.ReadFile("testdata/reply.tsr")
	must(f, err)
	f.Add(reply)
	f.Fuzz(func(t *testing.T, der []byte) {
		s, err := bundle.ParseReply(der)
		if (s == nil) != (err != nil) || err == nil && len(s.Digest) != 64 && len(s.Digest) != 32 {
			t.Errorf("%+v, %v", s, err)
		}
	})
}

// A reply that an authority made is read, and one that it made to refuse is not.
func TestARepliesStampIsRead(t *testing.T) {
	reply, err := os.ReadFile("testdata/reply.tsr")
	must(t, err)
	s, err := bundle.ParseReply(reply)
	if err != nil || len(s.Digest) != 64 || s.Time.IsZero() {
		t.Fatalf("%+v, %v", s, err)
	}
	if _, err := bundle.ParseReply([]byte{0x30, 0x05, 0x30, 0x03, 0x02, 0x01, 0x02}); !errors.Is(err, bundle.ErrStamp) || !strings.Contains(err.Error(), "refused") {
		t.Error(err)
	}
	if err := s.Fits(bag.Sum{}); !errors.Is(err, bundle.ErrStamp) {
		t.Error(err)
	}
}
