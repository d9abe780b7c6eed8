package session_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/session"
	"github.com/relatingfield/vault/internal/session/sessiontest"
)

// A proof is good for one request, once, under the session's own key.
func TestADeviantProofIsRefused(t *testing.T) {
	w, p, q := newWorld(t), newPhone(t), newPhone(t)
	w.signIn(t, p)
	w.signIn(t, q)
	jwk := p.JWK()
	for name, c := range map[string]struct{ header, claims members }{
		"wrong typ":           {members{"typ": "jwt"}, nil},
		"typ of a login":      {members{"typ": session.LoginType}, nil},
		"no typ":              {members{"typ": nil}, nil},
		"alg none":            {members{"alg": "none"}, nil},
		"alg HS256":           {members{"alg": "HS256"}, nil},
		"alg EdDSA":           {members{"alg": "EdDSA"}, nil},
		"alg ES384":           {members{"alg": "ES384"}, nil},
		"kid beside":          {members{"kid": "a"}, nil},
		"crit":                {members{"crit": []string{"exp"}}, nil},
		"no jwk":              {members{"jwk": nil}, nil},
		"private key in jwk":  {members{"jwk": jwk.But(members{"d": "AAAA"})}, nil},
		"another curve":       {members{"jwk": jwk.But(members{"crv": "P-384"})}, nil},
		"off the curve":       {members{"jwk": jwk.But(members{"y": jwk["x"]})}, nil},
		"another key in jwk":  {members{"jwk": q.JWK()}, nil},
		"wrong htm":           {nil, members{"htm": "POST"}},
		"htm in lower case":   {nil, members{"htm": "get"}},
		"no htm":              {nil, members{"htm": nil}},
		"wrong htu":           {nil, members{"htu": origin + "/v1/inbox"}},
		"htu of another host": {nil, members{"htu": "https://evil.example/v1/feed"}},
		"htu with query":      {nil, members{"htu": origin + "/v1/feed?after=1"}},
		"htu with fragment":   {nil, members{"htu": origin + "/v1/feed#x"}},
		"htu without host":    {nil, members{"htu": "/v1/feed"}},
		"no htu":              {nil, members{"htu": nil}},
		"wrong ath":           {nil, members{"ath": sessiontest.Hash(q.Token)}},
		"no ath":              {nil, members{"ath": nil}},
		"no iat":              {nil, members{"iat": nil}},
		"iat not a number":    {nil, members{"iat": "now"}},
		"no jti":              {nil, members{"jti": nil}},
		"empty jti":           {nil, members{"jti": ""}},
		"long jti":            {nil, members{"jti": strings.Repeat("x", 129)}},
		"unknown claim":       {nil, members{"extra": 1}},
	} {
		if _, err := w.Authenticate(w.request(p, c.header, c.claims)); !errors.Is(err, session.ErrRefused) {
			t.Errorf("%s: %v, want ErrRefused", name, err)
		}
	}
	if _, err := w.Authenticate(w.request(p, nil, members{"iat": 99999999999.5})); err != nil {
		t.Errorf("iat of another clock: %v, want none: the nonce is the time", err)
	}
}

// A stolen token is of no use without the session's key.
func TestATokenIsOfNoUseToAThief(t *testing.T) {
	w, p, thief := newWorld(t), newPhone(t), newPhone(t)
	w.signIn(t, p)
	thief.Token = p.Token
	if _, err := w.Authenticate(w.request(thief, nil, nil)); !errors.Is(err, session.ErrRefused) {
		t.Errorf("%v, want ErrRefused", err)
	}
}

// A proof that was seen is refused until its nonce no longer counts, and then
// because its nonce no longer counts.
func TestAReplayedProofIsRefused(t *testing.T) {
	w, p := newWorld(t), newPhone(t)
	w.signIn(t, p)
	r := w.request(p, nil, nil)
	if _, err := w.Authenticate(r); err != nil {
		t.Fatal(err)
	}
	for i := range 15 {
		_, err := w.Authenticate(r)
		if !errors.Is(err, session.ErrRefused) && !errors.Is(err, session.ErrNonce) {
			t.Fatalf("after %d s: %v, want a refusal", i*10, err)
		}
		w.clock.pass(10 * time.Second)
	}
}

// Another name does not make another proof of one that is signed.
func TestATamperedProofIsRefused(t *testing.T) {
	w, p := newWorld(t), newPhone(t)
	w.signIn(t, p)
	r, other := w.request(p, nil, nil), w.request(p, nil, nil)
	part, foreign := strings.Split(r.Proof, "."), strings.Split(other.Proof, ".")
	r.Proof = part[0] + "." + foreign[1] + "." + part[2]
	if _, err := w.Authenticate(r); !errors.Is(err, session.ErrRefused) {
		t.Errorf("%v, want ErrRefused", err)
	}
}

// Nonces of this minute and the last one count, of every node; others get told.
func TestANonceCountsForAMinuteOrTwo(t *testing.T) {
	w, p := newWorld(t), newPhone(t)
	w.signIn(t, p)
	w.clock.pass(time.Minute - time.Duration(w.clock.now().Second())*time.Second)
	old := w.other.Nonce()
	for _, c := range []struct {
		pass time.Duration
		want error
	}{{0, nil}, {59 * time.Second, nil}, {time.Second, nil}, {59 * time.Second, nil}, {time.Second, session.ErrNonce}, {time.Hour, session.ErrNonce}} {
		w.clock.pass(c.pass)
		w.signIn(t, p)
		if _, err := w.Authenticate(w.request(p, nil, members{"nonce": old})); !errors.Is(err, c.want) {
			t.Errorf("%v later: %v, want %v", c.pass, err, c.want)
		}
	}
	for _, bad := range []any{nil, "", "x", old + "A"} {
		if _, err := w.Authenticate(w.request(p, nil, members{"nonce": bad})); !errors.Is(err, session.ErrNonce) {
			t.Errorf("nonce %v: %v, want ErrNonce", bad, err)
		}
	}
}

// When the clock goes back, what was forgotten cannot be replayed.
func TestAClockThatGoesBackOpensNoReplay(t *testing.T) {
	w, p := newWorld(t), newPhone(t)
	w.signIn(t, p)
	r := w.request(p, nil, nil)
	if _, err := w.Authenticate(r); err != nil {
		t.Fatal(err)
	}
	w.clock.pass(5 * time.Minute)
	if _, err := w.Authenticate(w.request(p, nil, nil)); err != nil {
		t.Fatal(err)
	}
	w.clock.pass(-5 * time.Minute)
	if _, err := w.Authenticate(r); !errors.Is(err, session.ErrNonce) {
		t.Errorf("%v, want ErrNonce", err)
	}
}

// The memory of proofs is bounded; beyond it requests wait, and never pass
// unseen.
func TestMoreProofsThanCanBeRememberedAreRefused(t *testing.T) {
	w, p := newWorld(t, func(c *session.Config) { c.MaxProofs = 3 }), newPhone(t)
	w.signIn(t, p)
	for i := range 5 {
		want := error(nil)
		if i >= 3 {
			want = session.ErrBusy
		}
		if _, err := w.Authenticate(w.request(p, nil, nil)); !errors.Is(err, want) {
			t.Errorf("proof %d: %v, want %v", i, err, want)
		}
	}
	w.clock.pass(time.Minute)
	if _, err := w.Authenticate(w.request(p, nil, nil)); err != nil {
		t.Errorf("a minute later: %v", err)
	}
}

// A token ends after ten minutes, also one that was seen before.
func TestATokenExpires(t *testing.T) {
	w, p := newWorld(t), newPhone(t)
	w.signIn(t, p)
	w.clock.pass(session.TokenLife - time.Second)
	if _, err := w.Authenticate(w.request(p, nil, nil)); err != nil {
		t.Errorf("a second before: %v", err)
	}
	w.clock.pass(time.Second)
	for range 2 {
		if _, err := w.Authenticate(w.request(p, nil, nil)); !errors.Is(err, session.ErrRefused) {
			t.Errorf("at its end: %v, want ErrRefused", err)
		}
	}
}

// A token is accepted as the server signed it and in no other form.
func TestADeviantTokenIsRefused(t *testing.T) {
	w, p := newWorld(t), newPhone(t)
	elsewhere := newWorld(t, func(c *session.Config) { c.Vault = w.vault })
	elsewhere.signIn(t, p)
	foreign := p.Token
	w.signIn(t, p)
	part := strings.Split(p.Token, ".")
	for name, bad := range map[string]string{
		"empty":                "",
		"another server's key": foreign,
		"alg none":             sessiontest.B64([]byte(`{"alg":"none","typ":"at+jwt","kid":""}`)) + "." + part[1] + ".",
		"padding":              p.Token + "=",
		"newline":              part[0] + "\n." + part[1] + "." + part[2],
		"cut":                  p.Token[:len(p.Token)-2],
		"a login":              p.Login("", w.clock.now(), nil, nil),
	} {
		good := p.Token
		p.Token = bad
		r := w.request(p, nil, nil)
		p.Token = good
		if _, err := w.Authenticate(r); !errors.Is(err, session.ErrRefused) {
			t.Errorf("%s: %v, want ErrRefused", name, err)
		}
	}
}

// A token of another vault of the same operator is refused.
func TestATokenIsForOneVault(t *testing.T) {
	w, p := newWorld(t), newPhone(t)
	w.signIn(t, p)
	r := w.request(p, nil, nil)
	w.cfg.Vault = sessiontest.Hash("another vault")
	sibling := w.node(t)
	if _, err := sibling.Authenticate(r); !errors.Is(err, session.ErrRefused) {
		t.Errorf("%v, want ErrRefused", err)
	}
	if _, err := w.Authenticate(r); err != nil {
		t.Error(err)
	}
}

// Many tokens push old ones out of the cache; they stay good.
func TestTokensStayGoodWhenTheCacheIsFull(t *testing.T) {
	w := newWorld(t, func(c *session.Config) { c.MaxTokens = 4 })
	var phones []*sessiontest.Phone
	for range 20 {
		p := newPhone(t)
		w.signIn(t, p)
		phones = append(phones, p)
	}
	for range 2 {
		for i, p := range phones {
			if who, err := w.Authenticate(w.request(p, nil, nil)); err != nil || who != p.Thumbprint() {
				t.Fatalf("phone %d: %q, %v", i, who, err)
			}
		}
	}
}

// BenchmarkAuthenticate is the price of every signed-in request.
func BenchmarkAuthenticate(b *testing.B) {
	w, p := newWorld(b), newPhone(b)
	w.signIn(b, p)
	requests := make([]session.Request, 0, 4096)
	for range cap(requests) {
		requests = append(requests, w.request(p, nil, nil))
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		if i == len(requests) { // every proof works once: a new node has seen none
			b.StopTimer()
			w.Service = w.node(b)
			i = 0
			b.StartTimer()
		}
		if _, err := w.Authenticate(requests[i]); err != nil {
			b.Fatal(err)
		}
		i++
	}
}
