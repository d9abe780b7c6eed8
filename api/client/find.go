package client

import (
	"context"
	"fmt"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/statement"
)

// GrantedOn finds the testimony of a grant that she once signed, revoked or not,
// by her own statements.
func (c *Client) GrantedOn(ctx context.Context, grant api.ID) (api.ID, error) {
	h, err := c.history(ctx)
	if err != nil {
		return "", err
	}
	for _, s := range h.chain.Statements {
		if body, ok := s.Body.(*statement.Grant); ok && s.ID == grant {
			return body.Testimony, nil
		}
	}
	return "", fmt.Errorf("grant %s: %w", grant, ErrNotFound)
}
