package client

import (
	"context"
	"fmt"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/statement"
)

// Renewal is how she changes the terms of a grant, in any direction.
type Renewal struct {
	Testimony api.ID
	Grant     api.ID
	// Terms makes the new terms of those in force; their Until comes as zero, and
	// left so it is twelve months from today, or what it was where that is later. An error stops the renewal. Nil
	// changes nothing else.
	Terms func(inForce api.Terms) (api.Terms, error)
	// Agree is shown the verified reader and the terms before and after; an error
	// stops the renewal. What it was shown is what is signed. Nil agrees.
	Agree func(r *Researcher, before, after api.Terms) error
}

// Renew gives a grant new terms. The reader is verified anew: an accreditation
// must count now, over the key that the grant is sealed to. A grant whose term is
// over is made anew, of the same parts; the answer names the grant that counts.
func (c *Client) Renew(ctx context.Context, r Renewal) (*Grant, error) {
	g, err := c.renew(ctx, r)
	if err != nil {
		return nil, fmt.Errorf("renew: %w", err)
	}
	return g, nil
}

func (c *Client) renew(ctx context.Context, r Renewal) (*Grant, error) {
	var hers *statement.GrantState
	var state *statement.State
	err := c.surely(ctx, func(h *history) (err error) {
		state, hers, err = h.grant(r.Testimony, r.Grant)
		return err
	})
	if err != nil {
		return nil, err
	}
	if _, err := c.vaultInfo(ctx); err != nil { // its clock decides whether the term is over
		return nil, err
	}
	next, err := c.renewedTerms(hers.Terms, r.Terms)
	if err != nil {
		return nil, err
	}
	if hers.Terms.Until <= c.time().Unix() {
		return c.grantAgain(ctx, r, hers, next)
	}
	reader, err := c.Researcher(ctx, hers.Grant.Grantee)
	if err != nil {
		return nil, err
	}
	if reader.Silent {
		return nil, ErrReaderSilent
	}
	if sealedFor(state, hers, reader) != hers.Grant.RecipientSHA256 {
		return nil, refused("the reader has another key than when you let them in: revoke this grant, and grant the parts anew")
	}
	if r.Agree != nil {
		if err := r.Agree(reader, hers.Terms, next); err != nil {
			return nil, err
		}
	}
	_, err = c.sayOne(ctx, pathOf(r.Testimony)+"/renewals", one(func(h *history) (statement.Body, error) {
		if _, _, err := h.grant(r.Testimony, r.Grant); err != nil {
			return nil, err
		}
		return statement.Renew{Testimony: r.Testimony, Grant: r.Grant, Accreditation: reader.Accreditation.String(), Terms: next}, nil
	}))
	if err != nil {
		return nil, err
	}
	return &Grant{ID: r.Grant, Reader: *reader, Terms: next}, nil
}

// sealedFor is the hash of the recipient that her headers for this reader are
// sealed to: the reader's own or, where trustees hold it, the policy's.
func sealedFor(state *statement.State, hers *statement.GrantState, r *Researcher) string {
	if p := state.Policies[hers.Grant.Conditions.Policy]; p != nil && p.Threshold > 0 {
		return p.RecipientSHA256
	}
	return api.HashOf([]byte(r.Recipient)).String()
}

// renewedTerms never reach back: what was open yesterday is not opened anew.
func (c *Client) renewedTerms(inForce api.Terms, change func(api.Terms) (api.Terms, error)) (next api.Terms, err error) {
	today := statement.DayOf(c.time())
	next = copyOf(inForce)
	next.From, next.Until = max(next.From, today), 0
	if change != nil {
		if next, err = change(next); err != nil {
			return next, err
		}
	}
	if next.Until == 0 {
		next.Until = max(inForce.Until, next.From+statement.DefaultTerm)
	}
	return c.withDefaults(next), nil
}

// grantAgain makes a grant that is over anew, of what it still opened.
func (c *Client) grantAgain(ctx context.Context, r Renewal, hers *statement.GrantState, next api.Terms) (*Grant, error) {
	if hers.Grant.Conditions.Policy != "" {
		return nil, refused("the grant is over, and it waited for trustees or your silence: grant the parts anew, with those conditions")
	}
	o := Offer{Testimony: r.Testimony, To: hers.Grant.Grantee, Terms: next}
	for n := range hers.Parts {
		o.Parts = append(o.Parts, n)
	}
	o.again = hers.Grant
	if r.Agree != nil {
		o.Agree = func(reader *Researcher, after api.Terms) error { return r.Agree(reader, hers.Terms, after) }
	}
	return c.grant(ctx, o)
}

// Narrow takes back part of what a grant allows: change makes terms within those
// in force, or the call is ErrRefused. When it returns the vault serves nothing
// that the new terms do not allow. It gives the terms that are in force now.
func (c *Client) Narrow(ctx context.Context, t, grant api.ID, change func(inForce api.Terms) (api.Terms, error)) (api.Terms, error) {
	var next api.Terms
	_, err := c.sayOne(ctx, pathOf(t)+"/narrowings", one(func(h *history) (statement.Body, error) {
		_, hers, err := h.grant(t, grant)
		if err != nil {
			return nil, err
		}
		if next, err = change(copyOf(hers.Terms)); err != nil {
			return nil, err
		}
		next = c.withDefaults(next)
		if !next.Within(hers.Terms) {
			return nil, refused(statement.ErrWider.Error())
		}
		return statement.Narrow{Testimony: t, Grant: grant, Terms: next}, nil
	}))
	if err != nil {
		return api.Terms{}, fmt.Errorf("narrow: %w", err)
	}
	return next, nil
}

// copyOf is terms that share no list with t.
func copyOf(t api.Terms) api.Terms {
	t.Purposes = append([]statement.Purpose{}, t.Purposes...)
	t.Prohibited = append([]statement.Prohibited{}, t.Prohibited...)
	t.Media = append([]statement.Medium{}, t.Media...)
	return t
}

// grant is a grant of hers that she has not ended.
func (h *history) grant(t, grant api.ID) (*statement.State, *statement.GrantState, error) {
	state, err := h.state(t)
	if err != nil {
		return nil, nil, err
	}
	hers := state.Grants[grant]
	if hers == nil {
		return nil, nil, fmt.Errorf("grant %s: %w", grant, ErrNotFound)
	}
	if hers.Revoked {
		return nil, nil, refused("you have taken this grant back already: grant the parts anew")
	}
	return state, hers, nil
}
