package session_test

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/relatingfield/vault/internal/session"
	"github.com/relatingfield/vault/internal/session/sessiontest"
)

// Nobody signs in with what nobody signed.
func FuzzSignIn(f *testing.F) {
	w, p := newWorld(f), newPhone(f)
	c := w.challenge(f)
	r := w.signInRequest(p)
	f.Add(p.Login(c.Nonce, c.Time, nil, members{"aud": onion}), r.Proof)
	f.Add("a.b.c", "..")
	f.Fuzz(func(t *testing.T, login, proof string) {
		r := session.Request{Method: "POST", Path: "/v1/session", Proof: proof}
		if _, err := w.SignIn(t.Context(), login, r); !errors.Is(err, session.ErrRefused) {
			t.Fatalf("%v for something nobody signed", err)
		}
	})
}

// A login that is accepted is spelled in the one way there is, and names the
// account whose key is in it.
func FuzzParseLogin(f *testing.F) {
	w, p := newWorld(f), newPhone(f)
	c := w.challenge(f)
	f.Add(p.Login(c.Nonce, c.Time, nil, nil))
	f.Add("..")
	f.Fuzz(func(t *testing.T, login string) {
		who, err := session.ParseLogin(login)
		if err == nil && !strings.Contains(oneSpelling(t, login)[1], `"iss":"`+string(who)+`"`) {
			t.Fatalf("%q gives %q", login, who)
		}
	})
}

// A proof that is accepted is spelled in the one way there is, and its key has
// no private half in it.
func FuzzParseProof(f *testing.F) {
	w, p := newWorld(f), newPhone(f)
	f.Add(w.request(p, nil, nil).Proof)
	f.Add("..")
	f.Fuzz(func(t *testing.T, proof string) {
		jkt, err := session.ParseProof(proof)
		if err == nil && (len(jkt) != 43 || strings.Contains(oneSpelling(t, proof)[0], `"d"`)) {
			t.Fatalf("%q gives %q", proof, jkt)
		}
	})
}

// oneSpelling decodes header and payload of an accepted JWS.
func oneSpelling(t *testing.T, compact string) []string {
	t.Helper()
	part := strings.Split(compact, ".")
	for i, p := range part {
		b, err := base64.RawURLEncoding.DecodeString(p)
		if err != nil || len(part) != 3 || sessiontest.B64(b) != p {
			t.Fatalf("accepted %q", compact)
		}
		part[i] = string(b)
	}
	return part
}

// Of a good token no other spelling is good.
func FuzzVerifyToken(f *testing.F) {
	w, p := newWorld(f), newPhone(f)
	w.signIn(f, p)
	good, her := p.Token, p.Thumbprint()
	f.Add(good)
	f.Add("..")
	f.Fuzz(func(t *testing.T, token string) {
		who, err := w.VerifyToken(token)
		if (err == nil) != (token == good) || err == nil && who != her {
			t.Fatalf("%q gives %q, %v", token, who, err)
		}
	})
}

// Nobody is known by what nobody signed.
func FuzzAuthenticate(f *testing.F) {
	w, p := newWorld(f), newPhone(f)
	w.signIn(f, p)
	r := w.request(p, nil, members{"htm": "PUT"})
	f.Add(r.Proof, r.Token)
	f.Add(r.Proof, "")
	f.Add("..", "a.b.c")
	f.Fuzz(func(t *testing.T, proof, token string) {
		_, err := w.Authenticate(session.Request{Method: "GET", Path: "/v1/feed", Proof: proof, Token: token})
		if err == nil {
			t.Fatal("accepted what nobody signed")
		}
	})
}
