package client

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/secret"
	"github.com/relatingfield/vault/internal/statement"
)

// Token is a session that can be carried to another program, curl for example.
// Whoever has it is the account until it ends, within ten minutes: MarshalJSON
// and UnmarshalJSON are there to hand it on, printing redacts it.
type Token struct {
	access secret.Bytes
	origin string
	nonce  string
	ahead  int64 // seconds the vault's clock is ahead
	key    *proofKey
}

// Token signs in, if need be, and gives the session away.
func (c *Client) Token(ctx context.Context) (*Token, error) {
	cred, err := c.credentials(ctx)
	if err != nil {
		return nil, err
	}
	return &Token{access: secret.Copy([]byte(cred.token)), origin: c.origin, nonce: c.nonce.get(), ahead: int64(c.Skew().Seconds()), key: cred.key}, nil
}

// Access is the access token, for the header "Authorization: DPoP …".
func (t *Token) Access() string { return string(t.access.Reveal()) }

// Proof makes the DPoP header of one request. nonce is the newest DPoP-Nonce
// that the vault has answered with; empty is the one from the sign-in.
func (t *Token) Proof(rand io.Reader, now int64, method, url, nonce string) (string, error) {
	if nonce == "" {
		nonce = t.nonce
	}
	return t.key.prove(rand, occasion{method: method, url: url, token: t.Access(), nonce: nonce, time: now + t.ahead})
}

// Format redacts.
func (t Token) Format(f fmt.State, verb rune) { t.access.Format(f, verb) }

// tokenFile is a Token at rest.
type tokenFile struct {
	Access string    `json:"access_token"`
	Origin string    `json:"origin"`
	Nonce  string    `json:"nonce"`
	Ahead  int64     `json:"clock_ahead"`
	Key    api.Bytes `json:"proof_key"` // P-256 private scalar, 32 bytes
}

// MarshalJSON writes the token with its private key.
func (t *Token) MarshalJSON() ([]byte, error) {
	d, err := t.key.private.Bytes()
	if err != nil {
		return nil, fmt.Errorf("write the token: %w", err)
	}
	return json.Marshal(tokenFile{t.Access(), t.origin, t.nonce, t.ahead, d})
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (t *Token) UnmarshalJSON(b []byte) error {
	var f tokenFile
	if err := json.Unmarshal(b, &f); err != nil {
		return errors.New("read the token: it is not one")
	}
	private, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), f.Key)
	if err != nil {
		return errors.New("read the token: its key is not one")
	}
	key, err := proofKeyOf(private)
	*t = Token{secret.Of([]byte(f.Access)), f.Origin, f.Nonce, f.Ahead, key}
	return err
}

// Sign makes the statement that would come next in the account's chain, without
// sending it: for programs that speak to the vault themselves. Nothing else may
// be signed before it has been sent or thrown away. body is the JSON of the act
// as docs/protocol.md has it.
func (c *Client) Sign(ctx context.Context, act string, body []byte) (string, error) {
	parsed, err := statement.ParseBody(statement.Act(act), body)
	if err != nil {
		return "", fmt.Errorf("sign: %w", err)
	}
	h, err := c.refresh(ctx)
	if err != nil {
		return "", fmt.Errorf("sign: %w", err)
	}
	signed, err := c.sign(h, []statement.Body{parsed})
	if err != nil {
		return "", fmt.Errorf("sign: %w", err)
	}
	return signed[0].Compact(), nil
}
