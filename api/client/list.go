package client

import (
	"context"
	"errors"
	"fmt"

	"github.com/relatingfield/vault/api"
)

// Listed is one testimony of her list.
type Listed struct {
	ID    api.ID
	Day   int64 // of creation, Unix seconds
	Parts int   // that she signed for
	Card  Card
	// Collected says that it lies in a collection of a partner's: the partner could
	// read it, and nobody can be let read it. The vault's word.
	Collected bool
	Err       error // ErrPlanted or ErrCardSwapped: the card is then empty
}

// List gives her testimonies, oldest first, with their cards opened and held
// against what she signed. One whose card does not hold carries the error, and
// so does the call, beside the whole list; ErrWithheld is for a testimony that
// she signed for and the vault leaves out.
func (c *Client) List(ctx context.Context) ([]Listed, error) {
	var out []Listed
	err := c.surely(ctx, func(h *history) (err error) {
		out, err = c.list(ctx, h)
		return err
	})
	if err != nil {
		return out, fmt.Errorf("list your testimonies: %w", err)
	}
	return out, nil
}

// surely looks again with a fresh chain before it accuses the vault or says that
// something is not there: another device of hers may have acted meanwhile.
func (c *Client) surely(ctx context.Context, look func(*history) error) error {
	h, err := c.history(ctx)
	if err != nil {
		return err
	}
	if err := h.enrolled(); err != nil {
		return err
	}
	if err = look(h); !errors.Is(err, ErrUntrusted) && !errors.Is(err, ErrNotFound) {
		return err
	}
	if h, err = c.refresh(ctx); err != nil {
		return err
	}
	return look(h)
}

func (c *Client) list(ctx context.Context, h *history) ([]Listed, error) {
	claimed, err := c.claimed(ctx)
	if err != nil {
		return nil, err
	}
	var out []Listed
	var doubts error
	missing := h.alive()
	for _, l := range claimed {
		item := Listed{ID: l.Testimony, Day: l.Day, Collected: l.Collected}
		item.Card, item.Err = c.openCard(h, l.Testimony, l.Card)
		if state := h.book.Testimonies[l.Testimony]; state != nil {
			item.Parts = len(state.Parts)
		}
		if item.Err != nil {
			doubts = fmt.Errorf("testimony %s: %w", item.ID, item.Err)
		}
		delete(missing, l.Testimony)
		out = append(out, item)
	}
	for t := range missing {
		doubts = fmt.Errorf("testimony %s: %w", t, ErrWithheld)
	}
	return out, doubts
}

// alive are the testimonies that must be there by her own word.
func (h *history) alive() map[api.ID]bool {
	out := map[api.ID]bool{}
	for t, state := range h.book.Testimonies {
		if !state.Erased && state.CardSHA256 != "" {
			out[t] = true
		}
	}
	return out
}

// claimed is the vault's list.
func (c *Client) claimed(ctx context.Context) ([]api.Listed, error) {
	var out []api.Listed
	err := pages(ctx, c, "/v1/testimonies", func(page api.Testimonies) int {
		out = append(out, page.Testimonies...)
		return len(page.Testimonies)
	})
	return out, err
}
