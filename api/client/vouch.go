package client

import (
	"context"
	"fmt"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/statement"
)

// Accredit vouches for an applicant for so many days from today, at most 366.
// When another steward has vouched already, the very same words are signed, so
// that the voices add up; days is then not used. It says whether the applicant
// is accredited now.
func (c *Client) Accredit(ctx context.Context, who api.Account, days int) (*api.Accreditation, error) {
	return c.AccreditIf(ctx, who, days, func(Vouching) error { return nil })
}

// Vouching is what a steward is about to sign of a researcher.
type Vouching struct {
	Account     api.Account
	Name        string
	Institution string
	Purpose     string
	From, Until int64 // Unix seconds; Until is excluded
}

// AccreditIf is Accredit after agree has been shown what is then signed; an
// error of agree stops it.
func (c *Client) AccreditIf(ctx context.Context, who api.Account, days int, agree func(Vouching) error) (*api.Accreditation, error) {
	body, err := c.accreditBody(ctx, who, days)
	if err == nil {
		err = agree(Vouching{body.Account, body.Name, body.Institution, body.Purpose, body.From, body.Until})
	}
	if err != nil {
		return nil, fmt.Errorf("accredit: %w", err)
	}
	return c.vouch(ctx, "accredit", "/v1/accreditations", body)
}

// vouch sends an accredit or suspend statement.
func (c *Client) vouch(ctx context.Context, what, path string, body statement.Body) (*api.Accreditation, error) {
	answer := new(api.Accreditation)
	_, err := c.sayWith(ctx, one(func(*history) (statement.Body, error) { return body, nil }), func(signed string, a *api.Accepted) error {
		err := c.post(ctx, path, api.Signed{Statement: signed}, answer)
		*a = answer.Accepted
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	return answer, nil
}

// accreditBody looks among those who wait and those who are known already, whose
// term may end soon.
func (c *Client) accreditBody(ctx context.Context, who api.Account, days int) (*statement.Accredit, error) {
	r, err := c.candidate(ctx, who)
	if err != nil {
		return nil, err
	}
	s, err := c.stewards(ctx)
	if err != nil {
		return nil, err
	}
	key, apply, err := c.identity(who, r)
	if err != nil {
		return nil, err
	}
	for _, a := range c.accreditations(who, key, apply, r.Accredit) {
		if n := s.count(a.voices); n > 0 && n < s.now.Threshold() && c.time().Unix() < a.body.Until {
			return a.body, nil
		}
	}
	p := apply.Body.(*statement.Apply)
	from := statement.DayOf(c.time())
	return &statement.Accredit{Account: who, KeySHA256: hashText(key), ApplySHA256: hashText(apply), Name: p.Name,
		Institution: p.Institution, Purpose: p.Purpose, From: from, Until: from + int64(days)*statement.Day}, nil
}

func (c *Client) candidate(ctx context.Context, who api.Account) (api.Researcher, error) {
	waiting, err := c.waiting(ctx)
	if err != nil {
		return api.Researcher{}, err
	}
	for _, a := range waiting {
		if key, err := c.foreign(a.Key); err == nil && key.Issuer == who {
			return researcherOf(a), nil
		}
	}
	return c.researcherRecord(ctx, who)
}

// Suspend ends every accreditation of a researcher that is in force. One
// steward is enough: restricting needs no second voice.
func (c *Client) Suspend(ctx context.Context, who api.Account) error {
	r, err := c.researcherRecord(ctx, who)
	if err != nil {
		return fmt.Errorf("suspend: %w", err)
	}
	key, apply, err := c.identity(who, r)
	if err != nil {
		return fmt.Errorf("suspend: %w", err)
	}
	some := false
	for _, a := range c.accreditations(who, key, apply, r.Accredit) {
		if c.time().Unix() >= a.body.Until {
			continue
		}
		some = true
		if _, err := c.vouch(ctx, "suspend", "/v1/suspensions", statement.Suspend{Account: who, Accreditation: a.hash.String()}); err != nil {
			return err
		}
	}
	if !some {
		return fmt.Errorf("suspend: %w", ErrNotAccredited)
	}
	return nil
}
