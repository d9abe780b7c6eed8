package client

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// pages reads a list page by page (RFC 8288, rel="next"). take keeps what is in
// a page and says how much that was. It ends: no page is asked for twice, and
// only the last may be empty.
func pages[Page any](ctx context.Context, c *Client, path string, take func(Page) int) error {
	asked := map[string]bool{}
	for path != "" {
		if asked[path] {
			return fmt.Errorf("%w: its list goes round in circles", ErrNonsense)
		}
		asked[path] = true
		var page Page
		var next string
		see := func(h http.Header) { next = nextPage(h) }
		if err := c.json(ctx, call{method: http.MethodGet, path: path, signed: true, repeat: true, see: see}, &page); err != nil {
			return err
		}
		if take(page) == 0 && next != "" {
			return fmt.Errorf("%w: a page of its list is empty and not the last", ErrNonsense)
		}
		path = next
	}
	return nil
}

// nextPage accepts a link within the vault only.
func nextPage(h http.Header) string {
	for _, link := range strings.Split(strings.Join(h.Values("Link"), ","), ",") {
		target, params, ok := strings.Cut(strings.TrimSpace(link), ">")
		if !ok || !strings.HasPrefix(target, "<") || !strings.Contains(params, `rel="next"`) {
			continue
		}
		if u, err := url.Parse(target[1:]); err == nil && u.Host == "" && u.Scheme == "" && strings.HasPrefix(u.Path, "/v1/") {
			return u.RequestURI()
		}
	}
	return ""
}
