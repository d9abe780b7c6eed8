package client

import (
	"context"
	"fmt"

	"github.com/relatingfield/vault/api"
)

// CheckOwn has the vault look at one of her own parts, of which something else came
// than she signed for, or not all. at is the byte of the payload where that was
// noticed, 0 for all of it. What the vault answers is its word and proves nothing; with
// FixityHealed and FixityIntact it is worth fetching the part again.
func (c *Client) CheckOwn(ctx context.Context, t api.ID, n, at int64) (api.FixityState, error) {
	return c.check(ctx, partPath(t, n), at)
}

// CheckGranted is CheckOwn for a part that the caller was granted. It is no opening.
func (c *Client) CheckGranted(ctx context.Context, grant api.ID, n, at int64) (api.FixityState, error) {
	return c.check(ctx, fmt.Sprintf("/v1/inbox/%s/parts/%d", grant, n), at)
}

func (c *Client) check(ctx context.Context, part string, at int64) (api.FixityState, error) {
	var out api.Fixity
	if err := c.post(ctx, part+"/fixity", api.Doubt{At: at}, &out); err != nil {
		return "", fmt.Errorf("have the part checked: %w", err)
	}
	return out.State, nil
}
