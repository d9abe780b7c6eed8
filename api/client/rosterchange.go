package client

import (
	"context"
	"errors"
	"fmt"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/roster"
	"github.com/relatingfield/vault/internal/statement"
)

// Steward is one guardian as the roster names them.
type Steward = roster.Steward

// RosterTerms are what stewards decide when they write a roster.
type RosterTerms = roster.Terms

// RosterDocument is a roster as it is written; it may be a mere proposal.
type RosterDocument = roster.Document

// Farewell is the stewards' word that a vault ends, or goes on elsewhere.
type Farewell = roster.Farewell

// FarewellKind says which of the two.
type FarewellKind = roster.FarewellKind

// The kinds of farewells.
const (
	Closing = roster.Closing
	Moving  = roster.Moving
)

// NewSteward names the holder of an Ed25519 public key (32 bytes).
func NewSteward(name string, key api.Bytes) (Steward, error) {
	return roster.NewSteward(name, []byte(key))
}

// ProposeRoster writes the roster that follows today's with these terms, signs
// it and hands it in. When the threshold is more than one, others have to
// approve the document that comes back (ApproveRoster).
func (c *Client) ProposeRoster(ctx context.Context, change func(*Roster) (RosterTerms, error)) (document []byte, effective bool, err error) {
	now, err := c.Roster(ctx)
	if err != nil {
		return nil, false, fmt.Errorf("change the roster: %w", err)
	}
	terms, err := change(now)
	if err != nil {
		return nil, false, fmt.Errorf("change the roster: %w", err)
	}
	document, err = now.Change(c.rand, c.time(), terms)
	if err != nil {
		return nil, false, err
	}
	effective, err = c.approve(ctx, now, document)
	return document, effective, err
}

// ApproveRoster signs a roster that another steward proposed, after agree has
// seen it beside today's.
func (c *Client) ApproveRoster(ctx context.Context, document []byte, agree func(now *Roster, next *RosterDocument) error) (effective bool, err error) {
	now, err := c.Roster(ctx)
	if err != nil {
		return false, fmt.Errorf("approve the roster: %w", err)
	}
	next, err := roster.Parse(document)
	if err != nil {
		return false, fmt.Errorf("approve the roster: %w", err)
	}
	if err := agree(now, next); err != nil {
		return false, fmt.Errorf("approve the roster: %w", err)
	}
	return c.approve(ctx, now, document)
}

func (c *Client) approve(ctx context.Context, now *Roster, document []byte) (bool, error) {
	var answer api.RosterProposed
	next, err := roster.Parse(document)
	if err != nil {
		return false, fmt.Errorf("approve the roster: %w", err)
	}
	head := now.Head()
	if next.Seq != now.Seq()+1 || next.Prev != b64(head[:]) {
		return false, errors.New("approve the roster: it does not follow the roster of today")
	}
	body := statement.RosterChange{DocumentSHA256: api.HashOf(document).String(), RosterSeq: int64(next.Seq)}
	_, err = c.sayWith(ctx, one(func(*history) (statement.Body, error) { return body, nil }), func(signed string, a *api.Accepted) error {
		err := c.post(ctx, "/v1/roster", api.ProposeRoster{Document: document, Statement: signed}, &answer)
		*a = answer.Accepted
		return err
	})
	if err != nil {
		return false, fmt.Errorf("approve the roster: %w", err)
	}
	return answer.Effective, nil
}
