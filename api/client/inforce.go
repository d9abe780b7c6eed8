package client

import (
	"errors"
	"fmt"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/statement"
)

// What a reader's client can know of terms that have changed.
//
// It verifies that the statement which changed them is the giver's, behind the
// grant, and about it. It remembers, while it lives, the newest one it was shown,
// and takes no older one after that. It cannot know that there is none newer: a
// vault that hides her newest statement from a reader shows old terms as if they
// were in force (docs/threat-model.md). What the vault serves is decided by the
// newest ones all the same; only promises that nobody but the reader can keep
// depend on what the reader is shown.

// termsAnew are the terms of the statement that changed those of a grant.
func termsAnew(of *statement.Lineage, grant, s *statement.Statement) (api.Terms, error) {
	given, _ := grant.Body.(*statement.Grant)
	if !of.Same(grant, s) || s.Vault != grant.Vault || s.Seq <= grant.Seq {
		return api.Terms{}, errors.New("the statement that changed its terms is not the giver's")
	}
	switch body := s.Body.(type) {
	case *statement.Renew:
		if body.Grant == grant.ID && body.Testimony == given.Testimony {
			return body.Terms, nil
		}
	case *statement.Narrow:
		if body.Grant == grant.ID && body.Testimony == given.Testimony {
			return body.Terms, nil
		}
	}
	return api.Terms{}, errors.New("the statement that changed its terms is of something else")
}

// inForce puts the terms that count into r.
func (c *Client) inForce(r *Received, grant *statement.Statement, text string) error {
	seq := grant.Seq
	if text != "" {
		s, err := c.foreign(text)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrGrantForged, err)
		}
		if r.Terms, err = termsAnew(r.lineage, grant, s); err != nil {
			return fmt.Errorf("%w: %w", ErrGrantForged, err)
		}
		seq = s.Seq
	}
	r.Changed = text
	c.mu.Lock()
	defer c.mu.Unlock()
	if seq < c.newest[grant.ID] {
		return ErrTermsOld
	}
	if c.newest == nil {
		c.newest = map[api.ID]int64{}
	}
	c.newest[grant.ID] = seq
	return nil
}

// checkInForce holds what the vault takes for the terms in force against hers.
func (c *Client) checkInForce(g api.Granted, hers *statement.GrantState) error {
	terms := hers.Grant.Terms
	if g.Terms != "" {
		s, err := c.foreign(g.Terms)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrTermsOld, err)
		}
		switch body := s.Body.(type) {
		case *statement.Renew:
			terms = body.Terms
		case *statement.Narrow:
			terms = body.Terms
		}
	}
	if !terms.Equal(hers.Terms) {
		return ErrTermsOld
	}
	return nil
}
