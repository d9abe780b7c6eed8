package client

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"

	"github.com/golang-jwt/jwt/v5"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/canonical"
	"github.com/relatingfield/vault/internal/id"
)

// proofKey is the fresh ES256 key that a session is bound to (RFC 9449). It
// never leaves memory: whoever steals the token alone can do nothing with it.
type proofKey struct {
	private *ecdsa.PrivateKey
	jwk     ecJWK
}

// ecJWK is a P-256 key with its members in the order of RFC 7638.
type ecJWK struct {
	Crv string `json:"crv"`
	Kty string `json:"kty"`
	X   string `json:"x"`
	Y   string `json:"y"`
}

func newProofKey(rand io.Reader) (*proofKey, error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand)
	if err != nil {
		return nil, fmt.Errorf("make a proof key: %w", err)
	}
	return proofKeyOf(private)
}

func proofKeyOf(private *ecdsa.PrivateKey) (*proofKey, error) {
	point, err := private.PublicKey.Bytes()
	if err != nil || len(point) != 65 {
		return nil, errors.New("make a proof key: not a point of P-256")
	}
	return &proofKey{private, ecJWK{"P-256", "EC", b64(point[1:33]), b64(point[33:])}}, nil
}

// thumbprint is what cnf.jkt holds.
func (k *proofKey) thumbprint() (string, error) {
	text, err := canonical.Encode(k.jwk)
	if err != nil {
		return "", fmt.Errorf("thumbprint of the proof key: %w", err)
	}
	sum := sha256.Sum256(text)
	return b64(sum[:]), nil
}

type proofHeader struct {
	Typ string `json:"typ"`
	Alg string `json:"alg"`
	JWK ecJWK  `json:"jwk"`
}

type proofClaims struct {
	Method string `json:"htm"`
	URL    string `json:"htu"`
	Time   int64  `json:"iat"`
	ID     string `json:"jti"`
	Token  string `json:"ath,omitempty"`
	Nonce  string `json:"nonce,omitempty"`
}

// occasion is what one proof is for.
type occasion struct {
	method, url  string
	token, nonce string
	time         int64
}

// prove makes the proof for one request; it is good for no other.
func (k *proofKey) prove(rand io.Reader, o occasion) (string, error) {
	jti, err := id.New(rand)
	if err != nil {
		return "", fmt.Errorf("prove possession: %w", err)
	}
	target, err := withoutQuery(o.url)
	if err != nil {
		return "", fmt.Errorf("prove possession: %w", err)
	}
	claims := proofClaims{Method: o.method, URL: target, Time: o.time, ID: string(jti), Nonce: o.nonce}
	if o.token != "" {
		sum := sha256.Sum256([]byte(o.token))
		claims.Token = b64(sum[:])
	}
	return compact(jwt.SigningMethodES256, k.private, proofHeader{"dpop+jwt", "ES256", k.jwk}, claims)
}

// withoutQuery is the htu of a URL (RFC 9449, section 4.2).
func withoutQuery(raw string) (string, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return "", err
	}
	u.RawQuery, u.Fragment = "", ""
	return u.String(), nil
}

// compact signs header and claims as they stand into a compact JWS.
func compact(method jwt.SigningMethod, key any, header, claims any) (string, error) {
	h, err := json.Marshal(header)
	if err != nil {
		return "", fmt.Errorf("sign a token: %w", err)
	}
	p, err := json.Marshal(claims)
	if err != nil {
		return "", fmt.Errorf("sign a token: %w", err)
	}
	text := b64(h) + "." + b64(p)
	sig, err := method.Sign(text, key)
	if err != nil {
		return "", fmt.Errorf("sign a token: %w", err)
	}
	return text + "." + b64(sig), nil
}

func b64(b []byte) string { return api.Bytes(b).String() }
