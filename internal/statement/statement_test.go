package statement_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/statement"
)

var day = time.Date(2026, 3, 4, 15, 16, 17, 0, time.UTC)

func vault(name string) string {
	sum := sha256.Sum256([]byte(name))
	return statement.B64(sum[:])
}

func signer(t testing.TB) *statement.Signer {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &statement.Signer{Key: key, Vault: vault("practice"), Rand: rand.Reader, Now: func() time.Time { return day }}
}

func newID(t testing.TB) id.ID {
	t.Helper()
	i, err := id.New(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func hash(s string) string { return vault(s) }

// chainOf signs bodies one after another, beginning with a key statement.
func chainOf(t testing.TB, g *statement.Signer, bodies ...statement.Body) []*statement.Statement {
	t.Helper()
	var head statement.Head
	var out []*statement.Statement
	for _, b := range append([]statement.Body{statement.Key{Role: statement.Participant, Recipient: "age1pq1x"}}, bodies...) {
		s, next, err := g.Sign(head, b)
		if err != nil {
			t.Fatal(err)
		}
		out, head = append(out, s), next
	}
	return out
}

func entries(list []*statement.Statement) []statement.Entry {
	var out []statement.Entry
	for _, s := range list {
		out = append(out, statement.Entry{Seq: s.Seq, Hash: s.Hash(), Compact: s.Compact()})
	}
	return out
}

func add(t id.ID, n int64) statement.Add {
	return statement.Add{Testimony: t, N: n, Length: 65552, PayloadSHA256: hash("payload"), Commit: hash("commit"), HeaderSHA256: hash("header")}
}

func grant(t id.ID, parts ...int64) statement.Grant {
	g := statement.Grant{Testimony: t, Grantee: id.Thumbprint(hash("grantee")), RecipientSHA256: hash("r"), Accreditation: hash("a"),
		Terms: statement.Terms{Purposes: []statement.Purpose{"Research"}, Prohibited: statement.Prohibitions(), Media: []statement.Medium{}, Place: statement.PlaceNone, Attribution: statement.ChathamHouse,
			Access: statement.Download, From: day.Unix(), Until: day.Unix() + statement.DefaultTerm}}
	for _, n := range parts {
		g.Parts = append(g.Parts, statement.GrantedPart{N: n, PayloadSHA256: hash("payload"), Commit: hash("commit"), HeaderSHA256: hash("theirs")})
	}
	return g
}

// A statement survives the way over the wire, says the day and not the hour, and
// names its signer.
func TestASignedStatementParsesToItself(t *testing.T) {
	g := signer(t)
	tid := newID(t)
	for _, s := range chainOf(t, g, statement.Card{Testimony: tid, CardSHA256: hash("card")}, add(tid, 1), grant(tid, 1)) {
		p, err := statement.Parse(s.Compact())
		if err != nil {
			t.Fatal(err)
		}
		if p.Hash() != s.Hash() || p.Issuer != g.Account() || p.Vault != g.Vault || p.IssuedAt%statement.Day != 0 || p.Act() != s.Act() {
			t.Errorf("%s: parsed as %+v", s.Act(), p.Claims)
		}
	}
}

// tamper re-signs a changed payload, so that only the change itself can be the
// reason for refusing it.
func tamper(t *testing.T, g *statement.Signer, s *statement.Statement, change func(string) string) string {
	t.Helper()
	parts := strings.Split(s.Compact(), ".")
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	changed := change(string(payload))
	if changed == string(payload) {
		t.Fatal("the change changes nothing")
	}
	text := parts[0] + "." + statement.B64([]byte(changed))
	return text + "." + statement.B64(ed25519.Sign(g.Key.(ed25519.PrivateKey), []byte(text)))
}

func replace(old, new string) func(string) string {
	return func(s string) string { return strings.Replace(s, old, new, 1) }
}

// Signed by the right key, but not in the one spelling or out of bounds: refused.
func TestParseRefusesWhatIsNotCanonical(t *testing.T) {
	g := signer(t)
	tid := newID(t)
	s := chainOf(t, g, grant(tid, 1))[1]
	for name, change := range map[string]func(string) string{
		"white space":        replace(`,"aud"`, `, "aud"`),
		"repeated name":      replace(`"act":"grant"`, `"act":"grant","act":"grant"`),
		"other case":         replace(`"act"`, `"Act"`),
		"unknown name":       replace(`"onward":false`, `"onward":false,"extra":1`),
		"unknown act":        replace(`"act":"grant"`, `"act":"share"`),
		"another act":        replace(`"act":"grant"`, `"act":"revoke"`),
		"hour in iat":        replace(`"iat":1772582400`, `"iat":1772582401`),
		"unsorted":           replace(`"commercial-use","face-recognition"`, `"face-recognition","commercial-use"`),
		"unknown purpose":    replace(`["Research"]`, `["Gossip"]`),
		"no purpose":         replace(`["Research"]`, `[]`),
		"unknown terms":      replace(`"chatham-house"`, `"on-the-record"`),
		"term of 11 years":   replace(`"until":`, `"until":1`),
		"part 0":             replace(`"n":1`, `"n":0`),
		"no parts":           replace(`"parts":[{`, `"parts":[],"x":[{`),
		"foreign thumbprint": replace(`"iss":"`+string(g.Account()), `"iss":"`+hash("x")),
		"vault not a hash":   replace(`"aud":"`+g.Vault, `"aud":"`+g.Vault[1:]),
		"seq 1":              replace(`"seq":2`, `"seq":1`),
		"null prohibited":    replace(`"prohibited":["commercial-use","face-recognition","immigration-use","law-enforcement-use","linkage","machine-learning","re-identification","third-party-transcription","voice-cloning"]`, `"prohibited":null`),
	} {
		if _, err := statement.Parse(tamper(t, g, s, change)); !errors.Is(err, statement.ErrRefused) {
			t.Errorf("%s: %v, want ErrRefused", name, err)
		}
	}
}

// Another key, another header, a longer or shorter spelling: refused.
func TestParseRefusesEveryOtherEnvelope(t *testing.T) {
	g := signer(t)
	s := chainOf(t, g)[0]
	p := strings.Split(s.Compact(), ".")
	header := func(h string) string {
		text := statement.B64([]byte(h)) + "." + p[1]
		return text + "." + statement.B64(ed25519.Sign(g.Key.(ed25519.PrivateKey), []byte(text)))
	}
	x := statement.B64(s.Key())
	other := signer(t)
	for name, bad := range map[string]string{
		"empty":              "",
		"two parts":          p[0] + "." + p[1],
		"newline":            p[0] + "\n." + p[1] + "." + p[2],
		"padding":            p[0] + "." + p[1] + "." + p[2] + "==",
		"other signature":    p[0] + "." + p[1] + "." + statement.B64(ed25519.Sign(other.Key.(ed25519.PrivateKey), []byte(p[0]+"."+p[1]))),
		"alg none":           header(`{"alg":"none","typ":"tv-statement+jwt","jwk":{"crv":"Ed25519","kty":"OKP","x":"` + x + `"}}`),
		"login type":         header(`{"alg":"EdDSA","typ":"tv-login+jwt","jwk":{"crv":"Ed25519","kty":"OKP","x":"` + x + `"}}`),
		"extra header":       header(`{"alg":"EdDSA","typ":"tv-statement+jwt","jwk":{"crv":"Ed25519","kty":"OKP","x":"` + x + `"},"kid":"a"}`),
		"reordered header":   header(`{"typ":"tv-statement+jwt","alg":"EdDSA","jwk":{"crv":"Ed25519","kty":"OKP","x":"` + x + `"}}`),
		"too large a string": strings.Repeat("a", statement.MaxSize+1),
	} {
		if _, err := statement.Parse(bad); !errors.Is(err, statement.ErrRefused) {
			t.Errorf("%s: %v, want ErrRefused", name, err)
		}
	}
	if _, err := statement.Parse(header(`{"alg":"EdDSA","typ":"tv-statement+jwt","jwk":{"crv":"Ed25519","kty":"OKP","x":"` + x + `"}}`)); err != nil {
		t.Errorf("the untouched header is refused: %v", err)
	}
}

// Text that JavaScript would escape differently cannot be signed at all.
func TestSignRefusesAmbiguousText(t *testing.T) {
	g := signer(t)
	head := statement.Head{}
	s, head, err := g.Sign(head, statement.Key{Role: statement.Researcher, Recipient: "age1pq1x"})
	if err != nil {
		t.Fatal(err)
	}
	key := s.Hash()
	for _, name := range []string{"a\u2028b", "a\nb", "a\x00", "\xff", ""} {
		if _, _, err := g.Sign(head, statement.Apply{KeySHA256: statement.B64(key[:]), Name: name, Institution: "i", Purpose: "p"}); err == nil {
			t.Errorf("signed the name %q", name)
		}
	}
	if _, _, err := g.Sign(head, statement.Apply{KeySHA256: statement.B64(key[:]), Name: "د. سلمى <&>", Institution: "i", Purpose: "p"}); err != nil {
		t.Errorf("an ordinary name is refused: %v", err)
	}
}

// What a person writes for signing may be in any order and spacing, but says
// nothing unknown, nothing twice and nothing out of bounds.
func TestBodiesToSignAreReadLeniently(t *testing.T) {
	tid := newID(t)
	good := `{ "length": 5, "n": 1,` + "\n" + `"testimony": "` + string(tid) + `" }`
	b, err := statement.ParseBody(statement.ActReceived, []byte(good))
	if err != nil || *b.(*statement.Received) != (statement.Received{Testimony: tid, N: 1, Length: 5}) {
		t.Fatalf("%+v, %v", b, err)
	}
	for name, bad := range map[string]string{
		"unknown":       strings.Replace(good, `"n": 1`, `"n": 1, "m": 1`, 1),
		"twice":         strings.Replace(good, `"n": 1`, `"n": 1, "n": 2`, 1),
		"other case":    strings.Replace(good, `"n"`, `"N"`, 1),
		"out of bounds": strings.Replace(good, `"n": 1`, `"n": 0`, 1),
		"two values":    good + good,
	} {
		if _, err := statement.ParseBody(statement.ActReceived, []byte(bad)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := statement.ParseBody("share", []byte(good)); err == nil {
		t.Error("an unknown act is accepted")
	}
}

func FuzzParse(f *testing.F) {
	g := signer(f)
	tid := newID(f)
	for _, s := range chainOf(f, g, add(tid, 1), grant(tid, 1), statement.Revoke{Testimony: tid, Grant: newID(f)}) {
		f.Add(s.Compact())
	}
	f.Fuzz(func(t *testing.T, compact string) {
		s, err := statement.Parse(compact)
		if err != nil {
			return
		}
		if s.Compact() != compact || s.Hash() != sha256.Sum256([]byte(compact)) {
			t.Fatal("a parsed statement is not its own bytes")
		}
		payload, err := base64.RawURLEncoding.DecodeString(strings.Split(compact, ".")[1])
		if err != nil || !json.Valid(payload) {
			t.Fatalf("accepted a payload that is not JSON: %q, %v", payload, err)
		}
	})
}
