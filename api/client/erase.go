package client

import (
	"context"
	"fmt"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/statement"
)

// Erase destroys a testimony: headers, payloads, card, feed and the texts of the
// statements about it. It cannot be undone. What readers had fetched stays with
// them. Backups of the vault forget it in the time the vault states.
func (c *Client) Erase(ctx context.Context, t api.ID) error {
	_, err := c.EraseAndLook(ctx, t)
	return err
}

// EraseAndLook is Erase, and says whether sealed bytes still lie in a place that did
// not answer. Nothing serves or opens them; the vault deletes them when it can.
func (c *Client) EraseAndLook(ctx context.Context, t api.ID) (left bool, err error) {
	body := one(func(h *history) (statement.Body, error) {
		if _, err := h.state(t); err != nil {
			return nil, err
		}
		sum := statement.ErasedHash(h.chain.About(t))
		return statement.Erase{Testimony: t, StatementsSHA256: b64(sum[:])}, nil
	})
	_, err = c.sayWith(ctx, body, func(signed string, a *api.Accepted) error {
		var answer api.Erased
		err := c.post(ctx, pathOf(t)+"/erasure", api.Signed{Statement: signed}, &answer)
		*a, left = answer.Accepted, answer.Left
		return err
	})
	if err != nil {
		return false, fmt.Errorf("erase: %w", err)
	}
	return left, nil
}
