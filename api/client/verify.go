package client

import (
	"context"
	"errors"
	"fmt"

	"github.com/relatingfield/vault/api"
)

// Report is what Verify found.
type Report struct {
	Head        api.Head
	Compared    bool // with a head kept from earlier; otherwise a cut tail cannot be noticed
	Stewards    int  // in the roster of today
	Threshold   int
	Testimonies int
	Parts       int
	Grants      int
	Findings    []error // what does not hold, each naming its testimony and part
}

// Verify checks everything of the account's that can be checked: the roster from
// the vault id on, the chain of statements, every card, part, header, key
// commitment and grant; with content also every payload, which downloads them
// all. It goes on after a finding. The error is for what stopped it.
func (c *Client) Verify(ctx context.Context, content bool) (*Report, error) {
	r := &Report{Compared: c.KnowsHead()}
	if err := c.verify(ctx, r, content); err != nil {
		return r, fmt.Errorf("verify: %w", err)
	}
	return r, nil
}

func (c *Client) verify(ctx context.Context, r *Report, content bool) error {
	if _, err := c.Vault(ctx); err != nil {
		return err
	}
	roster, err := c.Roster(ctx)
	if err != nil {
		return err
	}
	r.Stewards, r.Threshold = len(roster.Stewards()), roster.Threshold()
	if r.Head, err = c.Head(ctx); err != nil {
		return err
	}
	list, err := c.List(ctx)
	if err := r.note(err); err != nil {
		return err
	}
	for _, l := range list {
		r.Testimonies++
		if err := c.verifyTestimony(ctx, r, l.ID, content); err != nil {
			return err
		}
	}
	return nil
}

func (c *Client) verifyTestimony(ctx context.Context, r *Report, t api.ID, content bool) error {
	shown, err := c.Show(ctx, t)
	if err := r.note(prefix(t, 0, err)); err != nil || shown == nil {
		return err
	}
	r.Grants += len(shown.Grants)
	for _, d := range shown.Details {
		r.Parts++
		if !d.Adopted || d.Err != nil {
			continue
		}
		if err := r.note(prefix(t, d.N, c.verifyPart(ctx, t, d.N, content))); err != nil {
			return err
		}
	}
	return nil
}

func (c *Client) verifyPart(ctx context.Context, t api.ID, n int64, content bool) error {
	if content {
		return trial{find: c.ownPart(ctx, t, n), do: func(from origin, want expected) error {
			file, err := c.download(ctx, from, want)
			if err != nil {
				return err
			}
			defer file.Close()
			return c.opens(file, want)
		}, over: func() bool { return true }, doubts: true}.run()
	}
	h, err := c.history(ctx)
	if err != nil {
		return err
	}
	b, err := h.part(t, n)
	if err != nil {
		return err
	}
	want, err := expectedOf(b)
	if err != nil {
		return err
	}
	header, err := c.header(ctx, t, n)
	if err != nil {
		return err
	}
	key, err := c.unlock(header, want)
	key.Wipe()
	return err
}

// note keeps a finding and passes on what is none.
func (r *Report) note(err error) error {
	if errors.Is(err, ErrUntrusted) || errors.Is(err, ErrOwnKeys) || errors.Is(err, ErrNotFound) {
		r.Findings = append(r.Findings, err)
		return nil
	}
	return err
}

func prefix(t api.ID, n int64, err error) error {
	if err == nil || n == 0 {
		return err
	}
	return fmt.Errorf("testimony %s: part %d: %w", t, n, err)
}
