package partner

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/relatingfield/vault/internal/canonical"
	"github.com/relatingfield/vault/internal/clientkey"
	"github.com/relatingfield/vault/internal/id"
)

// Bounds of assertions.
const (
	maxAssertion  = 4096 // bytes
	maxJTI        = 128  // bytes
	maxAudiences  = 4
	AssertionLife = 5 * time.Minute  // from now to exp, at most
	ahead         = 30 * time.Second // a program's clock may be, in iat and nbf
	forgetAfter   = 10 * time.Minute // more than the clocks of two nodes differ
)

// TokenPath is where programs ask for tokens; with an origin before it, or the
// origin alone, it is the audience of their assertions.
const TokenPath = "/v1/token"

// assertion is what a program signs to ask for a token (RFC 7523 section 3).
type assertion struct {
	Client  id.ID
	jti     string
	expires time.Time
	origins []string // which aud names
	token   *clientkey.Token
}

// claims have the members that an assertion may have. Libraries add iat and nbf;
// what else somebody adds is refused, since it would mean nothing here.
type claims struct {
	Iss string         `json:"iss"`
	Sub string         `json:"sub"`
	Aud jsontext.Value `json:"aud"`
	Jti string         `json:"jti"`
	Exp float64        `json:"exp"`
	Iat *float64       `json:"iat"`
	Nbf *float64       `json:"nbf"`
}

// Claimed is the client that an assertion says it is of, or "". Nothing about it is
// verified: it tells whether anybody of that name was good lately, and no more.
func Claimed(compact string) string {
	t, err := clientkey.Split(compact, maxAssertion)
	if err != nil {
		return ""
	}
	var c claims
	if canonical.Request(t.Payload, &c) != nil {
		return ""
	}
	if _, err := id.Parse(c.Iss); err != nil {
		return ""
	}
	return c.Iss
}

// parse reads an assertion for one of the origins, at now. Nothing about it is
// verified.
func parse(compact string, origins []string, now time.Time) (*assertion, error) {
	t, err := clientkey.Split(compact, maxAssertion)
	if err != nil {
		return nil, err
	}
	if t.Typ != "" && !strings.EqualFold(t.Typ, "JWT") && t.Typ != "client-authentication+jwt" {
		return nil, errors.New("its typ is that of another kind of token")
	}
	var c claims
	if err := canonical.Request(t.Payload, &c); err != nil {
		return nil, errors.New("its payload has not exactly the members it should have")
	}
	a := &assertion{jti: c.Jti, token: t}
	if a.Client, err = id.Parse(c.Iss); err != nil || c.Sub != c.Iss {
		return nil, errors.New("iss and sub are not one client")
	}
	if c.Jti == "" || len(c.Jti) > maxJTI {
		return nil, errors.New("it has no usable jti")
	}
	if a.expires, err = c.lifetime(now); err != nil {
		return nil, err
	}
	a.origins, err = audience(c.Aud, origins)
	return a, err
}

// lifetime compares a program's clock with ours, because here its clock says how
// long its jti must be remembered.
func (c claims) lifetime(now time.Time) (time.Time, error) {
	seconds := float64(now.Unix())
	switch soon := seconds + ahead.Seconds(); {
	case c.Exp <= seconds:
		return time.Time{}, errors.New("it has expired")
	case c.Exp > seconds+AssertionLife.Seconds():
		return time.Time{}, fmt.Errorf("it lives longer than %s", AssertionLife)
	case c.Iat != nil && *c.Iat > soon, c.Nbf != nil && *c.Nbf > soon:
		return time.Time{}, errors.New("it is from the future")
	}
	return time.Unix(int64(math.Ceil(c.Exp)), 0), nil
}

// audience reads a string or a list of them, all of which must be ours: what is
// meant for somebody else too could come back from there.
func audience(raw jsontext.Value, origins []string) ([]string, error) {
	var list []string
	if len(raw) > 0 && raw[0] == '[' {
		if err := canonical.Request(raw, &list); err != nil {
			return nil, errors.New("its aud is no list of texts")
		}
	} else {
		var one string
		if err := canonical.Request(raw, &one); err != nil {
			return nil, errors.New("its aud is no text")
		}
		list = []string{one}
	}
	if len(list) == 0 || len(list) > maxAudiences {
		return nil, errors.New("its aud names none, or too many")
	}
	for i, a := range list {
		list[i] = strings.TrimSuffix(a, TokenPath)
		if !slices.Contains(origins, list[i]) {
			return nil, errors.New("its aud names somebody else")
		}
	}
	return list, nil
}
