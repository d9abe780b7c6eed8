package client

import (
	"context"
	"fmt"
	"slices"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/delivery"
	"github.com/relatingfield/vault/internal/statement"
)

// Shown is one testimony with all that is known of its parts.
type Shown struct {
	Listed
	Evidence bool         // she keeps it as evidence; else the vault only listens
	Details  []PartDetail // by number
	Grants   []GrantDetail
}

// PartDetail is a part by her own word; of one not adopted, by the vault's.
type PartDetail struct {
	N       int64
	Label   string   // from the card
	Link    *Derived // from the card; nil for an original
	Length  int64    // of the sealed payload in bytes
	Adopted bool     // false: sealed by the vault, and she has not signed for it yet
	Arrived bool     // sealed by the vault, for ever; the vault's word
	// Damaged is the vault's word that it no longer has the part as it was stored, nor
	// a good copy; Readable is how many bytes of the payload come before the damage.
	Damaged  bool
	Readable int64
	// Brought says how a part came that a partner brought; nil for any other. Of a note
	// that is not the one she signed for, Err says so.
	Brought *Brought
	Err     error // ErrPartSwapped, ErrPlanted: the vault lists something else than she signed
}

// Brought says how a part came that a partner brought: for ever.
type Brought struct {
	Partner   api.ID
	Assurance api.Assurance
	Claimed   bool // it lay in a collection of the partner's before
	Readable  bool // the partner could read it before it was hers; the promises hold since
}

// Show gives one testimony: what she signed, and how the vault's list differs.
// What differs carries its error, and so does the call, beside the answer.
func (c *Client) Show(ctx context.Context, t api.ID) (*Shown, error) {
	var s *Shown
	err := c.surely(ctx, func(h *history) (err error) {
		s, err = c.show(ctx, h, t)
		return err
	})
	if err != nil {
		return s, fmt.Errorf("show the testimony: %w", err)
	}
	return s, nil
}

func (c *Client) show(ctx context.Context, h *history, t api.ID) (*Shown, error) {
	state, err := h.state(t)
	if err != nil {
		return nil, err
	}
	var answer api.Testimony
	if err := c.get(ctx, pathOf(t), &answer); err != nil {
		return nil, err
	}
	s := &Shown{Listed: Listed{ID: t, Day: answer.Day, Parts: len(state.Parts)}}
	s.Evidence, s.Collected = state.Evidence, answer.Collected
	s.Card, s.Err = c.openCard(h, t, answer.Card)
	s.Details = details(h, t, state, answer.Parts, s.Card)
	if s.Grants, err = c.grants(ctx, t, state); err != nil {
		return s, err
	}
	return s, s.doubts()
}

// brought reads the note of a part that somebody else brought, if it is the one that
// her adopt statement names.
func (h *history) brought(t api.ID, p api.Part) (*Brought, error) {
	adopt := h.adopted(t, p.N)
	if adopt == nil || h.received(t, p.N) != nil {
		if p.Delivered != nil {
			return nil, ErrPlanted
		}
		return nil, nil
	}
	if p.Delivered == nil {
		return nil, ErrWithheld
	}
	if hashOf(p.Delivered.Note) != adopt.ReceivedSHA256 {
		return nil, ErrPartSwapped
	}
	n, _, err := delivery.Peek(p.Delivered.Note)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNote, err)
	}
	return &Brought{Partner: n.Partner, Assurance: n.Assurance, Claimed: n.Replaces.Testimony != "", Readable: n.Readable()}, nil
}

// adopted finds her adopt statement of a part.
func (h *history) adopted(t api.ID, n int64) *statement.Adopt {
	for _, s := range h.chain.Statements {
		if b, ok := s.Body.(*statement.Adopt); ok && b.Testimony == t && b.N == n {
			return b
		}
	}
	return nil
}

// doubts is the first thing in which the vault's list differs from hers.
func (s *Shown) doubts() error {
	for _, d := range s.Details {
		if d.Err != nil {
			return fmt.Errorf("part %d: %w", d.N, d.Err)
		}
	}
	return s.Err
}

// details holds the vault's parts against hers.
func details(h *history, t api.ID, state *statement.State, claimed []api.Part, card Card) []PartDetail {
	var out []PartDetail
	there := map[int64]bool{}
	for _, p := range claimed {
		there[p.N] = true
		out = append(out, detail(h, t, state, p))
	}
	for n, b := range state.Parts {
		if !there[n] {
			out = append(out, PartDetail{N: n, Length: b.Length, Adopted: true, Err: ErrWithheld})
		}
	}
	slices.SortFunc(out, func(a, b PartDetail) int { return int(a.N - b.N) })
	for i := range out {
		for _, l := range card.Labels {
			if int64(l.Part) == out[i].N {
				out[i].Label = l.Text
			}
		}
		for _, d := range card.Derived {
			if int64(d.Part) == out[i].N {
				out[i].Link = &d
			}
		}
	}
	return out
}

func detail(h *history, t api.ID, state *statement.State, p api.Part) PartDetail {
	d := PartDetail{N: p.N, Length: p.Length, Arrived: p.Arrived, Damaged: p.Damaged, Readable: p.Readable}
	hers, adopted := state.Parts[p.N]
	listed := statement.Binding{Length: p.Length, PayloadSHA256: p.PayloadSHA256.String(), Commit: p.Commit.String(), HeaderSHA256: p.HeaderSHA256.String()}
	switch {
	case adopted && hers != listed:
		d.Adopted, d.Length, d.Err = true, hers.Length, ErrPartSwapped
	case adopted:
		d.Adopted = true
		d.Brought, d.Err = h.brought(t, p)
	case h.received(t, p.N) == nil:
		d.Err = ErrPlanted
	}
	return d
}
