package client

import (
	"context"
	"fmt"
	"slices"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/statement"
)

// Ending is something that was taken back from this reader.
type Ending struct {
	Grant     api.ID
	From      api.Account // who had granted it
	Testimony api.ID      // empty once it is erased
	Act       statement.Act
	Closure
	Fetched []api.Opening // the vault's word, oldest first
	Err     error         // ErrGrantForged: her statements do not say so
}

// Endings lists what was taken back from this account. Her statements are
// verified as far as they still exist: an ending that she did not sign carries
// the error. Answer it with Reply.
func (c *Client) Endings(ctx context.Context) ([]Ending, error) {
	if c.keys == nil {
		return nil, fmt.Errorf("list what was taken back: %w", ErrNoKeys)
	}
	var claimed []api.Ending
	err := pages(ctx, c, "/v1/endings", func(page api.Endings) int {
		claimed = append(claimed, page.Endings...)
		return len(page.Endings)
	})
	if err != nil {
		return nil, fmt.Errorf("list what was taken back: %w", err)
	}
	out := make([]Ending, len(claimed))
	for i, e := range claimed {
		out[i] = c.ending(e)
	}
	return out, nil
}

func (c *Client) ending(e api.Ending) Ending {
	out := Ending{Grant: e.Grant, From: e.From, Fetched: e.Fetched}
	out.Err = c.verifyEnding(e, &out)
	if out.Err == nil {
		out.Closure, out.Err = c.closure(e.Closure, e.Grant, c.keys.ID)
	}
	return out
}

// verifyEnding checks the two statements of hers: that she granted this to this
// reader, and that she ended it.
func (c *Client) verifyEnding(e api.Ending, out *Ending) error {
	lineage, err := statement.ReadLineage(c.vault.String(), e.Rekeys)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrGrantForged, err)
	}
	if e.Statement != "" {
		s, err := c.hers(e.Statement, e.StatementSHA256, lineage, e.From)
		if err != nil {
			return err
		}
		body, ok := s.Body.(*statement.Grant)
		if !ok || s.ID != e.Grant || body.Grantee != c.keys.ID {
			return fmt.Errorf("%w: its statement is of something else", ErrGrantForged)
		}
		out.Testimony = body.Testimony
	}
	if e.Ended == "" {
		return nil
	}
	s, err := c.hers(e.Ended, e.EndedSHA256, lineage, e.From)
	if err != nil {
		return err
	}
	out.Act = s.Act()
	if !c.ends(s.Body, e.Grant, out.Testimony) {
		return fmt.Errorf("%w: she did not end it", ErrGrantForged)
	}
	return nil
}

// hers parses a statement that its hash and its author are told of, whichever of
// her keys signed it.
func (c *Client) hers(text string, hash api.Hash, lineage *statement.Lineage, from api.Account) (*statement.Statement, error) {
	s, err := c.foreign(text)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrGrantForged, err)
	}
	if who, err := lineage.Author(s); err != nil || who != from || s.Hash() != hash {
		return nil, fmt.Errorf("%w: it is signed by somebody else", ErrGrantForged)
	}
	return s, nil
}

// ends says whether a statement ends a grant to this reader. The testimony is
// empty where it has been erased, and its name is then the eraser's word.
func (c *Client) ends(b statement.Body, grant, t api.ID) bool {
	switch b := b.(type) {
	case *statement.Revoke:
		return b.Grant == grant
	case *statement.Erase:
		return t == "" || b.Testimony == t
	case *statement.Withdraw:
		return (b.Grantee == "" || b.Grantee == c.keys.ID) && (b.Testimony == "" || t == "" || b.Testimony == t)
	}
	return false
}

// Answer is a reader's word on the end of a grant.
type Answer struct {
	Grant  api.ID
	Say    string // statement.Acknowledged, Destroyed or Kept
	Reason string // of Kept
	// Confirm is shown all that ended of the grant, with everything that had been
	// fetched, before anything is signed; an error stops it. To attest that all
	// copies are destroyed needs one: this client keeps no list of what was saved,
	// and only a person can say what became of it.
	Confirm func([]Ending) error
}

// Reply answers to the end of a grant. It is signed, and she sees it.
func (c *Client) Reply(ctx context.Context, a Answer) error {
	if err := c.reply(ctx, a); err != nil {
		return fmt.Errorf("answer for grant %s: %w", a.Grant, err)
	}
	return nil
}

func (c *Client) reply(ctx context.Context, a Answer) error {
	if a.Say == statement.Destroyed && a.Confirm == nil {
		return refused("that every copy is destroyed is for a person to say, who has seen what had been fetched")
	}
	all, err := c.Endings(ctx)
	if err != nil {
		return err
	}
	ended := slices.DeleteFunc(all, func(e Ending) bool { return e.Grant != a.Grant })
	if len(ended) == 0 {
		return ErrNotFound
	}
	for _, e := range ended {
		if e.Err != nil {
			return e.Err
		}
	}
	if a.Confirm != nil {
		if err := a.Confirm(ended); err != nil {
			return err
		}
	}
	_, err = c.sayOne(ctx, "/v1/endings/"+string(a.Grant)+"/replies", one(func(*history) (statement.Body, error) {
		return statement.Reply{Grant: a.Grant, Reply: a.Say, Reason: a.Reason}, nil
	}))
	return err
}
