package client

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/relatingfield/vault/api"
)

// DoNotPause makes a client repeat at once, and counts how often.
func DoNotPause(c *Client, pauses *int) {
	c.pause = func(ctx context.Context, _ time.Duration) error {
		*pauses++
		return ctx.Err()
	}
}

// Patience makes a client note how long it would have waited, and not wait.
func Patience(c *Client, waited *[]time.Duration) {
	c.pause = func(ctx context.Context, d time.Duration) error {
		*waited = append(*waited, d)
		return ctx.Err()
	}
}

// StallAfter sets how long a line may bring nothing.
func StallAfter(c *Client, d time.Duration) { c.stall = d }

// NextPage is where a Link header leads.
func NextPage(link string) string { return nextPage(http.Header{"Link": {link}}) }

// Mentions says whether a text holds a name as people read both.
func Mentions(text, name string) bool { return mentions(folded(text), folded(name)) }

// Spoken are the texts in a JSON document.
func Spoken(document string) string { return spoken(document) }

// UploadStallAfter is how long a line may take nothing.
const UploadStallAfter = stallAfter

// Paced is what a line reads a payload from; stop is called when it does not.
func Paced(r io.ReadCloser, stop context.CancelCauseFunc) io.ReadCloser {
	return new(transfer).paced(r, stop)
}

// Over is the same client on another line, which asks before it counts again.
func Over(c *Client, line *http.Client, again func(context.Context, api.ID, int64) error) *Client {
	other, err := New(Config{Server: c.origin, Vault: c.vault, Keys: c.keys, Now: c.now, HTTP: line, Again: again})
	if err != nil {
		panic(err)
	}
	return other
}

// PlaintextAt is the container of one of her own parts from an offset on.
func PlaintextAt(ctx context.Context, c *Client, t api.ID, n, offset int64) ([]byte, error) {
	h, err := c.history(ctx)
	if err != nil {
		return nil, err
	}
	b, err := h.part(t, n)
	if err != nil {
		return nil, err
	}
	r, err := c.plaintextAt(ctx, t, n, b, offset)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}
