package httpapi_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/session/sessiontest"
)

// Sign-in over the wire: challenge, login, token, and the caller is known.
func TestSignInOverHTTP(t *testing.T) {
	w := newWorld(t)
	p := sessiontest.New(t, w.origin)
	a := w.signIn(p)
	var s api.Session
	if err := json.Unmarshal([]byte(a.body), &s); err != nil || s.TokenType != "DPoP" || s.ExpiresIn != 600 || s.AccessToken == "" {
		t.Fatalf("%d %s, %v", a.StatusCode, a.body, err)
	}
	me := w.do("GET", "/v1/t/me", "", as(p, "GET", "/v1/t/me")...)
	if me.StatusCode != 200 || !strings.Contains(me.body, string(p.Thumbprint())) {
		t.Errorf("%d %s", me.StatusCode, me.body)
	}
}

// Whatever is wrong with who asks, the answer is one and the same.
func TestEveryRefusedCallerGetsTheSameAnswer(t *testing.T) {
	w := newWorld(t)
	p, q := w.phone(), w.phone()
	const path = "/v1/t/me"
	used := as(p, "GET", path)
	if a := w.do("GET", path, "", used...); a.StatusCode != 200 {
		t.Fatalf("%d %s", a.StatusCode, a.body)
	}
	proof := func(claims sessiontest.Members) []string {
		return []string{"Authorization", "DPoP " + p.Token, "DPoP", p.Proof("GET", path, nil, claims)}
	}
	want := w.do("GET", path, "")
	if n := want.problem(t).Name(); n != api.ProblemUnauthorized || want.Header.Get("WWW-Authenticate") != `DPoP algs="ES256"` {
		t.Fatalf("nothing sent: %s, %q", n, want.Header.Get("WWW-Authenticate"))
	}
	for name, headers := range map[string][]string{
		"replayed":       used,
		"no proof":       {"Authorization", "DPoP " + p.Token},
		"no token":       {"DPoP", p.Proof("GET", path, nil, nil)},
		"bearer":         {"Authorization", "Bearer " + p.Token, "DPoP", p.Proof("GET", path, nil, nil)},
		"two tokens":     append(as(p, "GET", path), "Authorization", "DPoP "+p.Token),
		"two proofs":     append(as(p, "GET", path), "DPoP", p.Proof("GET", path, nil, nil)),
		"another's key":  {"Authorization", "DPoP " + p.Token, "DPoP", q.Proof("GET", path, nil, sessiontest.Members{"ath": sessiontest.Hash(p.Token)})},
		"another method": proof(sessiontest.Members{"htm": "POST"}),
		"another path":   proof(sessiontest.Members{"htu": w.origin + "/v1/t/block"}),
		"another host":   proof(sessiontest.Members{"htu": "https://evil.example" + path}),
		"another token":  proof(sessiontest.Members{"ath": sessiontest.Hash(q.Token)}),
		"garbage":        {"Authorization", "DPoP a.b.c", "DPoP", "a.b.c"},
	} {
		if a := w.do("GET", path, "", headers...); a.body != want.body || a.StatusCode != 401 {
			t.Errorf("%s: %d %s", name, a.StatusCode, a.body)
		}
	}
}

// The path in a proof is the path as sent, and the query is not in it.
func TestAProofIsForThePathAndNotTheQuery(t *testing.T) {
	w := newWorld(t)
	p := w.phone()
	if a := w.do("GET", "/v1/t/me?x=1", "", as(p, "GET", "/v1/t/me")...); a.StatusCode != 200 {
		t.Errorf("with a query: %d %s", a.StatusCode, a.body)
	}
	if a := w.do("GET", "/v1/t/%6de", "", as(p, "GET", "/v1/t/me")...); a.StatusCode == 200 {
		t.Error("a proof for one spelling of the path was good for another")
	}
}

// Every answer has a nonce, and a stale one is told apart so that a client can
// go on by itself.
func TestAClientWithAnOldNonceGetsANewOne(t *testing.T) {
	w := newWorld(t)
	p := w.phone()
	p.Nonce = "old"
	a := w.do("GET", "/v1/t/me", "", as(p, "GET", "/v1/t/me")...)
	if a.problem(t).Name() != api.ProblemUseDPoPNonce || !strings.Contains(a.Header.Get("WWW-Authenticate"), `error="use_dpop_nonce"`) {
		t.Fatalf("%d %s, %q", a.StatusCode, a.body, a.Header.Get("WWW-Authenticate"))
	}
	p.Nonce = a.Header.Get("DPoP-Nonce")
	if a := w.do("GET", "/v1/t/me", "", as(p, "GET", "/v1/t/me")...); a.StatusCode != 200 {
		t.Errorf("with the new nonce: %d %s", a.StatusCode, a.body)
	}
}

// A login that is refused says the same whatever is wrong with it.
func TestEveryRefusedLoginGetsTheSameAnswer(t *testing.T) {
	w := newWorld(t)
	p := sessiontest.New(t, w.origin)
	post := func(login string) answer {
		body, err := json.Marshal(api.Login{Login: login})
		must(t, err)
		return w.do("POST", "/v1/session", string(body), "Content-Type", "application/json", "DPoP", p.Proof("POST", "/v1/session", nil, nil))
	}
	want := post("")
	if want.problem(t).Name() != api.ProblemUnauthorized {
		t.Fatal(want.body)
	}
	used := sessiontest.New(t, w.origin)
	w.signIn(used)
	for _, login := range []string{"a.b.c", "...", p.Sign([]byte("{}"), []byte("{}"))} {
		if a := post(login); a.body != want.body || a.StatusCode != want.StatusCode {
			t.Errorf("%q: %d %s", login, a.StatusCode, a.body)
		}
	}
}
