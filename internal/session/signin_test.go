package session_test

import (
	"encoding/base64"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/session"
	"github.com/relatingfield/vault/internal/session/sessiontest"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/store/storetest"
)

// Whoever holds an account's key gets a token, and the token with the session's
// key says which account it is.
func TestTheHolderOfAKeyCanSignIn(t *testing.T) {
	w, p := newWorld(t), newPhone(t)
	w.signIn(t, p)
	for range 3 {
		who, err := w.Authenticate(w.request(p, nil, nil))
		if err != nil || who != p.Thumbprint() {
			t.Fatalf("%q, %v; want %q", who, err, p.Thumbprint())
		}
	}
}

// A client may come under every configured origin, and under no other.
func TestEveryConfiguredOriginIsGoodAndNoOther(t *testing.T) {
	w, p := newWorld(t), newPhone(t)
	for o, good := range map[string]bool{onion: true, origin: true, "https://evil.example": false, origin + ".evil.example": false, "": false, origin + ":443": false} {
		c := w.challenge(t)
		login := p.Login(c.Nonce, c.Time, nil, members{"aud": o})
		r := session.Request{Method: "POST", Path: "/v1/session",
			Proof: p.Proof("POST", "/v1/session", nil, members{"htu": o + "/v1/session"})}
		if _, err := w.SignIn(t.Context(), login, r); (err == nil) != good {
			t.Errorf("origin %q: %v, want good = %v", o, err, good)
		}
	}
}

// A challenge opens one session, also when it comes back on two nodes at once.
func TestAChallengeWorksOnce(t *testing.T) { storetest.Each(t, worksOnce) }

func worksOnce(t *testing.T, db *store.DB) {
	w, p := worldOn(t, db), newPhone(t)
	c := w.challenge(t)
	login, r := p.Login(c.Nonce, c.Time, nil, nil), w.signInRequest(p)
	var opened atomic.Int32
	var wg sync.WaitGroup
	for i := range 8 {
		s := []*session.Service{w.Service, w.other}[i%2]
		wg.Go(func() {
			if _, err := s.SignIn(t.Context(), login, r); err == nil {
				opened.Add(1)
			} else if !errors.Is(err, session.ErrRefused) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if opened.Load() != 1 {
		t.Errorf("%d sessions were opened, want 1", opened.Load())
	}
}

// A used challenge is forgotten only after it could not be used again anyway.
func TestAUsedChallengeIsForgottenOnlyWhenItIsDead(t *testing.T) {
	storetest.Each(t, forgottenWhenDead)
}

func forgottenWhenDead(t *testing.T, db *store.DB) {
	w, p := worldOn(t, db), newPhone(t)
	w.signIn(t, p)
	for _, c := range []struct {
		pass time.Duration
		gone int64
	}{{0, 0}, {session.ChallengeLife + time.Second, 0}, {time.Hour, 1}, {0, 0}} {
		w.clock.pass(c.pass)
		if n, err := w.Prune(t.Context(), 100); err != nil || n != c.gone {
			t.Errorf("after %v: forgot %d, %v; want %d", c.pass, n, err, c.gone)
		}
	}
	for range 3 {
		w.signIn(t, p)
	}
	w.clock.pass(time.Hour)
	if n, err := w.Prune(t.Context(), 2); err != nil || n < 2 {
		t.Errorf("forgot %d, %v; want the limit at least", n, err)
	}
}

// Every deviation of a login is refused, with the same error to the caller.
func TestADeviantLoginIsRefused(t *testing.T) {
	w, p, q := newWorld(t), newPhone(t), newPhone(t)
	jwk := p.LoginKey()
	for name, c := range map[string]struct{ header, claims members }{
		"typ of a statement":  {members{"typ": "tv-statement+jwt"}, nil},
		"typ of a proof":      {members{"typ": session.ProofType}, nil},
		"no typ":              {members{"typ": nil}, nil},
		"alg none":            {members{"alg": "none"}, nil},
		"alg ES256":           {members{"alg": "ES256"}, nil},
		"crit":                {members{"crit": []string{"b64"}, "b64": false}, nil},
		"private key in jwk":  {members{"jwk": jwk.But(members{"d": "AAAA"})}, nil},
		"another curve":       {members{"jwk": jwk.But(members{"crv": "X25519"})}, nil},
		"another key in jwk":  {members{"jwk": q.LoginKey()}, nil},
		"iss of another":      {nil, members{"iss": string(q.Thumbprint())}},
		"aud of another":      {nil, members{"aud": "https://evil.example"}},
		"aud not the htu's":   {nil, members{"aud": onion}},
		"jkt of another":      {nil, members{"cnf": members{"jkt": q.JKT()}}},
		"no cnf":              {nil, members{"cnf": nil}},
		"no iat":              {nil, members{"iat": nil}},
		"unknown member":      {nil, members{"admin": true}},
		"no nonce":            {nil, members{"nonce": nil}},
		"a nonce of the DPoP": {nil, members{"nonce": w.Nonce()}},
		"a made-up nonce":     {nil, members{"nonce": sessiontest.B64(make([]byte, 56))}},
	} {
		fresh := w.challenge(t)
		login := p.Login(fresh.Nonce, fresh.Time, c.header, c.claims)
		if _, err := w.SignIn(t.Context(), login, w.signInRequest(p)); !errors.Is(err, session.ErrRefused) {
			t.Errorf("%s: %v, want ErrRefused", name, err)
		}
	}
}

// The bytes around and inside a login have one spelling.
func TestALoginHasOneSpelling(t *testing.T) {
	w, p := newWorld(t), newPhone(t)
	c := w.challenge(t)
	good := p.Login(c.Nonce, c.Time, nil, nil)
	part := strings.Split(good, ".")
	header, claims := decode(t, part[0]), decode(t, part[1])
	twice := strings.Replace(string(claims), `{`, `{"iss":"`+string(p.Thumbprint())+`",`, 1)
	for name, bad := range map[string]string{
		"empty":         "",
		"two parts":     part[0] + "." + part[1],
		"four parts":    good + ".",
		"padding":       good + "==",
		"newline":       part[0] + "\n." + part[1] + "." + part[2],
		"no signature":  part[0] + "." + part[1] + ".",
		"cut signature": good[:len(good)-4],
		"too long":      good + strings.Repeat("A", 5000),
		"name twice":    p.Sign(header, []byte(twice)),
		"other case":    p.Sign(header, []byte(strings.Replace(string(claims), `"iss"`, `"Iss"`, 1))),
		"trailing":      p.Sign(header, []byte(string(claims)+"{}")),
	} {
		if _, err := w.SignIn(t.Context(), bad, w.signInRequest(p)); !errors.Is(err, session.ErrRefused) {
			t.Errorf("%s: %v, want ErrRefused", name, err)
		}
	}
	if _, err := w.SignIn(t.Context(), good, w.signInRequest(p)); err != nil {
		t.Errorf("the untouched login is refused: %v", err)
	}
}

// A challenge lives two minutes.
func TestAnOldChallengeIsRefused(t *testing.T) {
	w, p := newWorld(t), newPhone(t)
	for pass, good := range map[time.Duration]bool{session.ChallengeLife - time.Second: true, session.ChallengeLife + time.Second: false} {
		c := w.challenge(t)
		w.clock.pass(pass)
		_, err := w.SignIn(t.Context(), p.Login(c.Nonce, c.Time, nil, nil), w.signInRequest(p))
		if (err == nil) != good {
			t.Errorf("after %v: %v, want good = %v", pass, err, good)
		}
	}
}

// At sign-in the proof must be of the key that the login names.
func TestSignInNeedsTheSessionsKey(t *testing.T) {
	w, p, thief := newWorld(t), newPhone(t), newPhone(t)
	c := w.challenge(t)
	login := p.Login(c.Nonce, c.Time, nil, nil)
	for name, r := range map[string]session.Request{
		"a thief's proof": w.signInRequest(thief),
		"no proof":        {Method: "POST", Path: "/v1/session"},
		"another path":    {Method: "POST", Path: "/v1/session", Proof: p.Proof("POST", "/v1/accounts", nil, nil)},
	} {
		if _, err := w.SignIn(t.Context(), login, r); !errors.Is(err, session.ErrRefused) {
			t.Errorf("%s: %v, want ErrRefused", name, err)
		}
	}
	if _, err := w.SignIn(t.Context(), login, w.signInRequest(p)); err != nil {
		t.Errorf("a thief's attempts used up the challenge: %v", err)
	}
}

func decode(t *testing.T, part string) []byte {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
