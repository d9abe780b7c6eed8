package client

import (
	"context"
	"fmt"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/statement"
)

// Testimony is a new testimony. Parts are numbered from 1 in their order.
type Testimony struct {
	Title    string
	Language string   // BCP 47
	Warnings []string // of what the content may stir up in a reader
	Parts    []Content
}

func (t Testimony) card() Card {
	card := Card{Title: t.Title, Language: t.Language, Warnings: t.Warnings}
	for i, p := range t.Parts {
		if p.Label != "" {
			card.Labels = append(card.Labels, Label{Part: i + 1, Text: p.Label})
		}
		card.Derived = append(card.Derived, p.linkOf(int64(i+1))...)
	}
	return card
}

// Create seals a testimony to its owner and stores it. What is small travels in
// one request, card included, so that a short line is enough; larger parts
// follow one by one. When a later part fails, the id comes back with the error:
// everything before it is stored, and AddPart goes on.
func (c *Client) Create(ctx context.Context, t Testimony) (api.ID, error) {
	tid, err := id.New(c.rand)
	if err != nil {
		return "", fmt.Errorf("create the testimony: %w", err)
	}
	small, next, err := c.createSmall(ctx, tid, t)
	if err != nil {
		return "", fmt.Errorf("create the testimony: %w", err)
	}
	for i, content := range t.Parts[small:] {
		if _, err := c.addPart(ctx, tid, content, next); err != nil {
			return tid, fmt.Errorf("add part %d: %w", small+i+1, err)
		}
		next = nil
	}
	return tid, nil
}

// createSmall stores the card and as many of the first parts as fit beside it,
// and says how many those were. The part behind them has then been looked through:
// that takes time, in which no empty testimony should be left behind.
func (c *Client) createSmall(ctx context.Context, tid api.ID, t Testimony) (small int, next *envelope.Survey, err error) {
	if err := fitTogether(t.Parts); err != nil {
		return 0, nil, err
	}
	card, err := c.sealCard(t.card())
	if err != nil {
		return 0, nil, err
	}
	sealed, err := c.sealFirst(ctx, t.Parts)
	if err != nil {
		return 0, nil, err
	}
	if small = len(sealed); small < len(t.Parts) {
		if next, err = t.Parts[small].survey(ctx); err != nil {
			return 0, nil, fmt.Errorf("part %d: %w", small+1, err)
		}
	}
	_, err = c.say(ctx, creation(tid, card, sealed), func(texts []string) ([]api.Accepted, error) {
		request := api.NewTestimony{Testimony: tid, Statement: texts[0], Card: card, Parts: []api.NewPart{}}
		for i, p := range sealed {
			request.Parts = append(request.Parts, api.NewPart{Statement: texts[i+1], Header: p.header, Payload: p.payload})
		}
		var answer api.Created
		err := c.post(ctx, "/v1/testimonies", request, &answer)
		return answer.Accepted, err
	})
	return small, next, err
}

// creation signs the card first and then each part in order.
func creation(tid api.ID, card []byte, sealed []*sealedPart) plan {
	return func(h *history) ([]statement.Body, error) {
		if err := h.enrolled(); err != nil {
			return nil, err
		}
		bodies := []statement.Body{statement.Card{Testimony: tid, CardSHA256: api.HashOf(card).String()}}
		for i, p := range sealed {
			bodies = append(bodies, addOf(tid, int64(i+1), p.binding))
		}
		return bodies, nil
	}
}

// sealFirst seals the parts that can travel inside the request, up to the first
// that cannot.
func (c *Client) sealFirst(ctx context.Context, parts []Content) ([]*sealedPart, error) {
	v, err := c.vaultInfo(ctx)
	if err != nil {
		return nil, err
	}
	var out []*sealedPart
	room := v.Limits.JSON
	for i, content := range parts {
		size, err := content.payloadSize()
		if err != nil {
			return nil, fmt.Errorf("part %d: %w", i+1, err)
		}
		room -= inJSON(size)
		if size > v.Limits.InlinePayload || int64(i) >= v.Limits.PartsAtOnce || room < inJSON(0) {
			break
		}
		p, err := c.sealSmall(content)
		if err != nil {
			return nil, fmt.Errorf("part %d: %w", i+1, err)
		}
		out = append(out, p)
	}
	return out, nil
}

// inJSON is about how many bytes of JSON a payload needs, with its header and
// statement.
func inJSON(payload int64) int64 { return payload*4/3 + 5000 }
