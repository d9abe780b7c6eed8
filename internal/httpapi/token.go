package httpapi

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/flood"
	"github.com/relatingfield/vault/internal/partner"
	"github.com/relatingfield/vault/internal/session"
)

// token answers programs that ask for a token (RFC 6749 section 4.4, with the client
// authentication of RFC 7523 and the proof of RFC 9449). What is wrong with such a
// request is said in the words of RFC 6749 section 5.2, since libraries read those;
// what is wrong with the vault, as everywhere.
func (p *Partners) token(r *Request) error {
	req, err := r.tokenRequest()
	if err == nil {
		err = r.toll(flood.Token, partner.Claimed(req.Assertion))
	}
	if err == nil && r.certified(partner.Claimed(req.Assertion)) != nil {
		err = partner.ErrClient
	}
	if err == nil {
		var token partner.Token
		if token, err = p.Registry.Token(r.Context(), req); err == nil {
			r.known(flood.Token, partner.Claimed(req.Assertion))
			return r.JSON(http.StatusOK, api.PartnerToken{
				AccessToken: token.Access, TokenType: api.SchemeDPoP, ExpiresIn: int64(token.Expires.Seconds()), Scope: scopeWords(token.Scopes),
			})
		}
	}
	for _, refusal := range tokenRefusals() {
		if errors.Is(err, refusal.is) {
			if refusal.status == http.StatusUnauthorized {
				r.Answer().Set("WWW-Authenticate", `DPoP algs="ES256"`)
			}
			return r.JSON(refusal.status, api.TokenError{Error: refusal.code, Description: refusal.says})
		}
	}
	return err
}

var (
	errForm      = errors.New("the form is not that of a token request")
	errGrantType = errors.New("another grant than client_credentials")
)

// tokenRefusal is an error of RFC 6749 section 5.2 or RFC 9449 section 5.
type tokenRefusal struct {
	is     error
	status int
	code   string
	says   string // what is safe, and what to do; ASCII, as the RFC wants it
}

func tokenRefusals() []tokenRefusal {
	const refused, unauthorized = http.StatusBadRequest, http.StatusUnauthorized
	return []tokenRefusal{
		{errForm, refused, "invalid_request", "Nothing was changed. Send grant_type, client_assertion_type, client_assertion and, if wanted, scope, each once, as a form."},
		{errGrantType, refused, "unsupported_grant_type", "Nothing was changed. The only grant is client_credentials."},
		{partner.ErrScopes, refused, "invalid_scope", "Nothing was changed. Ask for scopes that GET /v1/partner lists, or for none to get them all."},
		{partner.ErrClient, unauthorized, "invalid_client", "Nothing was changed. Sign a new assertion with a registered key; if that does not help, ask an officer of the partner how its agreement and keys stand."},
		{session.ErrNonce, refused, "use_dpop_nonce", "Nothing was changed. Repeat the request with a new assertion and the nonce in DPoP-Nonce."},
		{session.ErrRefused, refused, "invalid_dpop_proof", "Nothing was changed. Send one DPoP header with an ES256 proof for this very address."},
	}
}

// assertionType is the one way in which a program shows who it is.
const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

// tokenRequest reads the form of a program that asks for a token.
func (r *Request) tokenRequest() (partner.TokenRequest, error) {
	if err := r.checkMedia(api.MediaForm); err != nil {
		return partner.TokenRequest{}, err
	}
	body, err := r.bytes()
	if err != nil {
		return partner.TokenRequest{}, err
	}
	if len(r.Header().Values("Authorization")) > 0 { // which would be a second way to say who asks
		return partner.TokenRequest{}, errForm
	}
	out, err := parseTokenForm(string(body))
	out.Request = proofOf(r.echo.Request())
	return out, err
}

// parseTokenForm is strict: each name once, and no other.
func parseTokenForm(body string) (partner.TokenRequest, error) {
	form, err := url.ParseQuery(body)
	if err != nil {
		return partner.TokenRequest{}, errForm
	}
	known := []string{"grant_type", "client_assertion_type", "client_assertion", "client_id", "scope"}
	for name, values := range form {
		if len(values) != 1 || !slices.Contains(known, name) {
			return partner.TokenRequest{}, errForm
		}
	}
	switch {
	case form.Get("grant_type") == "":
		return partner.TokenRequest{}, errForm
	case form.Get("grant_type") != "client_credentials":
		return partner.TokenRequest{}, errGrantType
	case form.Get("client_assertion_type") != assertionType || form.Get("client_assertion") == "":
		return partner.TokenRequest{}, errForm
	}
	out := partner.TokenRequest{Assertion: form.Get("client_assertion"), ClientID: form.Get("client_id")}
	if scope := form.Get("scope"); scope != "" {
		out.Scopes = strings.Split(scope, " ")
	}
	return out, nil
}

func scopeWords(list []partner.Scope) string {
	texts := make([]string, len(list))
	for i, s := range list {
		texts[i] = string(s)
	}
	return strings.Join(texts, " ")
}
