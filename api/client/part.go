package client

import (
	"context"
	"errors"
	"fmt"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/statement"
)

// AddPart seals one more part to its owner and stores it. It gives the part's
// number. A label, and the link to the part it was made from, go into the card in
// a statement of their own. What it was made from must be there and hers.
func (c *Client) AddPart(ctx context.Context, t api.ID, content Content) (int64, error) {
	n, err := c.addPart(ctx, t, content, nil)
	if err != nil {
		return 0, fmt.Errorf("add a part: %w", err)
	}
	if err := c.describe(ctx, t, n, content); err != nil {
		return n, fmt.Errorf("the part is stored as number %d, but neither its label nor its link to another part: %w", n, err)
	}
	return n, nil
}

// nextPart is the number behind every one her statements ever used.
func (h *history) nextPart(t api.ID) int64 {
	last := int64(0)
	for _, s := range h.chain.Statements {
		switch b := s.Body.(type) {
		case *statement.Add:
			last = higher(last, b.Testimony == t, b.N)
		case *statement.Begin:
			last = higher(last, b.Testimony == t, b.N)
		case *statement.Received:
			last = higher(last, b.Testimony == t, b.N)
		case *statement.Adopt: // of what somebody else brought
			last = higher(last, b.Testimony == t, b.N)
		}
	}
	return last + 1
}

func higher(last int64, counts bool, n int64) int64 {
	if counts {
		return max(last, n)
	}
	return last
}

// addPart adds a part. survey is what is known of the content, nil for nothing.
func (c *Client) addPart(ctx context.Context, t api.ID, content Content, survey *envelope.Survey) (int64, error) {
	size, err := content.payloadSize()
	if err != nil {
		return 0, err
	}
	v, err := c.vaultInfo(ctx)
	if err != nil {
		return 0, err
	}
	if size <= v.Limits.InlinePayload {
		return c.addSmall(ctx, t, content)
	}
	return c.addLarge(ctx, t, content, size, survey)
}

// addSmall numbers the part when it signs for it, not before: another device may
// be adding one too.
func (c *Client) addSmall(ctx context.Context, t api.ID, content Content) (n int64, err error) {
	p, err := c.sealSmall(content)
	if err != nil {
		return 0, err
	}
	_, err = c.sayWith(ctx, one(func(h *history) (statement.Body, error) {
		n, err = nextFor(t, content)(h)
		return addOf(t, n, p.binding), err
	}), func(signed string, a *api.Accepted) error {
		return c.post(ctx, pathOf(t)+"/parts", api.NewPart{Statement: signed, Header: p.header, Payload: p.payload}, a)
	})
	return n, err
}

// addLarge begins, uploads and signs for a part. The content is read once before,
// for its nonce.
func (c *Client) addLarge(ctx context.Context, t api.ID, content Content, size int64, survey *envelope.Survey) (n int64, err error) {
	if survey == nil {
		if survey, err = content.survey(ctx); err != nil {
			return 0, err
		}
	}
	up, err := c.upload(ctx, slot{t, size, nextFor(t, content), content.Watch}, content.source(survey))
	if err != nil {
		return 0, err
	}
	return up.n, c.sayAdded(ctx, t, up)
}

// sayAdded makes what was uploaded a part of hers.
func (c *Client) sayAdded(ctx context.Context, t api.ID, up uploaded) error {
	up.lock.key.Wipe()
	_, err := c.sayOne(ctx, partPath(t, up.n)+"/add", one(func(h *history) (statement.Body, error) {
		return addOf(t, up.n, up.Binding), h.free(t, up.n)
	}))
	return err
}

// free fails when the number of a part is taken.
func (h *history) free(t api.ID, n int64) error {
	state, err := h.state(t)
	if err != nil {
		return err
	}
	if _, taken := state.Parts[n]; taken {
		return errors.New("another device of yours has used the part's number: add it once more")
	}
	return nil
}
