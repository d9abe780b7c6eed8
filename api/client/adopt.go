package client

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/statement"
)

// Adopt opens a part that the vault sealed on arrival, shows it to look and, if
// look has no objection, signs that it is hers. look gets the whole content; it
// is provisional until Adopt returns nil. With a nil look the content is only
// checked.
//
// What was handed over was in the vault's memory, so this proves no more than
// that the stored part is what look was shown, of the length she handed over.
func (c *Client) Adopt(ctx context.Context, t api.ID, n int64, look Sink) error {
	if err := c.adopt(ctx, t, n, look); err != nil {
		return fmt.Errorf("adopt part %d: %w", n, err)
	}
	return nil
}

func (c *Client) adopt(ctx context.Context, t api.ID, n int64, look Sink) error {
	part, received, err := c.arrival(ctx, t, n)
	if err != nil {
		return err
	}
	if err := c.inspect(ctx, t, part, received, look); err != nil {
		return err
	}
	_, err = c.sayOne(ctx, partPath(t, n)+"/adopt", one(func(h *history) (statement.Body, error) {
		return statement.Adopt{Testimony: t, N: n, Length: part.Length, PayloadSHA256: part.PayloadSHA256.String(),
			Commit: part.Commit.String(), HeaderSHA256: part.HeaderSHA256.String(), ReceivedSHA256: hashText(received)}, nil
	}))
	return err
}

// OpenArrived opens a part that waits for Adopt into sink, as Adopt does, and
// signs nothing: for somebody who wants to look in peace.
func (c *Client) OpenArrived(ctx context.Context, t api.ID, n int64, sink Sink) error {
	part, received, err := c.arrival(ctx, t, n)
	if err == nil {
		err = c.inspect(ctx, t, part, received, sink)
	}
	if err != nil {
		return fmt.Errorf("open part %d: %w", n, err)
	}
	return nil
}

// arrival finds a part that waits for her word, and her word that she handed it
// over.
func (c *Client) arrival(ctx context.Context, t api.ID, n int64) (api.Part, *statement.Statement, error) {
	h, err := c.refresh(ctx)
	if err != nil {
		return api.Part{}, nil, err
	}
	state, err := h.state(t)
	if err != nil {
		return api.Part{}, nil, err
	}
	if _, hers := state.Parts[n]; hers {
		return api.Part{}, nil, refused("it is yours already")
	}
	received := h.received(t, n)
	if received == nil {
		return api.Part{}, nil, fmt.Errorf("%w: you never handed it over", ErrPlanted)
	}
	part, err := c.listed(ctx, t, n)
	if err == nil && part.Received != received.Compact() {
		err = fmt.Errorf("%w: the vault shows another handing-over than yours", ErrPlanted)
	}
	return part, received, err
}

// listed is the vault's word for one part.
func (c *Client) listed(ctx context.Context, t api.ID, n int64) (api.Part, error) {
	var answer api.Testimony
	if err := c.get(ctx, pathOf(t), &answer); err != nil {
		return api.Part{}, err
	}
	for _, p := range answer.Parts {
		if p.N == n && p.Arrived {
			return p, nil
		}
	}
	return api.Part{}, fmt.Errorf("part %d: %w", n, ErrNotFound)
}

// inspect opens the part against the vault's word, which thereby becomes what
// she has seen for herself and can sign.
func (c *Client) inspect(ctx context.Context, t api.ID, p api.Part, received *statement.Statement, look Sink) error {
	from, want, length, err := arrived(t, p, received)
	if err != nil {
		return err
	}
	err = c.openContent(ctx, from, want, ofLength(length, look))
	if errors.Is(err, ErrChanged) { // only what is hers already can be locked anew
		err = ErrPartSwapped
	}
	return err
}

// arrived is where an arrived part lies, what it is by the vault's word, and how
// long by hers.
func arrived(t api.ID, p api.Part, received *statement.Statement) (origin, expected, int64, error) {
	if p.Classic {
		return origin{}, expected{}, 0, ErrClassic
	}
	length := received.Body.(*statement.Received).Length
	want := expected{header: p.HeaderSHA256.String(), payload: envelope.Binding{SHA256: p.PayloadSHA256, Commit: p.Commit, Size: p.Length}}
	return ownOrigin(t, p.N), want, length, nil
}

// ofLength gives sink, which may be nil, only content of the length that she
// handed over.
func ofLength(length int64, sink Sink) Sink {
	return SinkFunc(func(info PartInfo, size int64) (io.Writer, error) {
		if size != length {
			return nil, fmt.Errorf("%w: you handed over %d bytes and it has %d", ErrPayloadSwapped, length, size)
		}
		if sink == nil {
			return io.Discard, nil
		}
		return sink.Begin(info, size)
	})
}
