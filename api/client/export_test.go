package client

import (
	"context"
	"io"
	"net/http"
	"time"
)

// DoNotPause makes a client repeat at once, and counts how often.
func DoNotPause(c *Client, pauses *int) {
	c.pause = func(ctx context.Context, _ time.Duration) error {
		*pauses++
		return ctx.Err()
	}
}

// NextPage is where a Link header leads.
func NextPage(link string) string { return nextPage(http.Header{"Link": {link}}) }

// Mentions says whether a text holds a name as people read both.
func Mentions(text, name string) bool { return mentions(folded(text), folded(name)) }

// Spoken are the texts in a JSON document.
func Spoken(document string) string { return spoken(document) }

// StallAfter is how long a line may take nothing.
const StallAfter = stallAfter

// Paced is what a line reads a payload from; stop is called when it does not.
func Paced(r io.ReadCloser, stop context.CancelCauseFunc) io.ReadCloser {
	return new(transfer).paced(r, stop)
}
