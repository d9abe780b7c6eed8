package client

import (
	"context"
	"errors"
	"fmt"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/statement"
)

// OpenOwn opens one of her own parts into sink, against what she signed when she
// added it. The content is provisional until OpenOwn returns nil.
func (c *Client) OpenOwn(ctx context.Context, t api.ID, n int64, sink Sink) error {
	into := &begun{Sink: sink}
	err := trial{find: c.ownPart(ctx, t, n), do: func(from origin, want expected) error {
		return c.openContent(ctx, from, want, into)
	}, over: into.over, doubts: true}.run()
	if err != nil {
		return fmt.Errorf("open part %d: %w", n, err)
	}
	return nil
}

// part gives what she signed of a part. A part that arrived and awaits her word
// is told from one that she knows nothing of.
func (h *history) part(t api.ID, n int64) (statement.Binding, error) {
	if _, err := h.state(t); err != nil {
		return statement.Binding{}, err
	}
	binding, err := h.book.Part(t, n)
	if errors.Is(err, statement.ErrNotHers) {
		if h.received(t, n) != nil {
			return binding, ErrNotAdopted
		}
		return binding, fmt.Errorf("part %d: %w", n, ErrNotFound)
	}
	return binding, err
}

// received finds her statement that she handed a part over to be sealed.
func (h *history) received(t api.ID, n int64) *statement.Statement {
	for _, s := range h.chain.Statements {
		if b, ok := s.Body.(*statement.Received); ok && b.Testimony == t && b.N == n {
			return s
		}
	}
	return nil
}
