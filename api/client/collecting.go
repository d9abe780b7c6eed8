package client

import (
	"context"
	"fmt"

	"github.com/relatingfield/vault/api"
)

// AddForm hands out a form to the phones of a collection, by the code of its tray,
// as a program of the partner. One with the same id of its own is withdrawn.
func (c *Client) AddForm(ctx context.Context, tray string, document []byte) (*api.Form, error) {
	out := new(api.Form)
	if err := c.post(ctx, "/v1/forms", api.NewForm{Tray: tray, Document: document}, out); err != nil {
		return nil, fmt.Errorf("hand out a form: %w", err)
	}
	return out, nil
}

// Forms lists the forms of the program's partner.
func (c *Client) Forms(ctx context.Context) (out []api.Form, err error) {
	err = pages(ctx, c, "/v1/forms", func(page api.Forms) int {
		out = append(out, page.Forms...)
		return len(page.Forms)
	})
	if err != nil {
		return nil, fmt.Errorf("list forms: %w", err)
	}
	return out, nil
}

// WithdrawForm stops handing out a form. Phones that have it can still send it.
func (c *Client) WithdrawForm(ctx context.Context, form api.ID) error {
	if err := c.post(ctx, "/v1/forms/"+string(form)+"/withdrawal", api.Empty{}, new(api.WithdrawnForm)); err != nil {
		return fmt.Errorf("withdraw a form: %w", err)
	}
	return nil
}

// AddCollector lets one more phone send forms to a collection, until a day, or as long
// as may be for 0. Its address is told once: whoever has it can send, and nothing else.
func (c *Client) AddCollector(ctx context.Context, tray string, until int64) (*api.IssuedCollector, error) {
	out := new(api.IssuedCollector)
	if err := c.post(ctx, "/v1/collectors", api.NewCollector{Tray: tray, Until: until}, out); err != nil {
		return nil, fmt.Errorf("add a collector: %w", err)
	}
	return out, nil
}

// RotateCollector gives a phone a new address. The one before is good for some days
// more.
func (c *Client) RotateCollector(ctx context.Context, collector api.ID, until int64) (*api.IssuedCollector, error) {
	out := new(api.IssuedCollector)
	if err := c.post(ctx, "/v1/collectors/"+string(collector)+"/rotation", api.Rotation{Until: until}, out); err != nil {
		return nil, fmt.Errorf("give a collector a new address: %w", err)
	}
	return out, nil
}

// RevokeCollector ends a phone's address at once.
func (c *Client) RevokeCollector(ctx context.Context, collector api.ID) error {
	if err := c.post(ctx, "/v1/collectors/"+string(collector)+"/revocation", api.Empty{}, new(api.RevokedCollector)); err != nil {
		return fmt.Errorf("revoke a collector: %w", err)
	}
	return nil
}

// Collectors lists the phones of the program's partner.
func (c *Client) Collectors(ctx context.Context) (out []api.Collector, err error) {
	err = pages(ctx, c, "/v1/collectors", func(page api.Collectors) int {
		out = append(out, page.Collectors...)
		return len(page.Collectors)
	})
	if err != nil {
		return nil, fmt.Errorf("list collectors: %w", err)
	}
	return out, nil
}
