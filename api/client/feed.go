package client

import (
	"context"
	"fmt"

	"github.com/relatingfield/vault/api"
)

// Feed gives what happened to a testimony, in order, and apart from it the
// refused attempts by day. It is the vault's word; a gap in it is an
// ErrWithheld.
func (c *Client) Feed(ctx context.Context, t api.ID) (events, denied []api.Event, err error) {
	for {
		var page api.Feed
		if err := c.get(ctx, fmt.Sprintf("%s/feed?after=%d", pathOf(t), len(events)), &page); err != nil {
			return nil, nil, fmt.Errorf("read the feed: %w", err)
		}
		for _, e := range page.Events {
			if e.Seq != int64(len(events))+1 {
				return nil, nil, fmt.Errorf("read the feed: event %d: %w", len(events)+1, ErrWithheld)
			}
			events = append(events, e)
		}
		if int64(len(events)) >= page.Last {
			return events, page.Denied, nil
		}
		if len(page.Events) == 0 {
			return nil, nil, fmt.Errorf("read the feed: event %d: %w", len(events)+1, ErrWithheld)
		}
	}
}
