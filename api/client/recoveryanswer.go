package client

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/statement"
)

// AnswerRecovery tells her whether this account will act as her trustee. To decline
// takes no share: see Decline.
func (c *Client) AnswerRecovery(ctx context.Context, recovery api.ID, agreed bool) error {
	if err := c.answerRecovery(ctx, recovery, agreed); err != nil {
		return fmt.Errorf("answer her: %w", err)
	}
	return nil
}

func (c *Client) answerRecovery(ctx context.Context, recovery api.ID, agreed bool) error {
	var named api.NamedRecoveries
	if err := c.get(ctx, "/v1/recoveries/named", &named); err != nil {
		return err
	}
	i := slices.IndexFunc(named.Recoveries, func(a api.NamedRecovery) bool { return a.Recovery == recovery })
	if i < 0 {
		return fmt.Errorf("recovery %s: %w", recovery, ErrNotFound)
	}
	n, _, err := c.namedToRecover(named.Recoveries[i])
	answer := statement.Declined
	if agreed && err == nil {
		answer = statement.Agreed
		n, err = c.verifyRecovery(named.Recoveries[i])
	}
	if err != nil {
		return err
	}
	_, err = c.sayOne(ctx, "/v1/recoveries/"+string(recovery)+"/answers", one(func(*history) (statement.Body, error) {
		return statement.Trust{Of: n.ID, OfSHA256: hashText(n.statement), Answer: answer}, nil
	}))
	return err
}

// namedToRecover is a recovery that names this account, by its maker's statement
// alone, and what the statement says of this account's share.
func (c *Client) namedToRecover(a api.NamedRecovery) (*NamedRecovery, statement.Share, error) {
	s, from, body, err := c.recoveryOf(a.Statement, a.Rekeys)
	if err != nil || s.ID != a.Recovery || from != a.Account {
		return nil, statement.Share{}, errors.Join(ErrRecoveryForged, err)
	}
	i := slices.IndexFunc(body.Trustees, func(t statement.Share) bool { return t.Account == c.Account() })
	if i < 0 {
		return nil, statement.Share{}, ErrRecoveryForged
	}
	return &NamedRecovery{ID: s.ID, From: from, Threshold: int(body.Threshold), Of: len(body.Trustees), Wait: int(body.Wait / statement.Day),
		Answer: a.Answer, statement: s}, body.Trustees[i], nil
}
