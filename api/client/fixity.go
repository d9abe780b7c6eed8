package client

import (
	"context"
	"errors"
	"fmt"
	"path"

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

// doubted has the vault look at what could not be had as it was signed for, and says
// whether to try once more. Where the vault says that the part is damaged, so does the
// error.
func (c *Client) doubted(ctx context.Context, from origin, err error) (again bool, _ error) {
	var broke lineBroke
	if err == nil || ctx.Err() != nil || !errors.Is(err, ErrPayloadSwapped) && !errors.As(err, &broke) && !isProblem(err, api.ProblemDamaged) {
		return false, err
	}
	state, e := c.check(ctx, path.Dir(from.path), 0)
	switch {
	case e != nil: // it changes nothing about what came
		return false, err
	case state == api.FixityDamaged:
		return false, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return state != api.FixityQueued, err
}

func (c *Client) check(ctx context.Context, part string, at int64) (api.FixityState, error) {
	var out api.Fixity
	if err := c.post(ctx, part+"/fixity", api.Doubt{At: at}, &out); err != nil {
		return "", fmt.Errorf("have the part checked: %w", err)
	}
	return out.State, nil
}
