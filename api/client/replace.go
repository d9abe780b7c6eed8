package client

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/sharedkey"
	"github.com/relatingfield/vault/internal/statement"
)

// Moved is a grant that goes on under another policy.
type Moved struct{ Old, New api.ID }

// ReplacePolicy puts other trustees, or another silence, in the place of a policy
// and moves its grants there: a new shared key, a new grant over the same parts on
// the same terms for each that stands, and then the end of the old one. Payloads
// are not touched; the shares of the old policy open nothing that the vault still
// has.
//
// It may be interrupted anywhere and called again with the same terms: what was
// done is found by her own statements and not done twice. In between, a grant may
// stand under both policies, never under none. Readings so far are not carried
// over: the new grants count from none.
func (c *Client) ReplacePolicy(ctx context.Context, old api.ID, p PolicyTerms) (*Policy, []Moved, error) {
	made, moved, err := c.replacePolicy(ctx, old, p)
	if err != nil {
		return nil, moved, fmt.Errorf("replace a policy: %w", err)
	}
	return made, moved, nil
}

func (c *Client) replacePolicy(ctx context.Context, old api.ID, p PolicyTerms) (*Policy, []Moved, error) {
	made, err := c.successor(ctx, old, p)
	if err != nil {
		return nil, nil, err
	}
	h, err := c.history(ctx)
	if err != nil {
		return made, nil, err
	}
	state, err := h.state(p.Testimony)
	if err != nil {
		return made, nil, err
	}
	var moved []Moved
	for _, g := range slices.Sorted(maps.Keys(state.Grants)) {
		st := state.Grants[g]
		if st.Revoked || st.Grant.Conditions.Policy != old || c.time().Unix() >= st.Terms.Until {
			continue
		}
		next, err := c.move(ctx, p.Testimony, st, made.ID)
		if err != nil {
			return made, moved, fmt.Errorf("grant %s: %w", g, err)
		}
		if _, err := c.Revoke(ctx, p.Testimony, g); err != nil {
			return made, moved, err
		}
		moved = append(moved, Moved{g, next})
	}
	return made, moved, nil
}

// successor is the policy that an interrupted call has made already, or a new one.
func (c *Client) successor(ctx context.Context, old api.ID, p PolicyTerms) (*Policy, error) {
	h, err := c.refresh(ctx)
	if err != nil {
		return nil, err
	}
	state, err := h.state(p.Testimony)
	if err != nil {
		return nil, err
	}
	if state.Policies[old] == nil {
		return nil, fmt.Errorf("policy %s: %w", old, ErrNotFound)
	}
	if state.Policies[old].Grantee != p.To {
		return nil, refused("the policy is for another reader: grants cannot be moved from one to another")
	}
	people, err := c.trustees(ctx, p)
	if err != nil {
		return nil, err
	}
	behind := false
	for _, s := range h.chain.Statements {
		if body, ok := s.Body.(*statement.Policy); ok && behind && same(body, p, people) {
			found, err := c.policy(ctx, p.Testimony, s.ID)
			return &found, err
		}
		behind = behind || s.ID == old
	}
	return c.setPolicy(ctx, p)
}

// same says whether a policy of hers is one on these terms.
func same(body *statement.Policy, p PolicyTerms, people []known) bool {
	entrusted := func(s statement.Share, k known) bool {
		return s.Account == k.account && s.RecipientSHA256 == sharedkey.Digest([]byte(k.recipient))
	}
	return body.Testimony == p.Testimony && body.Grantee == p.To && body.Threshold == int64(p.Threshold) &&
		body.Silence == int64(p.Silence)*statement.Day && body.Wait == int64(p.Wait)*statement.Day && slices.EqualFunc(body.Trustees, people, entrusted)
}

// move makes the grant that follows one, unless it is there already.
func (c *Client) move(ctx context.Context, t api.ID, st *statement.GrantState, policy api.ID) (api.ID, error) {
	h, err := c.history(ctx)
	if err != nil {
		return "", err
	}
	state, err := h.state(t)
	if err != nil {
		return "", err
	}
	parts := slices.Sorted(maps.Keys(st.Parts))
	for id, g := range state.Grants {
		if !g.Revoked && g.Grant.Conditions.Policy == policy && g.Terms.Equal(st.Terms) && slices.Equal(slices.Sorted(maps.Keys(g.Parts)), parts) {
			return id, nil
		}
	}
	g, err := c.grant(ctx, Offer{Testimony: t, Parts: parts, To: st.Grant.Grantee, Terms: st.Terms, Policy: policy})
	if err != nil {
		return "", err
	}
	return g.ID, nil
}
