package client

import (
	"context"
	"fmt"
	"net/url"

	"github.com/relatingfield/vault/api"
)

// Researcher looks a reader up and verifies everything that vouches for them:
// see vet. The errors are ErrNotFound, ErrRecipientSwapped, ErrNotAccredited and
// those that wrap it, ErrWrongVault and ErrRosterBroken.
func (c *Client) Researcher(ctx context.Context, who api.Account) (*Researcher, error) {
	answer, err := c.researcherRecord(ctx, who)
	if err != nil {
		return nil, fmt.Errorf("look up the reader: %w", err)
	}
	s, err := c.stewards(ctx)
	if err != nil {
		return nil, fmt.Errorf("look up the reader: %w", err)
	}
	r, err := c.vet(who, answer, s, c.time().Unix())
	if err != nil {
		return nil, fmt.Errorf("look up the reader: %w", err)
	}
	r.Silent = answer.Silent
	return r, nil
}

// researcherRecord is the vault's word for a reader.
func (c *Client) researcherRecord(ctx context.Context, who api.Account) (r api.Researcher, err error) {
	err = c.get(ctx, "/v1/researchers/"+url.PathEscape(string(who)), &r)
	return r, err
}

// Researchers lists the readers who are accredited now. Who is not, is left out;
// that somebody is missing cannot be noticed.
func (c *Client) Researchers(ctx context.Context) ([]*Researcher, error) {
	var all []api.Researcher
	err := pages(ctx, c, "/v1/researchers", func(page api.Researchers) int {
		all = append(all, page.Researchers...)
		return len(page.Researchers)
	})
	if err != nil {
		return nil, fmt.Errorf("list the readers: %w", err)
	}
	s, err := c.stewards(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the readers: %w", err)
	}
	var out []*Researcher
	for _, r := range all {
		key, err := c.foreign(r.Key)
		if err != nil {
			return nil, fmt.Errorf("list the readers: %w", ErrRecipientSwapped)
		}
		v, err := c.vet(key.Issuer, r, s, c.time().Unix())
		if isUnvetted(err) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("list the readers: %w", err)
		}
		out = append(out, v)
	}
	return out, nil
}
