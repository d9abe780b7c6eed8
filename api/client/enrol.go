package client

import (
	"context"
	"fmt"
	"net/http"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/proofofwork"
	"github.com/relatingfield/vault/internal/statement"
)

// Enrol opens an account for the client's keys. invitation is a code where the
// vault asks for one, otherwise empty; a steward whose key stands in the roster
// needs none. In the open mode a proof of work of some seconds is computed.
//
// Enrolling twice is enrolling once.
func (c *Client) Enrol(ctx context.Context, role api.Role, invitation string) error {
	if err := c.enrol(ctx, role, invitation); err != nil {
		return fmt.Errorf("enrol: %w", err)
	}
	return nil
}

func (c *Client) enrol(ctx context.Context, role api.Role, invitation string) error {
	if c.keys == nil {
		return ErrNoKeys
	}
	// The roster first: keys of a vault with other stewards must not be shown to it.
	s, err := c.stewards(ctx)
	if err != nil {
		return err
	}
	if _, ok := s.now.Steward(c.keys.ID); role == statement.Steward && !ok {
		return refused("your key is not in the roster yet: ask the stewards to admit it")
	}
	if err := c.tellTime(ctx); err != nil {
		return err
	}
	request, err := c.application(ctx, role, invitation)
	if err != nil {
		return err
	}
	return c.firstWord(ctx, role, request)
}

// tellTime sets the clock from the vault before there is a session.
func (c *Client) tellTime(ctx context.Context) error {
	sent := c.now()
	v, err := c.Vault(ctx)
	if err != nil {
		return err
	}
	c.clock.set(sent, v.Time)
	return nil
}

// application is an enrolment but for its statement.
func (c *Client) application(ctx context.Context, role api.Role, invitation string) (api.Enrol, error) {
	if invitation != "" || role == statement.Steward {
		return api.Enrol{Invitation: invitation}, nil
	}
	var e api.Enrolment
	if err := c.json(ctx, call{method: http.MethodGet, path: "/v1/enrolment", repeat: true}, &e); err != nil {
		return api.Enrol{}, err
	}
	if e.Mode != api.ModeOpen {
		return api.Enrol{}, refused("this vault takes new accounts by invitation: ask for a code")
	}
	solution, err := proofofwork.Solve(ctx, e.Challenge, string(c.keys.ID))
	if err != nil {
		return api.Enrol{}, err
	}
	return api.Enrol{Challenge: e.Challenge, Solution: solution}, nil
}

// firstWord signs and sends the key statement that begins every chain.
func (c *Client) firstWord(ctx context.Context, role api.Role, request api.Enrol) error {
	c.acting.Lock()
	defer c.acting.Unlock()
	empty := &history{chain: statement.NewChain(c.keys.ID, c.vault.String())}
	signed, err := c.sign(empty, []statement.Body{statement.Key{Role: role, Recipient: c.keys.Recipient}})
	if err != nil {
		return err
	}
	request.Statement = signed[0].Compact()
	var a api.Accepted
	err = c.create(ctx, call{method: http.MethodPost, path: "/v1/accounts", body: request}, &a)
	c.forget()
	if isProblem(err, api.ProblemConflict) || isProblem(err, api.ProblemChainConflict) {
		return c.enrolledAs(ctx, role)
	}
	if err != nil {
		return err
	}
	return c.receipted(ctx, signed[0], a)
}

// enrolledAs checks that the account that was there already is the one wanted.
func (c *Client) enrolledAs(ctx context.Context, role api.Role) error {
	h, err := c.history(ctx)
	if err != nil {
		return err
	}
	if err := h.enrolled(); err != nil {
		return err
	}
	if key, ok := h.chain.Statements[0].Body.(*statement.Key); !ok || key.Role != role {
		return refused("these words already have an account of another kind: make new ones")
	}
	return nil
}
