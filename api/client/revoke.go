package client

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/statement"
)

// Revoke ends a grant. When it returns, the vault serves not one more byte under
// it; what had been fetched before cannot be called back, and the answer lists
// it (by the vault's word, which it has signed: see Withdrawn for the receipt).
// Revoking a second time says what the first did.
func (c *Client) Revoke(ctx context.Context, t api.ID, grant api.ID) ([]api.Opening, error) {
	var answer api.Revoked
	p := one(func(h *history) (statement.Body, error) {
		state, err := h.state(t)
		if err != nil {
			return nil, err
		}
		if state.Grants[grant] == nil {
			return nil, fmt.Errorf("grant %s: %w", grant, ErrNotFound)
		}
		if state.Grants[grant].Revoked {
			return nil, errRevokedBefore
		}
		return statement.Revoke{Testimony: t, Grant: grant}, nil
	})
	s, err := c.sayWith(ctx, p, func(signed string, a *api.Accepted) error {
		err := c.post(ctx, pathOf(t)+"/revocations", api.Signed{Statement: signed}, &answer)
		*a = answer.Accepted
		return err
	})
	if errors.Is(err, errRevokedBefore) {
		return c.fetchedUnder(ctx, t, grant)
	}
	if err != nil {
		return nil, fmt.Errorf("revoke: %w", err)
	}
	if err := c.provesEnd(ctx, s, grant, answer); err != nil {
		return nil, fmt.Errorf("revoke: %w", err)
	}
	return answer.Fetched, nil
}

// provesEnd holds the vault's signed word for the end of a grant against her
// statement and against what the vault says beside it.
func (c *Client) provesEnd(ctx context.Context, s *statement.Statement, grant api.ID, answer api.Revoked) error {
	r, err := c.revocation(ctx, answer.Revocation)
	if err != nil {
		return err
	}
	h, err := c.history(ctx)
	if err != nil {
		return err
	}
	ended, err := h.endsAt(s.Seq)
	if err != nil {
		return err
	}
	if err := ended[grant].proves(r); err != nil {
		return err
	}
	same := slices.EqualFunc(r.Fetched, answer.Fetched, func(a statement.Delivered, b api.Opening) bool { return api.Opening(a) == b })
	if !same {
		return fmt.Errorf("%w: it says that something else had been fetched", ErrRevocation)
	}
	return nil
}

// errRevokedBefore stays inside Revoke.
var errRevokedBefore = errors.New("revoked before")

// fetchedUnder is what was opened under a grant that is over. That the vault
// calls it revoked too is checked by Grants.
func (c *Client) fetchedUnder(ctx context.Context, t, grant api.ID) ([]api.Opening, error) {
	list, err := c.Grants(ctx, t)
	if err != nil {
		return nil, fmt.Errorf("revoke: %w", err)
	}
	for _, g := range list {
		if g.ID == grant {
			return g.Openings, nil
		}
	}
	return nil, fmt.Errorf("revoke: grant %s: %w", grant, ErrNotFound)
}
