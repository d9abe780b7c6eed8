package client

import (
	"context"
	"fmt"
	"net/http"

	"github.com/relatingfield/vault/api"
)

// hookPath is where an endpoint of the program's partner stands.
func hookPath(webhook api.ID) string { return "/v1/webhooks/" + string(webhook) }

// Webhooks lists the endpoints of the program's partner.
func (c *Client) Webhooks(ctx context.Context) ([]api.Webhook, error) {
	var out api.Webhooks
	if err := c.get(ctx, "/v1/webhooks", &out); err != nil {
		return nil, fmt.Errorf("list webhooks: %w", err)
	}
	return out.Webhooks, nil
}

// Webhook finds one of them, with the keys that receivers need.
func (c *Client) Webhook(ctx context.Context, webhook api.ID) (*api.Webhook, error) {
	out := new(api.Webhook)
	if err := c.get(ctx, hookPath(webhook), out); err != nil {
		return nil, fmt.Errorf("find webhook: %w", err)
	}
	return out, nil
}

// CreateWebhook names an endpoint.
func (c *Client) CreateWebhook(ctx context.Context, w api.WebhookWish) (*api.Webhook, error) {
	var made api.WebhookMade
	if err := c.post(ctx, "/v1/webhooks", w, &made); err != nil {
		return nil, fmt.Errorf("name webhook: %w", err)
	}
	return c.Webhook(ctx, made.Webhook)
}

// ChangeWebhook replaces all that was said of an endpoint. One that was gone is on
// again, unless it is to be off.
func (c *Client) ChangeWebhook(ctx context.Context, webhook api.ID, w api.WebhookWish) (*api.Webhook, error) {
	out := new(api.Webhook)
	r := call{method: http.MethodPut, path: hookPath(webhook), body: w, signed: true, repeat: true}
	if err := c.json(ctx, r, out); err != nil {
		return nil, fmt.Errorf("change webhook: %w", err)
	}
	return out, nil
}

// DeleteWebhook ends an endpoint, and forgets what waited for it.
func (c *Client) DeleteWebhook(ctx context.Context, webhook api.ID) error {
	if _, err := c.answer(ctx, call{method: http.MethodDelete, path: hookPath(webhook), signed: true}); err != nil {
		return fmt.Errorf("delete webhook: %w", err)
	}
	return nil
}

// RotateWebhook gives an endpoint new keys. The old ones sign beside them for a while,
// or no more with atOnce.
func (c *Client) RotateWebhook(ctx context.Context, webhook api.ID, atOnce bool) (*api.Webhook, error) {
	var made api.WebhookMade
	if err := c.post(ctx, hookPath(webhook)+"/rotations", api.WebhookRotation{AtOnce: atOnce}, &made); err != nil {
		return nil, fmt.Errorf("rotate the keys of a webhook: %w", err)
	}
	return c.Webhook(ctx, made.Webhook)
}

// TestWebhook has an event of type endpoint.test sent, and gives its webhook-id.
func (c *Client) TestWebhook(ctx context.Context, webhook api.ID) (api.ID, error) {
	var out api.WebhookTest
	if err := c.post(ctx, hookPath(webhook)+"/tests", api.Empty{}, &out); err != nil {
		return "", fmt.Errorf("test webhook: %w", err)
	}
	return out.Event, nil
}

// ReplayWebhook has events sent again: one, or those that are dead since a day. It
// tells how many.
func (c *Client) ReplayWebhook(ctx context.Context, webhook api.ID, what api.WebhookReplay) (int64, error) {
	var out api.WebhookReplayed
	if err := c.post(ctx, hookPath(webhook)+"/replays", what, &out); err != nil {
		return 0, fmt.Errorf("send webhooks again: %w", err)
	}
	return out.Count, nil
}

// WebhookDeliveries lists how events fare at an endpoint, the newest day first.
func (c *Client) WebhookDeliveries(ctx context.Context, webhook api.ID) (all []api.WebhookDelivery, err error) {
	err = pages(ctx, c, hookPath(webhook)+"/deliveries", func(page api.WebhookDeliveries) int {
		all = append(all, page.Deliveries...)
		return len(page.Deliveries)
	})
	if err != nil {
		return nil, fmt.Errorf("list deliveries: %w", err)
	}
	return all, nil
}

// OverdueWithdrawals lists, for a steward, the partners that have not acknowledged the
// end of a consent in time. It is the vault's word.
func (c *Client) OverdueWithdrawals(ctx context.Context) (all []api.LatePartner, err error) {
	err = pages(ctx, c, "/v1/overdue-withdrawals", func(page api.OverdueWithdrawals) int {
		all = append(all, page.Partners...)
		return len(page.Partners)
	})
	if err != nil {
		return nil, fmt.Errorf("list overdue withdrawals: %w", err)
	}
	return all, nil
}

// OwedWithdrawals lists what the program's partner has to acknowledge, the oldest first.
func (c *Client) OwedWithdrawals(ctx context.Context) (all []api.OwedWithdrawal, err error) {
	err = pages(ctx, c, "/v1/owed-withdrawals", func(page api.OwedWithdrawals) int {
		all = append(all, page.Withdrawals...)
		return len(page.Withdrawals)
	})
	if err != nil {
		return nil, fmt.Errorf("list withdrawals: %w", err)
	}
	return all, nil
}
