// Package sessiontest is a client that signs in, for tests: a phone with an
// account's key and a session's key, which makes logins and proofs and can be
// told to make wrong ones.
//
// It writes its JWS by itself and shares no code with package session, so that a
// mistake there is not repeated here. It promises nothing about security.
package sessiontest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/relatingfield/vault/internal/id"
)

// Members are the members of a JSON object.
type Members map[string]any

// But gives the members with some of them changed; nil as a value leaves one out.
func (m Members) But(changes Members) Members {
	out := maps.Clone(m)
	maps.Copy(out, changes)
	for k, v := range out {
		if v == nil {
			delete(out, k)
		}
	}
	return out
}

// Phone is one session of one account.
type Phone struct {
	T       testing.TB
	Origin  string            // where it finds the vault
	Account crypto.Signer     // an Ed25519 key
	Key     *ecdsa.PrivateKey // of the session
	Token   string            // empty before sign-in
	Nonce   string            // for proofs, as the server last gave it
	proofs  int
}

// New is a phone with fresh keys.
func New(t testing.TB, origin string) *Phone {
	t.Helper()
	_, account, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return With(t, origin, account)
}

// With is a phone with an account's key and a fresh session key.
func With(t testing.TB, origin string, account crypto.Signer) *Phone {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &Phone{T: t, Origin: origin, Account: account, Key: key}
}

func (p *Phone) public() ed25519.PublicKey { return p.Account.Public().(ed25519.PublicKey) }

// Thumbprint names the account.
func (p *Phone) Thumbprint() id.Thumbprint { return id.Of(p.public()) }

// LoginKey is the account's key as a login's header has it.
func (p *Phone) LoginKey() Members {
	return Members{"kty": "OKP", "crv": "Ed25519", "x": B64(p.public())}
}

// JWK is the session's key as a proof's header has it.
func (p *Phone) JWK() Members {
	p.T.Helper()
	b, err := p.Key.PublicKey.Bytes()
	if err != nil {
		p.T.Fatal(err)
	}
	return Members{"kty": "EC", "crv": "P-256", "x": B64(b[1:33]), "y": B64(b[33:])}
}

// JKT is the thumbprint of the session's key.
func (p *Phone) JKT() string {
	k := p.JWK()
	return Hash(fmt.Sprintf(`{"crv":"P-256","kty":"EC","x":"%s","y":"%s"}`, k["x"], k["y"]))
}

// LoginClaims are those of a good login.
func (p *Phone) LoginClaims(nonce string, at time.Time) Members {
	return Members{"iss": string(p.Thumbprint()), "aud": p.Origin, "nonce": nonce, "iat": at.Unix(), "cnf": Members{"jkt": p.JKT()}}
}

// Login signs a challenge, with changes to what a good login says.
func (p *Phone) Login(nonce string, at time.Time, header, claims Members) string {
	p.T.Helper()
	h := Members{"alg": "EdDSA", "typ": "tv-login+jwt", "jwk": p.LoginKey()}.But(header)
	return p.Sign(p.encode(h), p.encode(p.LoginClaims(nonce, at).But(claims)))
}

// Sign signs any header and claims with the account's key.
func (p *Phone) Sign(header, claims []byte) string {
	p.T.Helper()
	text := B64(header) + "." + B64(claims)
	sig, err := p.Account.Sign(rand.Reader, []byte(text), crypto.Hash(0))
	if err != nil {
		p.T.Fatal(err)
	}
	return text + "." + B64(sig)
}

// Proof signs a proof for a request, with changes to what a good proof says.
func (p *Phone) Proof(method, path string, header, claims Members) string {
	p.T.Helper()
	p.proofs++
	h := Members{"alg": "ES256", "typ": "dpop+jwt", "jwk": p.JWK()}
	c := Members{"jti": fmt.Sprintf("%p-%d", p, p.proofs), "htm": method, "htu": p.Origin + path, "iat": 1, "nonce": p.Nonce}
	if p.Token != "" {
		c["ath"] = Hash(p.Token)
	}
	text := B64(p.encode(h.But(header))) + "." + B64(p.encode(c.But(claims)))
	sig, err := jwt.SigningMethodES256.Sign(text, p.Key)
	if err != nil {
		p.T.Fatal(err)
	}
	return text + "." + B64(sig)
}

func (p *Phone) encode(v any) []byte {
	p.T.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		p.T.Fatal(err)
	}
	return b
}

// B64 spells bytes the way JWS does.
func B64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// Hash is the SHA-256 of a text, spelled so.
func Hash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return B64(sum[:])
}
