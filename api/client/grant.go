package client

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"

	"filippo.io/age"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/statement"
)

// Offer is what she lets one reader open, and on which terms.
type Offer struct {
	Testimony api.ID
	Parts     []int64 // in any order
	To        api.Account
	// Terms as she sets them. A zero From is today, a zero Until twelve months
	// later; a nil Prohibited prohibits everything that can be prohibited.
	Terms api.Terms
	// Policy is what has to happen first, made by SetPolicy for this reader; empty
	// for nothing.
	Policy api.ID
	// NamePartner lets the reader see which partner brought what was brought, and on
	// which day. How it came the reader is told in any case.
	NamePartner bool
	// Labels say what the parts hold, to the reader alone and before anything is opened:
	// some of ContentLabels, in any order. None says nothing; the vault sees no difference.
	Labels []string
	again  *statement.Grant // the one that this makes anew: its labels go on

	// Agree is shown the verified reader and the terms with nothing left open,
	// before anything is wrapped or signed; an error stops the grant. What it was
	// shown is what is signed. Nil agrees.
	Agree func(*Researcher, api.Terms) error
}

// Grant is what came of an offer.
type Grant struct {
	ID     api.ID
	Reader Researcher
	Terms  api.Terms
}

// Grant lets an accredited reader open parts of a testimony. Before anything is
// wrapped to the reader's key, the client has verified the reader (see
// Researcher), that the header the vault gave back is the one she signed for,
// and that its key is the one committed to. The payload stays where it is.
func (c *Client) Grant(ctx context.Context, o Offer) (*Grant, error) {
	g, err := c.grant(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("grant: %w", err)
	}
	return g, nil
}

func (c *Client) grant(ctx context.Context, o Offer) (*Grant, error) {
	reader, err := c.Researcher(ctx, o.To)
	if err != nil {
		return nil, err
	}
	if reader.Silent {
		return nil, ErrReaderSilent
	}
	o.Terms = c.withDefaults(o.Terms)
	o.Parts = slices.Compact(slices.Sorted(slices.Values(o.Parts)))
	if o.Agree != nil {
		if err := o.Agree(reader, o.Terms); err != nil {
			return nil, err
		}
	}
	recipient, err := c.underPolicy(ctx, o.Testimony, o.Policy, o.To, reader.Recipient)
	if err != nil {
		return nil, err
	}
	to, err := postQuantum(recipient)
	if err != nil {
		return nil, err
	}
	var headers []api.Bytes
	labels, err := c.sealLabels(o, reader)
	if err != nil {
		return nil, err
	}
	s, err := c.sayWith(ctx, one(func(h *history) (statement.Body, error) {
		var parts []statement.GrantedPart
		parts, headers, err = c.rewrap(ctx, h, o, to)
		return grantBody(o, reader, recipient, parts, labels), err
	}), func(signed string, a *api.Accepted) error {
		return c.post(ctx, pathOf(o.Testimony)+"/grants", api.NewGrant{Statement: signed, Headers: headers}, a)
	})
	if err != nil {
		return nil, err
	}
	return &Grant{ID: s.ID, Reader: *reader, Terms: o.Terms}, nil
}

func grantBody(o Offer, r *Researcher, recipient string, parts []statement.GrantedPart, labels string) statement.Grant {
	sum := sha256.Sum256([]byte(recipient))
	return statement.Grant{Testimony: o.Testimony, Parts: parts, Grantee: r.Account, RecipientSHA256: b64(sum[:]),
		Accreditation: r.Accreditation.String(), Terms: o.Terms, Conditions: statement.Conditions{Policy: o.Policy}, Labels: labels}
}

// rewrap makes the reader's header for each part from her own.
func (c *Client) rewrap(ctx context.Context, h *history, o Offer, to age.Recipient) (parts []statement.GrantedPart, headers []api.Bytes, err error) {
	if len(o.Parts) == 0 {
		return nil, nil, refused("name at least one part")
	}
	told, err := c.told(ctx, h, o)
	if err != nil {
		return nil, nil, err
	}
	for _, n := range o.Parts {
		binding, err := h.part(o.Testimony, n)
		if err != nil {
			return nil, nil, err
		}
		header, err := c.headerFor(ctx, o.Testimony, n, binding, to)
		if err != nil {
			return nil, nil, fmt.Errorf("part %d: %w", n, err)
		}
		parts = append(parts, statement.GrantedPart{N: n, PayloadSHA256: binding.PayloadSHA256, Commit: binding.Commit,
			HeaderSHA256: api.HashOf(header).String(), Brought: told[n]})
		headers = append(headers, header)
	}
	return parts, headers, nil
}

// headerFor gives the file key of one part to one recipient. The key comes out
// of her own header only if that is the one she signed for.
func (c *Client) headerFor(ctx context.Context, t api.ID, n int64, b statement.Binding, to age.Recipient) ([]byte, error) {
	want, err := expectedOf(b)
	if err != nil {
		return nil, err
	}
	own, err := c.header(ctx, t, n)
	if err != nil {
		return nil, err
	}
	key, err := c.unlock(own, want)
	if err != nil {
		return nil, err
	}
	defer key.Wipe()
	return envelope.ComposeHeader(key, to)
}

// postQuantum reads a recipient that may be joined to a post-quantum payload:
// one classic header makes all of it classic.
func postQuantum(recipient string) (age.Recipient, error) {
	to, pq, err := envelope.ParseRecipient(recipient)
	if err != nil {
		return nil, err
	}
	if !pq {
		return nil, ErrClassic
	}
	return to, nil
}

// withDefaults fills in what she left open, always to the protective side. The
// term begins with the day, not the second: that is enough for its reader.
func (c *Client) withDefaults(t api.Terms) api.Terms {
	if t.From == 0 {
		t.From = statement.DayOf(c.time())
	}
	if t.Until == 0 {
		t.Until = t.From + statement.DefaultTerm
	}
	if t.Prohibited == nil {
		t.Prohibited = statement.Prohibitions()
	}
	if t.Attribution == "" {
		t.Attribution = statement.ListenOnly
	}
	if t.Access == "" {
		t.Access = statement.View
	}
	if t.Purposes == nil {
		t.Purposes = []statement.Purpose{"BeingHeard"}
	}
	if t.Place == "" {
		t.Place = statement.PlaceNone
	}
	if t.Media == nil {
		t.Media = []statement.Medium{}
	}
	slices.Sort(t.Media)
	slices.Sort(t.Purposes)
	slices.Sort(t.Prohibited)
	return t
}
