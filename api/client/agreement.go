package client

import (
	"context"
	"fmt"
	"slices"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/statement"
)

// Agreement is what stewards sign with a partner organisation.
type Agreement struct {
	Partner  api.ID
	Name     string        // of the organisation
	Officers []api.Account // accounts of role partner, at least two, in any order
	Scopes   []api.Scope   // in any order
	From     int64         // Unix seconds
	Until    int64         // Unix seconds; excluded
}

// AgreeWith signs an agreement with a partner. Others sign the very same one; it says
// how it stands then.
func (c *Client) AgreeWith(ctx context.Context, a Agreement) (*api.Agreement, error) {
	body := statement.Agree{Partner: a.Partner, Name: a.Name, Officers: sorted(a.Officers), Scopes: sorted(a.Scopes), From: a.From, Until: a.Until}
	answer := new(api.Agreement)
	return answer, c.speak(ctx, "agree", "/v1/agreements", body, answer, &answer.Accepted)
}

// Halt ends an agreement, at once and for good. One steward is enough.
func (c *Client) Halt(ctx context.Context, partner api.ID, agreement api.Hash) (*api.Agreement, error) {
	answer := new(api.Agreement)
	return answer, c.speak(ctx, "halt", "/v1/halts", statement.Halt{Partner: partner, Agreement: agreement.String()}, answer, &answer.Accepted)
}

// HaltPartner ends every agreement of a partner that is not over, those that are to
// begin later included, and says how many there were. The one that counts comes first.
func (c *Client) HaltPartner(ctx context.Context, partner api.ID) (int, error) {
	all, err := c.PartnerOf(ctx, partner)
	if err != nil {
		return 0, err
	}
	now := c.time().Unix()
	slices.SortStableFunc(all, func(a, b *Organisation) int { return order(a, now) - order(b, now) })
	n := 0
	for _, o := range all {
		if o.Halted || now >= o.Until {
			continue
		}
		if _, err := c.Halt(ctx, partner, o.Hash); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

func order(o *Organisation, now int64) int {
	if o.Live(now) {
		return 0
	}
	return 1
}

// Registration is what officers sign for a key of one of their programs.
type Registration struct {
	Partner api.ID
	Client  api.ID
	JWK     api.JWK
	Scopes  []api.Scope // in any order
	From    int64       // Unix seconds
	Until   int64       // Unix seconds; excluded
}

// Register signs for a program's key. A second officer signs the very same; it says
// how it stands then.
func (c *Client) Register(ctx context.Context, r Registration) (*api.Registration, error) {
	body := statement.Client{Partner: r.Partner, Client: r.Client, JWK: r.JWK, Scopes: sorted(r.Scopes), From: r.From, Until: r.Until}
	answer := new(api.Registration)
	return answer, c.speak(ctx, "register a key", "/v1/clients", body, answer, &answer.Accepted)
}

// Retire ends a key of a program, at once and for good. One officer is enough.
func (c *Client) Retire(ctx context.Context, partner, client api.ID, key api.Account) error {
	answer := new(api.Accepted)
	return c.speak(ctx, "retire a key", "/v1/retirements", statement.Retire{Partner: partner, Client: client, Key: key}, answer, answer)
}

// speak signs one statement and sends it; answer is what comes back, and accepted
// the part of it that proves it.
func (c *Client) speak(ctx context.Context, what, path string, body statement.Body, answer any, accepted *api.Accepted) error {
	_, err := c.sayWith(ctx, one(func(*history) (statement.Body, error) { return body, nil }), func(signed string, a *api.Accepted) error {
		err := c.post(ctx, path, api.Signed{Statement: signed}, answer)
		*a = *accepted
		return err
	})
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

func sorted[T ~string](list []T) []T {
	return slices.Compact(slices.Sorted(slices.Values(list)))
}
