package client

import (
	"context"
	"fmt"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/statement"
)

// Applicant is a researcher who waits for the stewards. Name, institution and
// purpose are what they say of themselves.
type Applicant struct {
	Account     api.Account
	Name        string
	Institution string
	Purpose     string
	Voices      int // stewards of today who have vouched so far
}

// Apply says who this researcher is and why they ask, over their own key.
func (c *Client) Apply(ctx context.Context, name, institution, purpose string) error {
	_, err := c.sayOne(ctx, "/v1/applications", one(func(h *history) (statement.Body, error) {
		if len(h.chain.Statements) == 0 {
			return nil, ErrNotEnrolled
		}
		return statement.Apply{KeySHA256: hashText(h.chain.Statements[0]), Name: name, Institution: institution, Purpose: purpose}, nil
	}))
	if err != nil {
		return fmt.Errorf("apply: %w", err)
	}
	return nil
}

// Applications lists the researchers who wait, with the statements verified.
func (c *Client) Applications(ctx context.Context) ([]Applicant, error) {
	waiting, err := c.waiting(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the applications: %w", err)
	}
	s, err := c.stewards(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the applications: %w", err)
	}
	var out []Applicant
	for _, a := range waiting {
		key, err := c.foreign(a.Key)
		if err != nil {
			return nil, fmt.Errorf("list the applications: %w: %w", ErrRecipientSwapped, err)
		}
		applicant, err := c.applicant(key.Issuer, researcherOf(a), s)
		if err != nil {
			return nil, fmt.Errorf("list the applications: %w", err)
		}
		out = append(out, applicant)
	}
	return out, nil
}

// waiting is the vault's list of applications.
func (c *Client) waiting(ctx context.Context) ([]api.Application, error) {
	var out []api.Application
	err := pages(ctx, c, "/v1/applications", func(page api.Applications) int {
		out = append(out, page.Applications...)
		return len(page.Applications)
	})
	return out, err
}

func researcherOf(a api.Application) api.Researcher {
	return api.Researcher{Key: a.Key, Apply: a.Apply, Accredit: a.Accredit}
}

func (c *Client) applicant(who api.Account, r api.Researcher, s *stewards) (Applicant, error) {
	key, apply, err := c.identity(who, r)
	if err != nil {
		return Applicant{}, err
	}
	p := apply.Body.(*statement.Apply).Person()
	a := Applicant{Account: who, Name: p.Name, Institution: p.Institution, Purpose: p.Purpose}
	for _, voice := range c.accreditations(who, key, apply, r.Accredit) {
		a.Voices = max(a.Voices, s.count(voice.voices))
	}
	return a, nil
}

// Invite makes a code that lets one account of that role enrol, once, within
// seven days.
func (c *Client) Invite(ctx context.Context, role api.Role) (*api.Invitation, error) {
	answer := new(api.Invitation)
	if err := c.post(ctx, "/v1/invitations", api.Invite{Role: role}, answer); err != nil {
		return nil, fmt.Errorf("invite: %w", err)
	}
	return answer, nil
}
