package client

import (
	"context"
	"fmt"
	"slices"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/statement"
)

// GrantDetail is a grant by her own word, with its state and openings by the
// vault's.
type GrantDetail struct {
	ID       api.ID
	Grantee  api.Account
	Parts    []int64   // by number
	Terms    api.Terms // in force
	Revoked  bool
	State    api.GrantState
	Consent  api.Consent       // as the vault records it
	Asked    *Request          // what the reader asks her now, nil if nothing
	Answered *statement.Answer // her newest answer since she gave or renewed it, nil if there is none
	Heard    string            // one of statement.Hearings: the reader's signed word that she was heard, empty while there is none
	Openings []api.Opening     // oldest first
	Closures []Closure         // what has ended of it, and how the reader answers
}

// Grants lists the grants on a testimony, oldest first. A grant that the vault
// lists and she never signed is an ErrPlanted, one that it leaves out an
// ErrWithheld, one that she revoked and the vault calls live an ErrRevoked, and one
// whose newest terms the vault does not keep an ErrTermsOld.
func (c *Client) Grants(ctx context.Context, t api.ID) ([]GrantDetail, error) {
	var out []GrantDetail
	err := c.surely(ctx, func(h *history) error {
		state, err := h.state(t)
		if err != nil {
			return err
		}
		out, err = c.grants(ctx, t, state)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list the grants: %w", err)
	}
	return out, nil
}

func (c *Client) grants(ctx context.Context, t api.ID, state *statement.State) ([]GrantDetail, error) {
	var claimed []api.Granted
	err := pages(ctx, c, pathOf(t)+"/grants", func(page api.Grants) int {
		claimed = append(claimed, page.Grants...)
		return len(page.Grants)
	})
	if err != nil {
		return nil, err
	}
	listed := map[api.ID]bool{}
	var out []GrantDetail
	for _, g := range claimed {
		hers := state.Grants[g.Grant]
		if hers == nil || listed[g.Grant] {
			return nil, fmt.Errorf("grant %s: %w", g.Grant, ErrPlanted)
		}
		if hers.Revoked && g.State != api.GrantRevoked {
			return nil, fmt.Errorf("grant %s: %w", g.Grant, ErrRevoked)
		}
		listed[g.Grant] = true
		d, err := c.grantDetail(g, hers)
		if err != nil {
			return nil, fmt.Errorf("grant %s: %w", g.Grant, err)
		}
		out = append(out, d)
	}
	for grant := range state.Grants {
		if !listed[grant] {
			return nil, fmt.Errorf("grant %s: %w", grant, ErrWithheld)
		}
	}
	return out, nil
}

func (c *Client) grantDetail(g api.Granted, hers *statement.GrantState) (d GrantDetail, err error) {
	if err := c.checkInForce(g, hers); err != nil {
		return d, err
	}
	d = GrantDetail{ID: g.Grant, Grantee: hers.Grant.Grantee, Terms: hers.Terms, Revoked: hers.Revoked, State: g.State, Consent: g.Consent,
		Answered: hers.Answered, Openings: g.Openings}
	if d.Asked, err = c.asked(g.Grant, g.Ask, hers); err != nil {
		return d, err
	}
	if d.Heard, err = c.heard(g.Heard, g.Grant, hers.Grant.Grantee); err != nil {
		return d, err
	}
	for n := range hers.Parts {
		d.Parts = append(d.Parts, n)
	}
	slices.Sort(d.Parts)
	for _, a := range g.Closures {
		one, err := c.closure(a, g.Grant, hers.Grant.Grantee)
		if err != nil {
			return d, err
		}
		d.Closures = append(d.Closures, one)
	}
	return d, nil
}
