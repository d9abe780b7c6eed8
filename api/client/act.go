package client

import (
	"context"
	"errors"
	"fmt"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/statement"
)

// maxConflicts bounds how often an act is made anew because another device of
// hers was faster.
const maxConflicts = 4

// plan looks at her history and says what to sign. It runs again when the
// history has moved, so its checks always concern what is then signed.
type plan func(h *history) ([]statement.Body, error)

// say signs what plan asks for and sends it. The statements count as made only
// when each has a receipt. One act at a time: statements form a chain.
func (c *Client) say(ctx context.Context, p plan, send func(signed []string) ([]api.Accepted, error)) ([]*statement.Statement, error) {
	c.acting.Lock()
	defer c.acting.Unlock()
	// Before anything is signed: a statement for this vault is not for another.
	if _, err := c.vaultInfo(ctx); err != nil {
		return nil, err
	}
	for range maxConflicts {
		h, bodies, err := c.prepare(ctx, p)
		if err != nil {
			return nil, err
		}
		signed, err := c.sayOnce(ctx, h, bodies, send)
		var problem *api.Problem
		if !errors.As(err, &problem) || problem.Name() != api.ProblemChainConflict {
			return signed, err
		}
		if err := c.catchUp(ctx, h); err != nil {
			return nil, err
		}
	}
	return nil, fmt.Errorf("%w: your chain keeps moving; is another device of yours busy?", ErrUnavailable)
}

// prepare runs the plan on the history at hand. If that fails, the history may be
// what is wrong: another device of hers may have acted since. So it is read anew
// before anybody is accused.
func (c *Client) prepare(ctx context.Context, p plan) (*history, []statement.Body, error) {
	h, err := c.history(ctx)
	if err != nil {
		return nil, nil, err
	}
	bodies, err := p(h)
	if err == nil {
		return h, bodies, nil
	}
	now, refreshErr := c.refresh(ctx)
	if refreshErr != nil || now.head() == h.head() {
		return nil, nil, errors.Join(err, refreshErr)
	}
	bodies, err = p(now)
	return now, bodies, err
}

// catchUp reads on after the vault said that the chain has moved. A vault that
// says so and shows nothing new wants a second statement for the same place.
func (c *Client) catchUp(ctx context.Context, h *history) error {
	c.forget()
	now, err := c.history(ctx)
	if err != nil {
		return err
	}
	if now.head() == h.head() {
		return fmt.Errorf("%w: the vault says that it has moved and does not show how", ErrChain)
	}
	return nil
}

func (c *Client) sayOnce(ctx context.Context, h *history, bodies []statement.Body, send func([]string) ([]api.Accepted, error)) ([]*statement.Statement, error) {
	signed, err := c.sign(h, bodies)
	if err != nil {
		return nil, err
	}
	texts := make([]string, len(signed))
	for i, s := range signed {
		texts[i] = s.Compact()
	}
	// Until the answer has been checked nobody here knows whether the chain moved.
	c.forget()
	accepted, err := send(texts)
	if err != nil {
		return nil, err
	}
	if len(accepted) != len(signed) {
		return nil, fmt.Errorf("%w: %d statements, %d answers", ErrReceipt, len(signed), len(accepted))
	}
	for i, s := range signed {
		if err := c.receipted(ctx, s, accepted[i]); err != nil {
			return nil, err
		}
	}
	return signed, c.advance(h, signed)
}

// sign makes the statements that follow h, in order.
func (c *Client) sign(h *history, bodies []statement.Body) ([]*statement.Statement, error) {
	if err := c.checkClock(h); err != nil {
		return nil, err
	}
	signer := &statement.Signer{Key: c.keys, Vault: c.vault.String(), Rand: c.rand, Now: c.time}
	head := h.chain.Head
	var out []*statement.Statement
	for _, b := range bodies {
		s, next, err := signer.Sign(head, b)
		if err != nil {
			return nil, err
		}
		out, head = append(out, s), next
	}
	return out, nil
}

// checkClock refuses to date a statement before its predecessor.
func (c *Client) checkClock(h *history) error {
	if n := len(h.chain.Statements); n > 0 && c.time().Unix() < h.chain.Statements[n-1].IssuedAt {
		return ErrClock
	}
	return nil
}

// advance makes the history that accepted statements lead to. The old one stays
// as it is: somebody may be reading it.
func (c *Client) advance(h *history, signed []*statement.Statement) error {
	chain := *h.chain
	for _, s := range signed {
		if err := chain.Append(s); err != nil {
			return fmt.Errorf("%w: %w", ErrChain, err)
		}
	}
	book, err := chain.Book()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrChain, err)
	}
	_, err = c.remember(&history{&chain, book}, h.head())
	return err
}

// sayOne is say for one statement whose request is nothing else.
func (c *Client) sayOne(ctx context.Context, path string, p plan) (*statement.Statement, error) {
	return c.sayWith(ctx, p, func(signed string, a *api.Accepted) error {
		return c.post(ctx, path, api.Signed{Statement: signed}, a)
	})
}

// sayWith is say for one statement in a request of its own shape.
func (c *Client) sayWith(ctx context.Context, p plan, send func(signed string, a *api.Accepted) error) (*statement.Statement, error) {
	signed, err := c.say(ctx, p, func(texts []string) ([]api.Accepted, error) {
		if len(texts) != 1 {
			return nil, fmt.Errorf("%d statements in a request for one", len(texts))
		}
		a := make([]api.Accepted, 1)
		return a, send(texts[0], &a[0])
	})
	if err != nil {
		return nil, err
	}
	return signed[0], nil
}

// one makes a plan that signs one body.
func one(body func(h *history) (statement.Body, error)) plan {
	return func(h *history) ([]statement.Body, error) {
		if err := h.enrolled(); err != nil {
			return nil, err
		}
		b, err := body(h)
		return []statement.Body{b}, err
	}
}
