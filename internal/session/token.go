package session

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/relatingfield/vault/internal/canonical"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/serverkeys"
)

// TokenType is the JWS typ of access tokens (RFC 9068).
const TokenType = "at+jwt"

// session is a verified access token.
type session struct {
	account id.Thumbprint // empty of a client's
	client  Client        // zero of an account's
	jkt     string
	expires int64 // Unix seconds
}

type tokenHeader struct {
	Alg string `json:"alg"`
	Typ string `json:"typ"`
	Kid string `json:"kid"`
}

// tokenClaims has no more than it takes to check a token: it is kept by a client
// whose device may be searched.
type tokenClaims struct {
	Iss string `json:"iss"`
	Aud string `json:"aud"`
	Sub string `json:"sub"`
	Jti string `json:"jti"`
	Iat int64  `json:"iat"`
	Exp int64  `json:"exp"`
	Cnf cnf    `json:"cnf"`

	// Of a client's token only (RFC 9068 section 2.2).
	Client id.ID         `json:"client_id,omitempty"`
	Key    id.Thumbprint `json:"client_key,omitempty"`
	Scope  string        `json:"scope,omitempty"`
}

// issue completes and signs the claims of a new token.
func (s *Service) issue(c tokenClaims) (Token, error) {
	jti, err := id.New(s.cfg.Rand)
	if err != nil {
		return Token{}, fmt.Errorf("issue a token: %w", err)
	}
	now := s.cfg.Now()
	c.Iss, c.Aud, c.Jti, c.Iat, c.Exp = s.cfg.Vault, s.cfg.Vault, string(jti), now.Unix(), now.Add(s.cfg.TTL).Unix()
	access, err := sign(s.cfg.Keys.Token()[0], c)
	if err != nil {
		return Token{}, fmt.Errorf("issue a token: %w", err)
	}
	return Token{access, s.cfg.TTL}, nil
}

func sign(key serverkeys.Signing, c tokenClaims) (string, error) {
	h, err := canonical.Encode(tokenHeader{"EdDSA", TokenType, string(key.ID())})
	if err != nil {
		return "", err
	}
	p, err := canonical.Encode(c)
	if err != nil {
		return "", err
	}
	text := b64(h) + "." + b64(p)
	sig, err := jwt.SigningMethodEdDSA.Sign(text, key.Reveal())
	if err != nil {
		return "", err
	}
	return text + "." + b64(sig), nil
}

// open checks a token and that ath is its hash. A token that was verified before
// is known by its hash, which only the very same bytes have.
func (s *Service) open(token, ath string) (session, error) {
	sum := sha256.Sum256([]byte(token))
	if ath != b64(sum[:]) {
		return session{}, errors.New("the proof is for another token")
	}
	t, known := s.verified.Get(sum)
	if !known {
		var err error
		if t, err = s.verifyToken(token); err != nil {
			return session{}, err
		}
		s.verified.Put(sum, t)
	}
	if s.cfg.Now().Unix() >= t.expires {
		return session{}, errors.New("it has expired")
	}
	return t, nil
}

func (s *Service) verifyToken(token string) (session, error) {
	j, err := split(token)
	if err != nil {
		return session{}, err
	}
	var h tokenHeader
	var c tokenClaims
	if err := j.read(&h, &c); err != nil {
		return session{}, err
	}
	if err := s.verifySignature(j, h); err != nil {
		return session{}, err
	}
	if c.Iss != s.cfg.Vault || c.Aud != s.cfg.Vault || c.Exp-c.Iat > int64(TokenLife/time.Second) {
		return session{}, errors.New("it is for another vault or too long a time")
	}
	return c.of()
}

func (s *Service) verifySignature(j jws, h tokenHeader) error {
	if h.Alg != "EdDSA" || h.Typ != TokenType {
		return errors.New("its header does not name EdDSA and " + TokenType)
	}
	for _, k := range s.cfg.Keys.Token() {
		if string(k.ID()) == h.Kid {
			return jwt.SigningMethodEdDSA.Verify(j.text, j.signature, k.Public())
		}
	}
	return errors.New("it is signed by no key of this server")
}
