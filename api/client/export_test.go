package client

import (
	"context"
	"time"
)

// DoNotPause makes a client repeat at once, and counts how often.
func DoNotPause(c *Client, pauses *int) {
	c.pause = func(ctx context.Context, _ time.Duration) error {
		*pauses++
		return ctx.Err()
	}
}
