package client

import (
	"context"
	"fmt"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/delivery"
	"github.com/relatingfield/vault/internal/statement"
)

// Came is how a part came that a partner brought, as a reader is told it.
type Came struct {
	Assurance api.Assurance
	Claimed   bool // it lay in a collection of the partner's before
	Readable  bool // the partner could read it before it was hers
	// Signed says that this is in the grant that she signed; else it is the vault's word.
	Signed bool
	// Partner and Day are there where she lets the reader see them. Her client verified
	// the note when she adopted the part: this is her word. BroughtBy has the stewards'.
	Partner api.ID
	Day     int64

	note string
}

// takeCame holds what the vault says of how a part came against what she signed.
// Leaving it out, or making it better or worse, is refused.
func (c *Client) takeCame(r *Received, n int64, signed statement.Brought, told *api.ToldDelivery) error {
	switch {
	case signed == statement.Brought{} && told == nil:
		return nil
	case signed == statement.Brought{}: // given before grants said it
		r.Came[n] = Came{Assurance: told.Assurance, Claimed: told.Claimed, Readable: told.Readable}
		return nil
	case told == nil || string(told.Assurance) != signed.Assurance || told.Claimed != signed.Claimed:
		return fmt.Errorf("%w: the vault says otherwise than she how part %d came", ErrGrantForged, n)
	}
	came := Came{Assurance: told.Assurance, Claimed: signed.Claimed, Signed: true, note: told.Note}
	came.Readable = signed.Claimed || told.Assurance != delivery.PartnerDevice
	if signed.NoteSHA256 != "" {
		if err := c.leftNamed(&came, signed); err != nil {
			return fmt.Errorf("%w: part %d: %w", ErrGrantForged, n, err)
		}
	}
	r.Came[n] = came
	return nil
}

// leftNamed reads the note that she lets the reader see.
func (c *Client) leftNamed(came *Came, signed statement.Brought) error {
	if hashOf(came.note) != signed.NoteSHA256 {
		return fmt.Errorf("it comes without the note that she names: %w", ErrNote)
	}
	n, _, err := delivery.Peek(came.note)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNote, err)
	}
	if n.Vault != c.vault.String() || n.Assurance != came.Assurance || (n.Replaces.Testimony != "") != came.Claimed {
		return ErrNote
	}
	came.Partner, came.Day = n.Partner, n.Day
	return nil
}

// BroughtBy verifies who brought a part, where she lets the reader see it: the
// program's key, two officers, the agreement and the stewards. Where the vault sealed
// the item, it is the vault's word alone and there is nothing to show: nil. Without
// her leave it is ErrNotFound.
func (c *Client) BroughtBy(ctx context.Context, came Came) (*Vouched, error) {
	n, kid, err := delivery.Peek(came.note)
	switch {
	case came.Partner == "":
		return nil, fmt.Errorf("who brought it: %w", ErrNotFound)
	case err != nil:
		return nil, fmt.Errorf("who brought it: %w: %w", ErrNote, err)
	case n.Issuer == n.Vault:
		if err := c.noteByVault(ctx, came.note); err != nil {
			return nil, fmt.Errorf("who brought it: %w", err)
		}
		return nil, nil
	}
	v, err := c.noteByProgram(ctx, n, kid, came.note)
	if err != nil {
		return nil, fmt.Errorf("who brought it: %w", err)
	}
	return v, nil
}

// told is what a grant says of how parts came, by number: the assurance always, and
// the note where she lets the reader see who brought it.
func (c *Client) told(ctx context.Context, h *history, o Offer) (map[int64]statement.Brought, error) {
	some := false
	for _, n := range o.Parts {
		some = some || h.adopted(o.Testimony, n) != nil && h.received(o.Testimony, n) == nil
	}
	if !some {
		return nil, nil
	}
	var answer api.Testimony
	if err := c.get(ctx, pathOf(o.Testimony), &answer); err != nil {
		return nil, err
	}
	out := map[int64]statement.Brought{}
	for _, p := range answer.Parts {
		b, err := h.brought(o.Testimony, p)
		if err != nil {
			return nil, fmt.Errorf("part %d: %w", p.N, err)
		}
		if b == nil {
			continue
		}
		said := statement.Brought{Assurance: string(b.Assurance), Claimed: b.Claimed}
		if o.NamePartner {
			said.NoteSHA256 = hashOf(p.Delivered.Note)
		}
		out[p.N] = said
	}
	return out, nil
}
