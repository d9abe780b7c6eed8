package client

import (
	"context"
	"errors"
	"fmt"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/statement"
)

// AddPart seals one more part to its owner and stores it. It gives the part's
// number. A label goes into the card in a statement of its own.
func (c *Client) AddPart(ctx context.Context, t api.ID, content Content) (n int64, err error) {
	for range maxConflicts {
		if n, err = c.addNext(ctx, t, content); !errors.Is(err, errTaken) {
			break
		}
	}
	if err != nil {
		return 0, fmt.Errorf("add a part: %w", err)
	}
	if content.Label == "" {
		return n, nil
	}
	if err := c.label(ctx, t, n, content.Label); err != nil {
		return n, fmt.Errorf("the part is stored as number %d, but not its label: %w", n, err)
	}
	return n, nil
}

// errTaken says that another device has just used a part's number.
var errTaken = errors.New("another device of yours has just added a part")

func (c *Client) addNext(ctx context.Context, t api.ID, content Content) (int64, error) {
	h, err := c.history(ctx)
	if err != nil {
		return 0, err
	}
	n := h.nextPart(t)
	return n, c.addPart(ctx, t, n, content)
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

func (c *Client) addPart(ctx context.Context, t api.ID, n int64, content Content) error {
	size, err := content.payloadSize()
	if err != nil {
		return err
	}
	v, err := c.vaultInfo(ctx)
	if err != nil {
		return err
	}
	if size <= v.Limits.InlinePayload {
		return c.addSmall(ctx, t, n, content)
	}
	return c.addLarge(ctx, t, n, content, size)
}

func (c *Client) addSmall(ctx context.Context, t api.ID, n int64, content Content) error {
	p, err := c.sealSmall(n, content)
	if err != nil {
		return err
	}
	_, err = c.sayWith(ctx, adding(p.add(t)), func(signed string, a *api.Accepted) error {
		return c.post(ctx, pathOf(t)+"/parts", api.NewPart{Statement: signed, Header: p.header, Payload: p.payload}, a)
	})
	return err
}

// adding signs for a part that is not there yet.
func adding(body statement.Add) plan {
	return one(func(h *history) (statement.Body, error) { return body, h.free(body.Testimony, body.N) })
}

// free fails when the number of a part is taken.
func (h *history) free(t api.ID, n int64) error {
	state, err := h.state(t)
	if err != nil {
		return err
	}
	if _, taken := state.Parts[n]; taken || h.received(t, n) != nil {
		return errTaken
	}
	return nil
}

// addLarge begins, uploads and signs for a part. A broken upload is begun anew
// under a new key: the file may have changed in between, and one key must never
// seal two contents.
func (c *Client) addLarge(ctx context.Context, t api.ID, n int64, content Content, size int64) error {
	up, err := c.upload(ctx, slot{t, n, size, (*history).free}, content.container)
	if err != nil {
		return err
	}
	up.lock.key.Wipe()
	_, err = c.sayOne(ctx, partPath(t, n)+"/add", adding(addOf(t, n, up.Binding)))
	return err
}
