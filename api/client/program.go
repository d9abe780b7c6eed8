package client

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/clientkey"
	"github.com/relatingfield/vault/internal/id"
)

// Program is what a partner's program signs in with: its client id and the private
// key that two officers registered. It prints as [redacted].
type Program struct {
	client api.ID
	key    crypto.Signer
	public *clientkey.Key
	scopes []api.Scope
}

// NewProgram takes an Ed25519 or P-256 private key. Its tokens have the scopes that
// are named, or all that the key has when none is.
func NewProgram(client api.ID, key crypto.Signer, scopes ...api.Scope) (*Program, error) {
	if _, err := id.Parse(string(client)); err != nil {
		return nil, errors.New("a partner's program: its client id is not 26 characters of a-z and 2-7")
	}
	public, err := clientkey.Of(key.Public())
	if err != nil {
		return nil, fmt.Errorf("a partner's program: %w", err)
	}
	return &Program{client, key, public, scopes}, nil
}

// Client is the program's id.
func (p *Program) Client() api.ID { return p.client }

// JWK is the public key, which officers register.
func (p *Program) JWK() api.JWK { return p.public.JWK() }

// Key is the thumbprint of the public key (RFC 7638).
func (p *Program) Key() api.Account { return p.public.Thumbprint() }

// Format redacts.
func (p Program) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[redacted]") }

// assertionLife is how long an assertion of ours lives: long enough for a line that
// is slow, and short enough for a clock that is not quite right.
const assertionLife = time.Minute

// assertionClaims are what a program says to get a token (RFC 7523 section 3).
type assertionClaims struct {
	Issuer   api.ID `json:"iss"`
	Subject  api.ID `json:"sub"`
	Audience string `json:"aud"`
	ID       api.ID `json:"jti"`
	Issued   int64  `json:"iat"`
	Expires  int64  `json:"exp"`
}

// signInProgram needs session.mu. The vault's own clock decides about assertions, so
// it is asked first; that answer brings the nonce for the proof as well.
func (c *Client) signInProgram(ctx context.Context) error {
	sent := c.now()
	v, err := c.Vault(ctx)
	if err != nil {
		return err
	}
	c.clock.set(sent, v.Time)
	key, err := newProofKey(c.rand)
	if err != nil {
		return err
	}
	form, err := c.program.form(c.rand, c.origin, c.time())
	if err != nil {
		return err
	}
	var t api.PartnerToken
	r := call{method: http.MethodPost, path: "/v1/token", form: form, credentials: &credentials{key: key}}
	if err := c.json(ctx, r, &t); err != nil {
		return err
	}
	if t.TokenType != api.SchemeDPoP || t.AccessToken == "" {
		return fmt.Errorf("%w: the token is not bound to its key", ErrNonsense)
	}
	c.session.hold(t.AccessToken, key, c.now().Add(time.Duration(t.ExpiresIn)*time.Second-margin))
	return nil
}

func (p *Program) form(rand io.Reader, origin string, now time.Time) (url.Values, error) {
	jti, err := id.New(rand)
	if err != nil {
		return nil, fmt.Errorf("sign in: %w", err)
	}
	claims := assertionClaims{p.client, p.client, origin + "/v1/token", jti, now.Unix(), now.Add(assertionLife).Unix()}
	signed, err := clientkey.Sign(p.key, "JWT", claims)
	if err != nil {
		return nil, fmt.Errorf("sign in: %w", err)
	}
	form := url.Values{
		"grant_type":            {"client_credentials"},
		"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
		"client_assertion":      {signed},
	}
	if len(p.scopes) > 0 {
		var words []string
		for _, s := range p.scopes {
			words = append(words, string(s))
		}
		form.Set("scope", strings.Join(words, " "))
	}
	return form, nil
}

// tokenRefusal gives an error of the token endpoint (RFC 6749 section 5.2) the
// meaning that callers test for.
func tokenRefusal(status int, said api.TokenError) error {
	switch {
	case said.Error == "use_dpop_nonce":
		return &api.Problem{Type: api.ProblemUseDPoPNonce.Type(), Status: status}
	case status == http.StatusUnauthorized:
		return fmt.Errorf("%w: %s", ErrProgram, printable(said.Description))
	}
	return fmt.Errorf("the vault refused the token: %s: %s", printable(said.Error), printable(said.Description))
}

// InvitePresent makes an invitation for a participant who is present, in the name of
// the program's partner. It is good for seven days, and void when the partner is
// halted. Whoever has the code can enrol: hand it over, and keep no copy.
func (c *Client) InvitePresent(ctx context.Context) (*api.Invitation, error) {
	out := new(api.Invitation)
	if err := c.post(ctx, "/v1/partner/invitations", api.Empty{}, out); err != nil {
		return nil, fmt.Errorf("invite: %w", err)
	}
	return out, nil
}

// Partner says what this program may do now, and until when.
func (c *Client) Partner(ctx context.Context) (*api.Partner, error) {
	out := new(api.Partner)
	if err := c.get(ctx, "/v1/partner", out); err != nil {
		return nil, fmt.Errorf("ask how the program stands: %w", err)
	}
	return out, nil
}
