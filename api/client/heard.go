package client

import (
	"context"
	"fmt"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/statement"
)

// Hear tells her that she was heard: word is one of statement.Hearings, and nothing
// else can be written. Once a grant, by a reader who has opened some of it. She sees it
// in her feed, and is not told of it anywhere else.
func (c *Client) Hear(ctx context.Context, grant api.ID, word string) error {
	body := statement.Reply{Grant: grant, Reply: word}
	if !body.Hears() {
		return refused("it is none of the words by which she is told that she was heard")
	}
	_, err := c.sayOne(ctx, "/v1/inbox/"+string(grant)+"/hearings", one(func(*history) (statement.Body, error) { return body, nil }))
	if err != nil {
		return fmt.Errorf("tell her that she was heard: %w", err)
	}
	return nil
}

// heard verifies the word by which a reader tells her that she was heard: the reader
// signed it, about this grant. The vault alone cannot make one up.
func (c *Client) heard(text string, grant api.ID, reader api.Account) (string, error) {
	if text == "" {
		return "", nil
	}
	s, err := c.foreign(text)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrReplyForged, err)
	}
	body, ok := s.Body.(*statement.Reply)
	if !ok || s.Issuer != reader || body.Grant != grant || !body.Hears() {
		return "", fmt.Errorf("%w: it does not say that she was heard under this grant", ErrReplyForged)
	}
	return body.Reply, nil
}
