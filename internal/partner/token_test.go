package partner_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/clientkey"
	"github.com/relatingfield/vault/internal/partner"
	"github.com/relatingfield/vault/internal/session"
	"github.com/relatingfield/vault/internal/session/sessiontest"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/store/storetest"
	"github.com/relatingfield/vault/migrations"
)

// let is a desk on SQLite whose agreement is in force.
func let(t *testing.T) *desk {
	t.Helper()
	d := newDesk(t, storetest.Open(t, storetest.Fresh(t, store.SQLite, migrations.Files)), 1, 1)
	d.effective(d.body(), d.Stewards[0])
	return d
}

func p256(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// Every way in which an assertion can be wrong is one refusal, and none of them
// spoils the next good one.
func TestAssertionsThatAreRefused(t *testing.T) {
	d := let(t)
	g, other := d.registered(), d.registered()
	good := g.assertion(nil, nil)
	bad := badTokens(t, g, other, good)
	maps.Copy(bad, badClaims(t, g, other, good))
	for name, assertion := range bad {
		if _, err := d.reg.Token(t.Context(), g.request(assertion)); !errors.Is(err, partner.ErrClient) {
			t.Errorf("%s: %v, want ErrClient", name, err)
		}
	}
	req := g.request(good)
	req.ClientID = string(other.id)
	if _, err := d.reg.Token(t.Context(), req); !errors.Is(err, partner.ErrClient) {
		t.Errorf("another client_id beside it: %v", err)
	}
	req = g.request(good)
	req.ClientID = string(g.id)
	if _, err := d.reg.Token(t.Context(), req); err != nil {
		t.Errorf("the good one, after all these: %v", err)
	}
}

// badTokens are wrong in their form, header or key.
func badTokens(t *testing.T, g, other *program, good string) map[string]string {
	t.Helper()
	d := g.desk
	curve := d.keyed(d.draw(), p256(t))
	for _, o := range d.officers[:2] {
		if _, err := d.register(o, curve.registration()); err != nil {
			t.Fatal(err)
		}
	}
	raw, _ := g.key.Public().(ed25519.PublicKey)
	parts := strings.Split(good, ".")
	_, stranger, _ := ed25519.GenerateKey(rand.Reader)
	return map[string]string{
		"empty":                         "",
		"no JWS":                        "a.b",
		"too long":                      good + strings.Repeat("A", 5000),
		"a fourth part":                 good + ".x",
		"a line break":                  parts[0] + "." + parts[1] + "." + parts[2] + "\n",
		"no signature":                  parts[0] + "." + parts[1] + ".",
		"alg none":                      signed(t, nil, members{"alg": "none"}, g.claims()),
		"alg none, its signature":       signed(t, g.key, members{"alg": "none"}, g.claims()),
		"alg HS256 by the public key":   signed(t, []byte(raw), members{"alg": "HS256"}, g.claims()),
		"alg EdDSA over HMAC":           signed(t, []byte(raw), members{"alg": "EdDSA"}, g.claims()),
		"alg ES256 with an Ed25519 key": g.assertion(members{"alg": "ES256"}, nil),
		"alg ES256K":                    g.assertion(members{"alg": "ES256K"}, nil),
		"alg EdDSA with a P-256 key":    curve.assertion(members{"alg": "EdDSA"}, nil),
		"another's key":                 signed(t, stranger, members{"alg": "EdDSA"}, g.claims()),
		"another key of the partner":    signed(t, other.key, members{"alg": "EdDSA"}, g.claims()),
		"a key that it brings along":    signed(t, stranger, members{"alg": "EdDSA", "jwk": sessiontest.Members{"kty": "OKP", "crv": "Ed25519", "x": "AA"}}, g.claims()),
		"a key to be fetched":           g.assertion(members{"jku": "https://evil.example/keys"}, nil),
		"a certificate":                 g.assertion(members{"x5c": []string{"AA"}}, nil),
		"a critical extension":          g.assertion(members{"crit": []string{"b64"}, "b64": false}, nil),
		"another's kid":                 g.assertion(members{"kid": string(other.public.Thumbprint())}, nil),
		"a login's typ":                 g.assertion(members{"typ": "tv-login+jwt"}, nil),
		"an access token's typ":         g.assertion(members{"typ": "at+jwt"}, nil),
		"a statement's typ":             g.assertion(members{"typ": statement.Type}, nil),
	}
}

// badClaims are wrong in what they say.
func badClaims(t *testing.T, g, other *program, good string) map[string]string {
	t.Helper()
	d := g.desk
	now, parts := d.Clock.Now().Unix(), strings.Split(good, ".")
	return map[string]string{
		"iss is another":             g.assertion(nil, members{"iss": string(other.id)}),
		"sub is another":             g.assertion(nil, members{"sub": string(other.id)}),
		"both are another":           g.assertion(nil, members{"iss": string(other.id), "sub": string(other.id)}),
		"a client that there is not": g.assertion(nil, members{"iss": string(d.id), "sub": string(d.id)}),
		"iss in capitals":            g.assertion(nil, members{"iss": strings.ToUpper(string(g.id)), "sub": strings.ToUpper(string(g.id))}),
		"no iss":                     g.assertion(nil, members{"iss": nil}),
		"no aud":                     g.assertion(nil, members{"aud": nil}),
		"aud elsewhere":              g.assertion(nil, members{"aud": "https://evil.example"}),
		"aud of another path":        g.assertion(nil, members{"aud": origin + "/v1/session"}),
		"aud is a vault id":          g.assertion(nil, members{"aud": d.Vault}),
		"aud also elsewhere":         g.assertion(nil, members{"aud": []string{origin, "https://evil.example"}}),
		"aud of no one":              g.assertion(nil, members{"aud": []string{}}),
		"aud of too many":            g.assertion(nil, members{"aud": slices.Repeat([]string{origin}, 9)}),
		"aud is a number":            g.assertion(nil, members{"aud": 7}),
		"aud is the other origin":    g.assertion(nil, members{"aud": "http://other.onion"}),
		"no exp":                     g.assertion(nil, members{"exp": nil}),
		"expired":                    g.assertion(nil, members{"exp": now}),
		"expired long ago":           g.assertion(nil, members{"exp": -1e300}),
		"lives too long":             g.assertion(nil, members{"exp": now + 301}),
		"lives for ever":             g.assertion(nil, members{"exp": 1e300}),
		"exp is a text":              g.assertion(nil, members{"exp": "1"}),
		"from the future":            g.assertion(nil, members{"iat": now + 31}),
		"not yet":                    g.assertion(nil, members{"nbf": now + 31}),
		"no jti":                     g.assertion(nil, members{"jti": nil}),
		"an empty jti":               g.assertion(nil, members{"jti": ""}),
		"a huge jti":                 g.assertion(nil, members{"jti": strings.Repeat("x", 129)}),
		"a member more":              g.assertion(nil, members{"scope": "deliver"}),
		"a member in capitals":       g.assertion(nil, members{"ISS": string(g.id)}),
		"a member twice":             signText(t, g.key, parts[0]+"."+sessiontest.B64([]byte(`{"iss":"`+string(other.id)+`",`+string(payload(t, good)[1:])))),
		"no object":                  signText(t, g.key, parts[0]+"."+sessiontest.B64([]byte(`[]`))),
	}
}

func payload(t *testing.T, compact string) []byte {
	t.Helper()
	token, err := clientkey.Split(compact, 4096)
	if err != nil {
		t.Fatal(err)
	}
	return token.Payload
}

// What libraries send is taken: a list as aud, the origin alone, no typ, kid, iat and
// nbf, fractions of seconds.
func TestAssertionsAsLibrariesMakeThem(t *testing.T) {
	d := let(t)
	g := d.registered()
	now := d.Clock.Now().Unix()
	for name, c := range map[string][2]members{
		"the origin":      {nil, {"aud": origin}},
		"a list":          {nil, {"aud": []string{origin, origin + "/v1/token"}}},
		"no typ":          {{"typ": nil}, nil},
		"small letters":   {{"typ": "jwt"}, nil},
		"the newer typ":   {{"typ": "client-authentication+jwt"}, nil},
		"kid":             {{"kid": string(g.public.Thumbprint())}, nil},
		"iat and nbf":     {nil, {"iat": now + 30, "nbf": now - 5}},
		"a part of one":   {nil, {"exp": float64(now) + 59.5}},
		"the longest":     {nil, {"exp": now + 300}},
		"the longest jti": {nil, {"jti": strings.Repeat("ü", 64)}},
	} {
		if _, err := d.reg.Token(t.Context(), g.request(g.assertion(c[0], c[1]))); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// An assertion works once, on whichever node, until it has expired, whatever else is
// asked with it.
func TestAnAssertionWorksOnceOnAllNodes(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db, 1, 1)
		d.effective(d.body(), d.Stewards[0])
		g := d.registered()
		assertion := g.assertion(nil, members{"exp": d.Clock.Now().Unix() + 300, "jti": "one"})
		if _, err := d.reg.Token(t.Context(), g.request(assertion)); err != nil {
			t.Fatal(err)
		}
		for _, node := range []*partner.Registry{d.reg, d.other} {
			if _, err := node.Token(t.Context(), g.request(assertion, "deliver")); !errors.Is(err, partner.ErrClient) {
				t.Errorf("again: %v", err)
			}
		}
		d.Clock.Forward(299 * time.Second)
		for limit := int64(100); ; {
			n, err := d.reg.Sessions.Prune(t.Context(), limit)
			if err != nil {
				t.Fatal(err)
			}
			if n < limit {
				break
			}
		}
		if _, err := d.other.Token(t.Context(), g.request(assertion)); !errors.Is(err, partner.ErrClient) {
			t.Errorf("in its last second, after what is old was forgotten: %v", err)
		}
		second := d.registered()
		if _, err := d.reg.Token(t.Context(), second.request(second.assertion(nil, members{"jti": "one"}))); err != nil {
			t.Errorf("another client's assertion of the same jti: %v", err)
		}
	})
}

// The proof of a token request is checked like every other.
func TestProofsOfTokenRequests(t *testing.T) {
	d := let(t)
	g := d.registered()
	for name, c := range map[string]struct {
		header, claims members
		want           error
	}{
		"no nonce":          {nil, members{"nonce": nil}, session.ErrNonce},
		"an old nonce":      {nil, members{"nonce": "AAAAAAAAAAAAAAAAAAAAAA"}, session.ErrNonce},
		"another address":   {nil, members{"htu": origin + "/v1/session"}, session.ErrRefused},
		"another method":    {nil, members{"htm": "GET"}, session.ErrRefused},
		"another algorithm": {members{"alg": "EdDSA"}, nil, session.ErrRefused},
		"another's key":     {members{"jwk": sessiontest.New(t, origin).JWK()}, nil, session.ErrRefused},
	} {
		req := g.request(g.assertion(nil, nil))
		req.Proof = g.phone.Proof("POST", partner.TokenPath, c.header, c.claims)
		if _, err := d.reg.Token(t.Context(), req); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	req := g.request(g.assertion(nil, nil))
	if _, err := d.reg.Token(t.Context(), req); err != nil {
		t.Fatal(err)
	}
	req.Assertion = g.assertion(nil, nil)
	if _, err := d.reg.Token(t.Context(), req); !errors.Is(err, session.ErrRefused) {
		t.Errorf("a proof for two tokens: %v", err)
	}
}

// A token is no use without the key that it is bound to, and a client's token opens
// nothing of an account's, nor the other way round.
func TestAStolenTokenIsOfNoUse(t *testing.T) {
	d := let(t)
	g := d.registered().in()
	if c, err := g.calls(d.reg); err != nil || c.Partner != d.id || c.Client != g.id || len(c.Scopes) != len(statement.Scopes()) {
		t.Fatalf("%+v, %v", c, err)
	}
	thief := sessiontest.New(t, origin)
	thief.Token, thief.Nonce = g.phone.Token, d.reg.Sessions.Nonce()
	for name, proof := range map[string]string{
		"with a key of his own": thief.Proof("GET", "/v1/partner", nil, nil),
		"with her key's name":   thief.Proof("GET", "/v1/partner", members{"jwk": g.phone.JWK()}, nil),
		"without a proof":       "",
	} {
		if _, err := d.reg.Authenticate(t.Context(), session.Request{Method: "GET", Path: "/v1/partner", Proof: proof, Token: thief.Token}); !errors.Is(err, session.ErrRefused) {
			t.Errorf("%s: %v", name, err)
		}
	}
	req := session.Request{Method: "GET", Path: "/v1/partner", Proof: g.phone.Proof("GET", "/v1/partner", nil, nil), Token: g.phone.Token}
	if who, err := d.reg.Sessions.Authenticate(req); !errors.Is(err, session.ErrRefused) || who != "" {
		t.Errorf("a program's token as an account's: %q, %v", who, err)
	}
	phone := sessiontest.With(t, origin, d.officers[0].PrivateKey())
	challenge, err := d.reg.Sessions.Challenge()
	if err != nil {
		t.Fatal(err)
	}
	opened, err := d.reg.Sessions.SignIn(t.Context(), phone.Login(challenge.Nonce, challenge.Time, nil, nil), session.Request{Method: "POST", Path: "/v1/session", Proof: phone.Proof("POST", "/v1/session", nil, nil)})
	if err != nil {
		t.Fatal(err)
	}
	phone.Token, phone.Nonce = opened.Access, d.reg.Sessions.Nonce()
	req = session.Request{Method: "GET", Path: "/v1/partner", Proof: phone.Proof("GET", "/v1/partner", nil, nil), Token: phone.Token}
	if c, err := d.reg.Authenticate(t.Context(), req); !errors.Is(err, session.ErrRefused) {
		t.Errorf("an officer's token as a program's: %+v, %v", c, err)
	}
}

// A token has what was asked for and no more, and loses what the key or the agreement
// loses.
func TestScopesAreWhatTokenKeyAndAgreementHave(t *testing.T) {
	d := let(t)
	g := d.registered(partner.Deliver, partner.Follow)
	for _, asked := range [][]string{{"hooks"}, {"deliver", "hooks"}, {"deliver", "deliver"}, {"Deliver"}, {""}, {"deliver", ""}, {"admin"}} {
		if _, err := g.token(d.reg, asked...); !errors.Is(err, partner.ErrScopes) {
			t.Errorf("%q: %v, want ErrScopes", asked, err)
		}
	}
	token, err := g.token(d.reg)
	if err != nil || !slices.Equal(token.Scopes, []partner.Scope{partner.Deliver, partner.Follow}) {
		t.Fatalf("all: %+v, %v", token, err)
	}
	g.in("follow")
	if c, err := g.calls(d.reg); err != nil || !slices.Equal(c.Scopes, []partner.Scope{partner.Follow}) || c.May(partner.Deliver) {
		t.Fatalf("narrowed: %+v, %v", c, err)
	}
	d.Clock.Forward(time.Second)
	d.effective(d.body(partner.Deliver), d.Stewards[0])
	if c, err := g.calls(d.reg); err != nil || len(c.Scopes) != 0 {
		t.Errorf("after the agreement lost it: %+v, %v", c, err)
	}
	if token, err := g.token(d.reg); err != nil || !slices.Equal(token.Scopes, []partner.Scope{partner.Deliver}) {
		t.Errorf("a new token: %+v, %v", token, err)
	}
}

// A halted partner's tokens are void from the next request on, on every node, and so
// are those of an agreement that ends.
func TestAHaltedPartnerStopsOnEveryNode(t *testing.T) {
	for name, end := range map[string]func(d *desk, agreement partner.Hash){
		"halted": func(d *desk, agreement partner.Hash) { _, err := d.halt(d.Stewards[0], agreement); d.must(err) },
		"ended":  func(d *desk, _ partner.Hash) { d.Clock.Forward(time.Minute) },
	} {
		t.Run(name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, db *store.DB) { stops(t, newDesk(t, db, 1, 1), end) })
		})
	}
}

func stops(t *testing.T, d *desk, end func(*desk, partner.Hash)) {
	body := d.body()
	body.Until = body.From + 60
	agreement := d.effective(body, d.Stewards[0])
	g := d.registered().in()
	for _, node := range []*partner.Registry{d.reg, d.other} {
		if _, err := g.calls(node); err != nil {
			t.Fatal(err)
		}
	}
	end(d, agreement)
	for _, node := range []*partner.Registry{d.reg, d.other} {
		if c, err := g.calls(node); !errors.Is(err, session.ErrRefused) {
			t.Errorf("%+v, %v", c, err)
		}
		if _, err := g.token(node); !errors.Is(err, partner.ErrClient) {
			t.Errorf("a new token: %v", err)
		}
	}
}

// A program that asks too often is told when to come back; another is not touched.
func TestEachProgramHasItsOwnLimit(t *testing.T) {
	d := let(t)
	at := time.Now()
	d.reg.Limit = partner.NewLimiter(3, time.Minute, func() time.Time { return at })
	g, other := d.registered().in(), d.registered().in()
	for left := int64(1); left >= 0; left-- {
		if c, err := g.calls(d.reg); err != nil || c.Rate.Remaining != left || c.Rate.Quota != 3 || c.Rate.Reset != time.Minute {
			t.Fatalf("%+v, %v, want %d left", c.Rate, err, left)
		}
	}
	at = at.Add(30*time.Second + time.Millisecond)
	var often *partner.Exceeded
	if _, err := g.calls(d.reg); !errors.As(err, &often) || often.Reset != 30*time.Second {
		t.Errorf("%v", err)
	}
	token := g.phone.Token
	if _, err := g.token(d.reg); !errors.As(err, &often) {
		t.Errorf("a token: %v", err)
	}
	g.phone.Token = token
	if _, err := other.calls(d.reg); err != nil {
		t.Errorf("another program: %v", err)
	}
	at = at.Add(30 * time.Second)
	if c, err := g.calls(d.reg); err != nil || c.Rate.Remaining != 2 {
		t.Errorf("a window later: %+v, %v", c.Rate, err)
	}
}
