package client

import (
	"context"
	"fmt"
	"slices"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/envelope"
)

// A derived part is a part like any other: a file key of its own, so that a grant
// of it gives nothing of the one it was made from, and the original stays as it
// is. What ties the two together is said twice: sealed inside the part, for whoever
// opens it, and on her card, which she signs and her list goes by.

// Derived is the link of a part to the one it was made from.
type Derived = envelope.Derived

// linkOf is the link of content that is stored as part n; nil for an original.
func (c Content) linkOf(n int64) []Derived {
	if c.Info.DerivedFrom == 0 {
		return nil
	}
	return []Derived{{Part: int(n), From: c.Info.DerivedFrom, Kind: c.Info.Kind}}
}

// nextFor is the number of the part that comes next, if what the content says of
// itself fits what is there by her own statements.
func nextFor(t api.ID, content Content) func(*history) (int64, error) {
	return func(h *history) (int64, error) {
		if err := h.fits(t, content); err != nil {
			return 0, err
		}
		return h.nextPart(t), nil
	}
}

// fits says whether the content may join a testimony: what it was made from must
// be there and hers, and what a device knew of it is taken in evidence mode only.
func (h *history) fits(t api.ID, content Content) error {
	state, err := h.state(t)
	if err != nil {
		return err
	}
	if content.Info.Captured != nil && !state.Evidence {
		return ErrListening
	}
	from := int64(content.Info.DerivedFrom)
	if from == 0 {
		return nil
	}
	if _, err := h.part(t, from); err != nil {
		return fmt.Errorf("the part it was made from: %w", err)
	}
	return nil
}

// fitTogether is fits for the parts of a new testimony, which begins in listening
// mode and in which a part can be made from an earlier one.
func fitTogether(parts []Content) error {
	for i, p := range parts {
		if p.Info.Captured != nil {
			return fmt.Errorf("part %d: %w", i+1, ErrListening)
		}
		if p.Info.DerivedFrom > i {
			return fmt.Errorf("part %d: %w", i+1, refused("it is made from a part that does not come before it"))
		}
	}
	return nil
}

// describe puts label and link of a new part on the card as it stands.
func (c *Client) describe(ctx context.Context, t api.ID, n int64, content Content) error {
	if content.Label == "" && content.Info.DerivedFrom == 0 {
		return nil
	}
	shown, err := c.Show(ctx, t)
	if err != nil {
		return err
	}
	card := shown.Card
	if content.Label != "" {
		card.Labels = slices.DeleteFunc(slices.Clone(card.Labels), func(l Label) bool { return int64(l.Part) == n })
		card.Labels = append(card.Labels, Label{Part: int(n), Text: content.Label})
		slices.SortFunc(card.Labels, func(a, b Label) int { return a.Part - b.Part })
	}
	card.Derived = slices.DeleteFunc(slices.Clone(card.Derived), func(d Derived) bool { return int64(d.Part) == n })
	card.Derived = append(card.Derived, content.linkOf(n)...)
	slices.SortFunc(card.Derived, func(a, b Derived) int { return a.Part - b.Part })
	return c.SetCard(ctx, t, card)
}
