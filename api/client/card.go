package client

import (
	"context"
	"fmt"
	"net/http"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/statement"
)

// Card is what she sees of a testimony in her list: title, language, labels of
// parts and content warnings, sealed to her, a kilobyte in all.
type Card = envelope.Card

// Label is the name she gave a part.
type Label = envelope.Label

// sealCard seals a card to herself.
func (c *Client) sealCard(card Card) ([]byte, error) {
	to, err := c.self()
	if err != nil {
		return nil, err
	}
	return envelope.SealCard(card, to, c.rand)
}

// openCard opens a card only if it is the last one she signed.
func (c *Client) openCard(h *history, t api.ID, file []byte) (Card, error) {
	state := h.book.Testimonies[t]
	if state == nil || state.CardSHA256 == "" {
		return Card{}, ErrPlanted
	}
	if api.HashOf(file).String() != state.CardSHA256 {
		return Card{}, ErrCardSwapped
	}
	card, err := envelope.OpenCard(file, c.keys)
	if err != nil {
		return Card{}, fmt.Errorf("%w: %w", ErrOwnKeys, err)
	}
	return card, nil
}

// SetCard replaces the card of a testimony.
func (c *Client) SetCard(ctx context.Context, t api.ID, card Card) error {
	file, err := c.sealCard(card)
	if err != nil {
		return fmt.Errorf("set the card: %w", err)
	}
	p := one(func(h *history) (statement.Body, error) {
		if _, err := h.state(t); err != nil {
			return nil, err
		}
		return statement.Card{Testimony: t, CardSHA256: api.HashOf(file).String()}, nil
	})
	_, err = c.sayWith(ctx, p, func(signed string, a *api.Accepted) error {
		r := call{method: http.MethodPut, path: pathOf(t) + "/card", body: api.NewCard{Statement: signed, Card: file}, signed: true}
		return c.create(ctx, r, a)
	})
	if err != nil {
		return fmt.Errorf("set the card: %w", err)
	}
	return nil
}

// state is what became of one of her testimonies.
func (h *history) state(t api.ID) (*statement.State, error) {
	state := h.book.Testimonies[t]
	if state == nil {
		return nil, fmt.Errorf("testimony %s: %w", t, ErrNotFound)
	}
	if state.Erased {
		return nil, fmt.Errorf("testimony %s: %w", t, errErased)
	}
	return state, nil
}

var errErased = fmt.Errorf("%w: it has been erased, as you asked", ErrNotFound)

func pathOf(t api.ID) string { return "/v1/testimonies/" + string(t) }

func partPath(t api.ID, n int64) string { return fmt.Sprintf("%s/parts/%d", pathOf(t), n) }
