package client

import (
	"context"
	"fmt"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/statement"
)

// Open opens a granted part into sink. It is an opening: she sees it in her feed
// before the first byte leaves the vault. The grant, the header, the key
// commitment and the whole content are verified against what she signed; the
// content is provisional until Open returns nil.
func (c *Client) Open(ctx context.Context, grant api.ID, n int64, sink Sink) (*Received, error) {
	var r *Received
	into := &begun{Sink: sink}
	err := trial{find: func(bool) (from origin, want expected, err error) {
		if r, err = c.inboxGrant(ctx, grant); err != nil {
			return from, want, err
		}
		return c.wanted(ctx, r, n)
	}, do: func(from origin, want expected) error {
		return c.openContent(ctx, from, want, into)
	}, over: into.over}.run()
	if err != nil {
		return nil, fmt.Errorf("open part %d: %w", n, err)
	}
	return r, nil
}

// Granted looks one grant up, as Inbox does. It opens nothing.
func (c *Client) Granted(ctx context.Context, grant api.ID) (*Received, error) {
	r, err := c.inboxGrant(ctx, grant)
	if err != nil {
		return nil, fmt.Errorf("look the grant up: %w", err)
	}
	return r, nil
}

// grantedToKeep is for a reader who wants a copy. Terms that allow none are
// looked at before the opening, which would be one of few or be asked about.
func (c *Client) grantedToKeep(ctx context.Context, grant api.ID) (*Received, error) {
	r, err := c.inboxGrant(ctx, grant)
	if err == nil && r.Terms.Access != statement.Download {
		err = ErrViewOnly
	}
	return r, err
}

// part is what was signed for a part of the grant, and where it is.
func (r *Received) part(n int64) (from origin, want expected, err error) {
	b, ok := r.bindings[n]
	if !ok || b.Length == 0 {
		return from, want, fmt.Errorf("part %d of grant %s: %w", n, r.ID, ErrNotFound)
	}
	want, err = expectedOf(b)
	return origin{fmt.Sprintf("/v1/inbox/%s/parts/%d/content", r.ID, n), r.ID, n, true}, want, err
}
