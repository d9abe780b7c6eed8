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
	_, err := c.sayOne(ctx, pathOf(t)+"/erasure", one(func(h *history) (statement.Body, error) {
		if _, err := h.state(t); err != nil {
			return nil, err
		}
		sum := statement.ErasedHash(h.chain.About(t))
		return statement.Erase{Testimony: t, StatementsSHA256: b64(sum[:])}, nil
	}))
	if err != nil {
		return fmt.Errorf("erase: %w", err)
	}
	return nil
}
