package client

import (
	"context"
	"fmt"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/statement"
)

// CheckIn says that she is there. Every other act of hers says so as well. When it
// returns, nothing is given out any more on the strength of her silence; what was
// given out before stands in the feed.
func (c *Client) CheckIn(ctx context.Context) error {
	_, err := c.sayOne(ctx, "/v1/checkins", one(func(*history) (statement.Body, error) { return statement.CheckIn{}, nil }))
	if err != nil {
		return fmt.Errorf("check in: %w", err)
	}
	return nil
}

// Silences are her policies whose silence has lasted long enough to be noticed, by
// the vault's word: show them at every sign-in, with what follows if she does
// nothing. Any act of hers ends them; CheckIn is one that does nothing else.
func (c *Client) Silences(ctx context.Context) ([]api.SilenceNotice, error) {
	var answer api.Standing
	if err := c.get(ctx, "/v1/account", &answer); err != nil {
		return nil, fmt.Errorf("look for notices: %w", err)
	}
	return answer.Silences, nil
}
