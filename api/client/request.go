package client

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/statement"
)

// Request is what a reader asks of her, by the reader's signed word.
type Request struct {
	Purposes []statement.Purpose
	Until    int64 // Unix seconds
	Day      int64 // on which it was signed, Unix seconds
}

// AskToRenew asks the giver of a grant to renew it. Purposes left empty are those
// in force, and a zero until is twelve months from today. When she is shown it, if
// at all, is hers to decide, and the vault says nothing of that.
func (c *Client) AskToRenew(ctx context.Context, grant api.ID, purposes []statement.Purpose, until int64) error {
	if len(purposes) == 0 {
		r, err := c.inboxGrant(ctx, grant)
		if err != nil {
			return fmt.Errorf("ask: %w", err)
		}
		purposes = r.Terms.Purposes
	}
	purposes = slices.Compact(slices.Sorted(slices.Values(purposes)))
	_, err := c.sayOne(ctx, "/v1/inbox/"+string(grant)+"/asks", one(func(*history) (statement.Body, error) {
		if until == 0 {
			until = statement.DayOf(c.time()) + statement.DefaultTerm
		}
		return statement.Ask{Grant: grant, Purposes: purposes, Until: until}, nil
	}))
	if err != nil {
		return fmt.Errorf("ask: %w", err)
	}
	return nil
}

// Refuse answers no to whatever the reader of a grant asks. She is not asked about
// it again unless she renews it. The grant stays as it is.
func (c *Client) Refuse(ctx context.Context, t, grant api.ID) error {
	return c.sayAnswer(ctx, statement.Answer{Testimony: t, Grant: grant, Answer: statement.Refused})
}

// NotNow answers that she does not want to be asked before the day that begins at
// until. The grant stays as it is.
func (c *Client) NotNow(ctx context.Context, t, grant api.ID, until int64) error {
	return c.sayAnswer(ctx, statement.Answer{Testimony: t, Grant: grant, Answer: statement.Deferred, Until: until - until%statement.Day})
}

func (c *Client) sayAnswer(ctx context.Context, body statement.Answer) error {
	_, err := c.sayOne(ctx, pathOf(body.Testimony)+"/answers", one(func(h *history) (statement.Body, error) {
		if _, _, err := h.grant(body.Testimony, body.Grant); err != nil {
			return nil, err
		}
		if body.Answer == statement.Deferred && body.Until <= c.time().Unix() {
			return nil, refused("name a day that is still to come")
		}
		return body, nil
	}))
	if err != nil {
		return fmt.Errorf("answer: %w", err)
	}
	return nil
}

// asked verifies the request that the vault shows beside a grant of hers. What she
// has answered already by her own word is not asked again, whatever the vault says.
func (c *Client) asked(grant api.ID, text string, hers *statement.GrantState) (*Request, error) {
	if text == "" {
		return nil, nil
	}
	s, err := c.foreign(text)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRequestForged, err)
	}
	body, ok := s.Body.(*statement.Ask)
	if !ok || body.Grant != grant || s.Issuer != hers.Grant.Grantee {
		return nil, ErrRequestForged
	}
	if a := hers.Answered; a != nil && (a.Answer == statement.Refused || c.time().Unix() < a.Until) {
		return nil, nil
	}
	return &Request{Purposes: body.Purposes, Until: body.Until, Day: s.IssuedAt}, nil
}

// answered verifies her answer as the vault shows it to the reader.
func (c *Client) answered(of *statement.Lineage, grant *statement.Statement, text string) (*statement.Answer, error) {
	if text == "" {
		return nil, nil
	}
	s, err := c.foreign(text)
	if err != nil {
		return nil, err
	}
	body, ok := s.Body.(*statement.Answer)
	if !ok || !of.Same(grant, s) || s.Seq <= grant.Seq || body.Grant != grant.ID {
		return nil, errors.New("the answer is about something else")
	}
	return body, nil
}
