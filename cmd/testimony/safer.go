package main

import (
	"context"
	"slices"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
)

// safer reminds her of the copies that she made of a part she is about to let
// somebody open, for perhaps one of them is enough. The links are those of the card
// she signed. It is a reminder: what is wrong with another part stops no grant.
func (p *program) safer(ctx context.Context, c *client.Client, t api.ID, parts []int64) {
	shown, err := c.Show(ctx, t)
	if err != nil {
		p.err.sayf("Whether there are copies that would be enough cannot be seen: %s\n", err)
		return
	}
	for _, d := range shown.Details {
		if d.Link != nil && slices.Contains(parts, int64(d.Link.From)) && !slices.Contains(parts, d.N) {
			p.err.sayf("Of part %d there is part %d, %s. Is that enough for them?\n", d.Link.From, d.N, kindWords(d.Link.Kind))
		}
	}
}
