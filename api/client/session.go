package client

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/proofofwork"
)

// session is a sign-in: a token of at most ten minutes, bound to a key that
// exists in memory only.
type session struct {
	mu    sync.Mutex
	token string
	until time.Time // by the local clock
	key   *proofKey
}

const (
	margin     = 30 * time.Second // before its end a token is replaced
	maxSignIns = 3
)

type loginHeader struct {
	Alg string `json:"alg"`
	Typ string `json:"typ"`
	JWK okpJWK `json:"jwk"`
}

type okpJWK struct {
	Crv string `json:"crv"`
	Kty string `json:"kty"`
	X   string `json:"x"`
}

type loginClaims struct {
	Issuer   api.Account  `json:"iss"`
	Audience string       `json:"aud"`
	Nonce    string       `json:"nonce"`
	Time     int64        `json:"iat"`
	Confirm  confirmation `json:"cnf"`
}

type confirmation struct {
	Thumbprint string `json:"jkt"`
}

// credentials are what one request carries.
type credentials struct {
	key   *proofKey
	token string
}

// credentials gives a live session, signing in when there is none.
func (c *Client) credentials(ctx context.Context) (credentials, error) {
	c.session.mu.Lock()
	defer c.session.mu.Unlock()
	var err error
	for attempt := 0; attempt < maxSignIns && !c.signedIn(); attempt++ {
		// A challenge whose answer was lost is spent: begin with a new one.
		if err = c.signIn(ctx); err != nil && !errors.Is(err, ErrUnavailable) {
			break
		}
	}
	if err != nil {
		return credentials{}, fmt.Errorf("sign in: %w", err)
	}
	return credentials{c.session.key, c.session.token}, nil
}

// signedIn needs session.mu.
func (c *Client) signedIn() bool {
	return c.session.token != "" && c.now().Before(c.session.until)
}

// signIn needs session.mu. It answers the vault's challenge with a signature;
// nothing is ever decrypted on demand, so the challenge is no oracle.
func (c *Client) signIn(ctx context.Context) error {
	if c.program != nil {
		return c.signInProgram(ctx)
	}
	if c.keys == nil {
		return ErrNoKeys
	}
	var challenge api.Challenge
	sent := c.now()
	if err := c.json(ctx, call{method: http.MethodPost, path: "/v1/session/challenge", repeat: true}, &challenge); err != nil {
		return err
	}
	c.clock.set(sent, challenge.Time)
	key, err := newProofKey(c.rand)
	if err != nil {
		return err
	}
	login, err := c.login(key, challenge)
	if err != nil {
		return err
	}
	said := api.Login{Login: login, Work: challenge.Work}
	if challenge.Work != "" { // many sign in now
		if said.Solution, err = proofofwork.Solve(ctx, challenge.Work, challenge.Nonce); err != nil {
			return err
		}
	}
	var s api.Session
	// Not repeatable by itself: the challenge works once.
	r := call{method: http.MethodPost, path: "/v1/session", body: said, credentials: &credentials{key: key}}
	if err := c.json(ctx, r, &s); err != nil {
		return err
	}
	if s.TokenType != api.SchemeDPoP || s.AccessToken == "" {
		return fmt.Errorf("%w: the token is not bound to its key", ErrNonsense)
	}
	c.session.hold(s.AccessToken, key, c.now().Add(time.Duration(s.ExpiresIn)*time.Second-margin))
	return nil
}

// hold needs mu.
func (s *session) hold(token string, key *proofKey, until time.Time) {
	s.token, s.key, s.until = token, key, until
}

func (c *Client) login(key *proofKey, challenge api.Challenge) (string, error) {
	jkt, err := key.thumbprint()
	if err != nil {
		return "", err
	}
	header := loginHeader{"EdDSA", "tv-login+jwt", okpJWK{"Ed25519", "OKP", b64(c.public())}}
	claims := loginClaims{c.keys.ID, c.origin, challenge.Nonce, challenge.Time, confirmation{jkt}}
	return compact(jwt.SigningMethodEdDSA, c.keys, header, claims)
}

// signOut forgets the session if it is still the one that was refused.
func (c *Client) signOut(refused string) {
	c.session.mu.Lock()
	defer c.session.mu.Unlock()
	if c.session.token == refused {
		c.session.token = ""
	}
}

func (c *Client) public() ed25519.PublicKey {
	public, _ := c.keys.Public().(ed25519.PublicKey)
	return public
}
