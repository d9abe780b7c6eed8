package clienttest

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/golang-jwt/jwt/v5"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/id"
)

// session is a token's key and the thumbprint of its proof key.
type session struct {
	who api.Account
	jkt string
}

// token is a compact JWS taken apart.
type token struct {
	text, sig []byte
	header    struct {
		Typ, Alg string
		JWK      struct{ Crv, Kty, X, Y string }
	}
	claims struct {
		Iss, Aud, Nonce, Htm, Htu, Ath string
		Cnf                            struct{ Jkt string }
	}
}

func parseToken(s string) (*token, error) {
	parts := strings.Split(s, ".")
	if len(parts) != 3 {
		return nil, errors.New("not a compact JWS")
	}
	var header, claims, sig api.Bytes
	for i, b := range []*api.Bytes{&header, &claims, &sig} {
		if err := b.UnmarshalText([]byte(parts[i])); err != nil {
			return nil, err
		}
	}
	t := &token{text: []byte(parts[0] + "." + parts[1]), sig: sig}
	return t, errors.Join(json.Unmarshal(header, &t.header), json.Unmarshal(claims, &t.claims))
}

func (v *Vault) challenge(*request) (any, error) {
	nonce, err := id.New(rand.Reader)
	v.challenges[string(nonce)] = true
	return &api.Challenge{Nonce: string(nonce), Time: v.now().Unix()}, err
}

func (v *Vault) login(r *request) (any, error) {
	jkt, err := v.proof(r.Request, "")
	if err != nil {
		return nil, err
	}
	var in api.Login
	if err := json.Unmarshal(r.body, &in); err != nil {
		return nil, refused{name: api.ProblemBadRequest}
	}
	t, err := parseToken(in.Login)
	if err != nil {
		return nil, refused{name: api.ProblemUnauthorized}
	}
	var x api.Bytes
	if err := x.UnmarshalText([]byte(t.header.JWK.X)); err != nil || len(x) != ed25519.PublicKeySize {
		return nil, refused{name: api.ProblemUnauthorized}
	}
	who := id.Of(ed25519.PublicKey(x))
	good := t.header.Typ == "tv-login+jwt" && t.header.Alg == "EdDSA" && v.challenges[t.claims.Nonce] && t.claims.Iss == string(who) &&
		t.claims.Aud == "http://"+r.Host && t.claims.Cnf.Jkt == jkt && ed25519.Verify(ed25519.PublicKey(x), t.text, t.sig)
	if !good {
		return nil, refused{name: api.ProblemUnauthorized}
	}
	delete(v.challenges, t.claims.Nonce)
	access, err := id.New(rand.Reader)
	v.tokens[string(access)] = session{who, jkt}
	return &api.Session{AccessToken: string(access), TokenType: api.SchemeDPoP, ExpiresIn: 600}, err
}

// authenticate finds the caller of a request.
func (v *Vault) authenticate(r *http.Request) (api.Account, error) {
	access, ok := strings.CutPrefix(r.Header.Get("Authorization"), api.SchemeDPoP+" ")
	if !ok {
		return "", refused{name: api.ProblemUnauthorized}
	}
	jkt, err := v.proof(r, access)
	if err != nil {
		return "", err
	}
	s, ok := v.tokens[access]
	if !ok || s.jkt != jkt {
		return "", refused{name: api.ProblemUnauthorized}
	}
	return v.holder(s.who), nil
}

// proof checks the DPoP header and gives its key's thumbprint.
func (v *Vault) proof(r *http.Request, access string) (string, error) {
	t, err := parseToken(r.Header.Get(api.HeaderDPoP))
	if err != nil || t.header.Typ != "dpop+jwt" || t.header.Alg != "ES256" {
		return "", refused{name: api.ProblemUnauthorized}
	}
	if t.claims.Nonce != v.Nonce {
		return "", refused{name: api.ProblemUseDPoPNonce}
	}
	key, err := publicKey(t.header.JWK.X, t.header.JWK.Y)
	if err != nil || jwt.SigningMethodES256.Verify(string(t.text), t.sig, key) != nil {
		return "", refused{name: api.ProblemUnauthorized}
	}
	ath := ""
	if access != "" {
		ath = api.HashOf([]byte(access)).String()
	}
	if t.claims.Htm != r.Method || t.claims.Htu != "http://"+r.Host+r.URL.Path || t.claims.Ath != ath {
		return "", refused{name: api.ProblemUnauthorized}
	}
	text := `{"crv":"P-256","kty":"EC","x":"` + t.header.JWK.X + `","y":"` + t.header.JWK.Y + `"}`
	return api.Hash(sha256.Sum256([]byte(text))).String(), nil
}

func publicKey(x, y string) (*ecdsa.PublicKey, error) {
	var bx, by api.Bytes
	if err := errors.Join(bx.UnmarshalText([]byte(x)), by.UnmarshalText([]byte(y))); err != nil {
		return nil, err
	}
	return ecdsa.ParseUncompressedPublicKey(elliptic.P256(), append(append([]byte{4}, bx...), by...))
}
