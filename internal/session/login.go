package session

import (
	"crypto/ed25519"
	"errors"

	"github.com/golang-jwt/jwt/v5"

	"github.com/relatingfield/vault/internal/id"
)

// LoginType is the JWS typ of logins; no other token of the vault has it, so a
// login can never be taken for a statement or the other way round.
const LoginType = "tv-login+jwt"

// login is what an account signs to open a session.
type login struct {
	Iss   string `json:"iss"`
	Aud   string `json:"aud"`   // the origin the client used
	Nonce string `json:"nonce"` // the challenge
	Iat   int64  `json:"iat"`   // the challenge's time; not compared, the nonce is the time
	Cnf   cnf    `json:"cnf"`

	account id.Thumbprint
	key     ed25519.PublicKey
	signed  jws
}

// cnf names the key that a session is bound to (RFC 7800).
type cnf struct {
	JKT string `json:"jkt"`
}

type loginHeader struct {
	Alg string `json:"alg"`
	Typ string `json:"typ"`
	JWK okp    `json:"jwk"`
}

type okp struct {
	Crv string `json:"crv"`
	Kty string `json:"kty"`
	X   string `json:"x"`
}

func parseLogin(compact string) (*login, error) {
	j, err := split(compact)
	if err != nil {
		return nil, err
	}
	l, h := &login{signed: j}, loginHeader{}
	if err := j.read(&h, l); err != nil {
		return nil, err
	}
	if (h != loginHeader{"EdDSA", LoginType, okp{"Ed25519", "OKP", h.JWK.X}}) {
		return nil, errors.New("its header does not name EdDSA, " + LoginType + " and an Ed25519 key")
	}
	if l.key, err = key32(h.JWK.X); err != nil {
		return nil, err
	}
	l.account = id.Of(l.key)
	if l.Iss != string(l.account) || l.Iat <= 0 {
		return nil, errors.New("its iss is not the thumbprint of its key, or it has no iat")
	}
	return l, nil
}

// NonceOf is the nonce that a login names, or "". Nothing of it is verified.
func NonceOf(compact string) string {
	l, err := parseLogin(compact)
	if err != nil {
		return ""
	}
	return l.Nonce
}

func (l *login) verify() error {
	return jwt.SigningMethodEdDSA.Verify(l.signed.text, l.signed.signature, l.key)
}
