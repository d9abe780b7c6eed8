package client

import (
	"context"
	"fmt"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/statement"
)

// Scope is what she takes back. What is left out is all there is of it: the zero
// Scope is everything.
type Scope struct {
	Testimony api.ID
	Part      int64 // of the testimony
	Reader    api.Account
}

// Withdrawal is something that has ended of a grant of hers.
type Withdrawal struct {
	Grant     api.ID
	Testimony api.ID
	Reader    api.Account
	Closure
	// Said is the vault's signed word; Receipt its text, to be kept.
	Said    *Revocation
	Receipt string
	// Known says that all of it was held against her own statements. Of an erased
	// testimony those are gone, and Said is the vault's word alone.
	Known bool
}

// Closure is how the end of a grant stands with its reader. Reply has been
// verified; the rest is the vault's word.
type Closure struct {
	State    api.ClosureState
	Parts    []int64
	Day, Due int64 // Unix seconds
	Reply    *statement.Reply
	Replied  int64 // the day the reader put on the reply
	Notes    int64 // parts about which the reader had a note in the vault; destroyed
}

// Withdraw takes back everything in scope with one statement. When it returns,
// the vault serves not one more byte under any of it, and has signed so for each
// grant: an ErrRevocation says that it has not. Nothing but the keys is needed,
// and that there was nothing to take back is no error.
func (c *Client) Withdraw(ctx context.Context, scope Scope) ([]Withdrawal, error) {
	list, err := c.withdraw(ctx, scope)
	if err != nil {
		return nil, fmt.Errorf("withdraw: %w", err)
	}
	return list, nil
}

func (c *Client) withdraw(ctx context.Context, scope Scope) ([]Withdrawal, error) {
	var answer api.Withdrawn
	s, err := c.sayWith(ctx, one(func(h *history) (statement.Body, error) {
		return statement.Withdraw{Testimony: scope.Testimony, N: scope.Part, Grantee: scope.Reader}, scope.in(h)
	}), func(signed string, a *api.Accepted) error {
		err := c.post(ctx, "/v1/withdrawals", api.Signed{Statement: signed}, &answer)
		*a = answer.Accepted
		return err
	})
	if err != nil {
		return nil, err
	}
	h, err := c.history(ctx)
	if err != nil {
		return nil, err
	}
	want, err := h.endsAt(s.Seq)
	if err != nil {
		return nil, err
	}
	list, err := c.withdrawals(ctx, h, s.Seq-1)
	if err != nil {
		return nil, err
	}
	for _, w := range list {
		if w.Said.Statement == b64Hash(s) {
			delete(want, w.Grant)
		}
	}
	for grant := range want {
		return nil, fmt.Errorf("%w: there is no receipt for grant %s", ErrRevocation, grant)
	}
	return list, nil
}

func b64Hash(s *statement.Statement) string {
	hash := s.Hash()
	return b64(hash[:])
}

// in refuses a scope that names what is not there: perhaps a slip of the hand,
// and then something else would go on being read.
func (s Scope) in(h *history) error {
	switch {
	case s.Testimony == "" && s.Part != 0:
		return refused("a part is one of a testimony: name that too")
	case s.Testimony == "":
		return nil
	case s.Part == 0:
		_, err := h.state(s.Testimony)
		return err
	}
	_, err := h.part(s.Testimony, s.Part)
	return err
}

// Withdrawals lists everything that she has ever taken back, in the order in
// which she did, with the vault's signed word for each and the reader's answer.
func (c *Client) Withdrawals(ctx context.Context) (out []Withdrawal, err error) {
	err = c.surely(ctx, func(h *history) (err error) {
		out, err = c.withdrawals(ctx, h, 0)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list what was taken back: %w", err)
	}
	return out, nil
}

// Withdrawn gives what has ended of one grant of hers, or ErrNotFound.
func (c *Client) Withdrawn(ctx context.Context, grant api.ID) (out []Withdrawal, err error) {
	err = c.surely(ctx, func(h *history) error {
		var answer api.Withdrawals
		if err := c.get(ctx, "/v1/withdrawals/"+string(grant), &answer); err != nil {
			return err
		}
		for _, w := range answer.Withdrawals {
			if w.Grant != grant {
				return fmt.Errorf("%w: it is for grant %s", ErrRevocation, w.Grant)
			}
		}
		out, err = c.verifyWithdrawals(ctx, h, answer.Withdrawals)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("ask for the receipt: %w", err)
	}
	return out, nil
}

// withdrawals lists what statements behind seq have ended.
func (c *Client) withdrawals(ctx context.Context, h *history, seq int64) ([]Withdrawal, error) {
	var claimed []api.Withdrawal
	err := pages(ctx, c, fmt.Sprintf("/v1/withdrawals?after=%d", seq), func(page api.Withdrawals) int {
		claimed = append(claimed, page.Withdrawals...)
		return len(page.Withdrawals)
	})
	if err != nil {
		return nil, err
	}
	return c.verifyWithdrawals(ctx, h, claimed)
}

// verifyWithdrawals holds each entry against her statements and the reader's.
func (c *Client) verifyWithdrawals(ctx context.Context, h *history, claimed []api.Withdrawal) ([]Withdrawal, error) {
	known := map[int64]map[api.ID]end{}
	out := make([]Withdrawal, 0, len(claimed))
	for _, w := range claimed {
		if _, met := known[w.Seq]; !met {
			var err error
			if known[w.Seq], err = h.endsAt(w.Seq); err != nil {
				return nil, err
			}
		}
		one, err := c.verifyWithdrawal(ctx, w, known[w.Seq])
		if err != nil {
			return nil, fmt.Errorf("grant %s: %w", w.Grant, err)
		}
		out = append(out, one)
	}
	return out, nil
}

func (c *Client) verifyWithdrawal(ctx context.Context, w api.Withdrawal, known map[api.ID]end) (Withdrawal, error) {
	out := Withdrawal{Grant: w.Grant, Testimony: w.Testimony, Reader: w.Grantee, Receipt: w.Revocation}
	var err error
	if out.Said, err = c.revocation(ctx, w.Revocation); err != nil {
		return out, err
	}
	e, mine := known[w.Grant]
	if mine {
		err, out.Known = e.proves(out.Said), true
	} else if r := out.Said; r.Account != c.Account() || r.Vault != c.vault.String() || r.Grant != w.Grant {
		err = fmt.Errorf("%w: it is for another grant", ErrRevocation)
	}
	if err != nil {
		return out, err
	}
	if out.Said.Testimony != w.Testimony || out.Said.Grantee != w.Grantee {
		return out, fmt.Errorf("%w: it is for another grant", ErrRevocation)
	}
	out.Closure, err = c.closure(w.Closure, w.Grant, w.Grantee)
	return out, err
}

// closure verifies the reader's reply, and that the vault makes of it what it is.
func (c *Client) closure(a api.Closure, grant api.ID, reader api.Account) (Closure, error) {
	out := Closure{State: a.State, Parts: a.Parts, Day: a.Day, Due: a.Due, Notes: a.Notes}
	if a.Reply != "" {
		s, err := c.foreign(a.Reply)
		if err != nil {
			return out, fmt.Errorf("%w: %w", ErrReplyForged, err)
		}
		body, ok := s.Body.(*statement.Reply)
		if !ok || s.Issuer != reader || body.Grant != grant {
			return out, fmt.Errorf("%w: it is of something else", ErrReplyForged)
		}
		out.Reply, out.Replied = body, s.IssuedAt
	}
	said := api.ClosureNotified
	if out.Reply != nil {
		said = api.ClosureState(out.Reply.Reply)
	}
	late := a.State == api.ClosureSilent && (said == api.ClosureNotified || said == api.ClosureAcknowledged)
	if a.State != said && !late {
		return out, fmt.Errorf("%w: the vault calls it %s", ErrReplyForged, a.State)
	}
	return out, nil
}
