package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/statement"
)

// AddOnArrival hands the plaintext over a private line to be sealed by the
// vault, in memory, as it arrives. It is for devices that cannot seal; whoever
// runs the vault could read the content in that moment, and the part says so
// for ever. It cannot be shared before Adopt. It gives the part's number.
//
// A broken line is tried again from the first byte.
func (c *Client) AddOnArrival(ctx context.Context, t api.ID, content Content) (int64, error) {
	n, err := c.addOnArrival(ctx, t, content)
	if err != nil {
		return 0, fmt.Errorf("hand over a part: %w", err)
	}
	if err := c.describe(ctx, t, n, content); err != nil {
		return n, fmt.Errorf("the part is stored as number %d, but neither its label nor its link to another part: %w", n, err)
	}
	return n, nil
}

func (c *Client) addOnArrival(ctx context.Context, t api.ID, content Content) (int64, error) {
	info, err := content.Info.Encode()
	if err != nil {
		return 0, err
	}
	if content.Open == nil {
		return 0, errors.New("the content cannot be opened")
	}
	var n int64
	var answer api.Arrived
	handOver := one(func(h *history) (statement.Body, error) {
		if content.Info.Captured != nil {
			return nil, ErrListening
		}
		var err error
		if n, err = nextFor(t, content)(h); err != nil {
			return nil, err
		}
		return statement.Received{Testimony: t, N: n, Length: content.Size}, nil
	})
	_, err = c.sayWith(ctx, handOver, func(signed string, a *api.Accepted) error {
		header := http.Header{}
		header.Set(api.HeaderStatement, signed)
		header.Set(api.HeaderPart, b64(info))
		r := call{method: http.MethodPost, path: fmt.Sprintf("%s/arrivals/%d", pathOf(t), n), header: header, signed: true,
			stream: whole(content), length: content.Size}
		err := c.create(ctx, r, &answer)
		*a = answer.Accepted
		return err
	})
	if err == nil && answer.Part.N != n {
		err = fmt.Errorf("%w: it put part %d under number %d", ErrNonsense, n, answer.Part.N)
	}
	return n, err
}

// whole opens the content for the line; an empty one is no body at all.
func whole(content Content) func() (io.ReadCloser, error) {
	if content.Size == 0 {
		return func() (io.ReadCloser, error) { return http.NoBody, nil }
	}
	return content.Open
}
