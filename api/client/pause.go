package client

import (
	"context"
	"fmt"
	"net/http"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/phrase"
	"github.com/relatingfield/vault/internal/statement"
)

// Pause stops all reading of a testimony, or of everything of hers when t is
// empty, until she lifts it. When it returns, the vault sends not one more byte of
// it to anybody. It asks for no reason, and pausing twice is pausing once.
func (c *Client) Pause(ctx context.Context, t api.ID) error {
	_, err := c.sayOne(ctx, "/v1/pauses", one(func(h *history) (statement.Body, error) {
		return statement.Pause{Testimony: t}, h.has(t)
	}))
	if err != nil {
		return fmt.Errorf("pause: %w", err)
	}
	return nil
}

// Lift ends a pause, however it came about: that of a testimony, or that of
// everything when t is empty. The other stays.
func (c *Client) Lift(ctx context.Context, t api.ID) error {
	_, err := c.sayOne(ctx, "/v1/lifts", one(func(h *history) (statement.Body, error) {
		return statement.Lift{Testimony: t}, h.has(t)
	}))
	if err != nil {
		return fmt.Errorf("lift: %w", err)
	}
	return nil
}

// has says whether a testimony is hers; empty is everything she has.
func (h *history) has(t api.ID) error {
	if t == "" {
		return nil
	}
	_, err := h.state(t)
	return err
}

// NewPauseCode makes a code by which a person she trusts can pause everything of
// hers, and do nothing else, and puts it in the place of the one before. It is
// known to nobody but who is given it: the vault gets its hash.
func (c *Client) NewPauseCode(ctx context.Context) (string, error) {
	code, err := phrase.NewCode(c.rand)
	if err != nil {
		return "", err
	}
	return code, c.setPauseCode(ctx, api.Hash(phrase.CodeSHA256(code)).String())
}

// EndPauseCode makes her code worthless.
func (c *Client) EndPauseCode(ctx context.Context) error { return c.setPauseCode(ctx, "") }

func (c *Client) setPauseCode(ctx context.Context, hash string) error {
	_, err := c.sayOne(ctx, "/v1/pause-codes", one(func(*history) (statement.Body, error) {
		return statement.PauseCode{CodeSHA256: hash}, nil
	}))
	if err != nil {
		return fmt.Errorf("set the pause code: %w", err)
	}
	return nil
}

// PauseByCode sends a code, as it was typed. It needs no keys. A slip of the pen is
// found by the check digit, here; whether the code is good nobody learns from it.
func (c *Client) PauseByCode(ctx context.Context, code string) error {
	if err := phrase.CheckCode(code); err != nil {
		return fmt.Errorf("pause by code: %w: %w", ErrRefused, err)
	}
	var heard api.Heard
	r := call{method: http.MethodPost, path: "/v1/pause", body: api.PauseByCode{Code: code}, repeat: true}
	if err := c.json(ctx, r, &heard); err != nil {
		return fmt.Errorf("pause by code: %w", err)
	}
	if !heard.Heard {
		return fmt.Errorf("pause by code: %w: it does not say that it heard", ErrNonsense)
	}
	return nil
}

// Standing is what holds for the account as a whole, by the vault's word. A pause
// or code that she signed and the vault does not show is an ErrWithheld.
func (c *Client) Standing(ctx context.Context) (*api.Standing, error) {
	out := new(api.Standing)
	err := c.surely(ctx, func(h *history) error {
		*out = api.Standing{}
		if err := c.get(ctx, "/v1/account", out); err != nil {
			return err
		}
		return h.checkStanding(out)
	})
	if err != nil {
		return nil, fmt.Errorf("look at the account: %w", err)
	}
	return out, nil
}

// checkStanding holds what the vault says against what she signed. The vault may
// know of more pauses: those by code.
func (h *history) checkStanding(s *api.Standing) error {
	paused := map[api.ID]bool{}
	for _, p := range s.Pauses {
		paused[p.Testimony] = true
	}
	if h.book.Paused && !paused[""] {
		return fmt.Errorf("the pause of everything: %w", ErrWithheld)
	}
	for t, state := range h.book.Testimonies {
		if state.Paused && !paused[t] {
			return fmt.Errorf("the pause of testimony %s: %w", t, ErrWithheld)
		}
	}
	if (h.book.PauseCode != "") != s.PauseCode {
		return fmt.Errorf("the pause code: %w", ErrWithheld)
	}
	return nil
}
