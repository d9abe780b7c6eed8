package trust

import (
	"context"
	"fmt"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/release"
	"github.com/relatingfield/vault/internal/shred"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/trust/trustdb"
)

// Response is what a trustee has done, for her and for those who see the policy.
type Response string

// The responses. Released is a vote that counts now.
const (
	NoAnswer Response = "none"
	Agreed   Response = "agreed"
	Declined Response = "declined"
	Released Response = "released"
)

// Silence is when her silence is noticed and when it counts, in Unix seconds, if
// she does nothing; both 0 where it plays no part.
type Silence struct{ NoticeAt, ReleaseAt int64 }

func silence(p *release.Policy) Silence {
	if p.Silence == 0 {
		return Silence{}
	}
	return Silence{p.NoticeAt(), p.ReleaseAt()}
}

// Hers is a policy as she sees it.
type Hers struct {
	ID        id.ID
	Seq       int64 // of its statement, the order of the list
	Statement string
	Recipient string // of the shared key; empty without trustees
	Trustees  []Trustee
	Silence   Silence
}

// Trustee is one of those she named. At is when the vote was given, Unix seconds,
// 0 without one that counts.
type Trustee struct {
	Account  id.Thumbprint
	Response Response
	At       int64
}

// Trust is a policy as a trustee sees it.
type Trust struct {
	ID        id.ID
	Statement string
	Rekeys    []string // by which its maker changed keys
	Share     []byte   // the age file to the trustee
	Response  Response
	Open      bool // the vote is, now
	Silence   Silence
}

// List gives at most limit policies on the caller's testimony behind seq after,
// the oldest first.
func (p *Policies) List(ctx context.Context, caller account.Caller, testimony id.ID, after, limit int64) ([]Hers, error) {
	var out []Hers
	err := p.DB.View(ctx, func(ctx context.Context, tx store.Tx) error {
		out = nil
		key, err := p.own(ctx, tx, caller.ID, testimony)
		if err != nil {
			return err
		}
		rows, err := trustdb.New(tx).OnTestimony(ctx, trustdb.OnTestimonyParams{Testimony: string(testimony), After: after, Page: limit})
		if err != nil {
			return fmt.Errorf("list policies: %w", err)
		}
		for _, r := range rows {
			of := policy{id.ID(r.ID), testimony, caller.ID, r.Seq, r.Threshold, r.Silence, r.Wait}
			one, err := p.hers(ctx, tx, key, of, r.Recipient)
			if err != nil {
				return err
			}
			out = append(out, one)
		}
		return nil
	})
	return out, err
}

func (p *Policies) hers(ctx context.Context, tx store.Tx, key *shred.Key, of policy, recipient []byte) (Hers, error) {
	s, err := p.Ledger.Statement(ctx, tx, of.owner, of.seq)
	if err != nil {
		return Hers{}, err
	}
	out := Hers{ID: of.id, Seq: of.seq, Statement: s.Compact()}
	if len(recipient) > 0 {
		text, err := key.Open(recipientLabel(of.id), recipient)
		if err != nil {
			return out, err
		}
		out.Recipient = string(text)
	}
	standing, err := p.standing(ctx, tx, of)
	if err != nil {
		return out, err
	}
	out.Silence = silence(standing)
	rows, err := trustdb.New(tx).Trustees(ctx, string(of.id))
	if err != nil {
		return out, fmt.Errorf("list trustees: %w", err)
	}
	for _, r := range rows {
		n := naming{policy: of, answer: r.Answer, releasedS: r.ReleasedS}
		out.Trustees = append(out.Trustees, n.trustee(id.Thumbprint(r.Account), standing))
	}
	return out, nil
}

func (n naming) trustee(who id.Thumbprint, standing *release.Policy) Trustee {
	out := Trustee{Account: who, Response: n.response(standing)}
	if out.Response == Released {
		out.At = n.releasedS
	}
	return out
}

func (n naming) response(standing *release.Policy) Response {
	switch {
	case n.released(standing):
		return Released
	case n.answer == "":
		return NoAnswer
	}
	return Response(n.answer)
}

// Trusts gives at most limit policies that name the caller, behind policy after.
func (p *Policies) Trusts(ctx context.Context, caller account.Caller, after id.ID, limit int64) ([]Trust, error) {
	var out []Trust
	err := p.DB.View(ctx, func(ctx context.Context, tx store.Tx) error {
		out = nil
		rows, err := trustdb.New(tx).NamedIn(ctx, trustdb.NamedInParams{Account: string(caller.ID), After: string(after), Page: limit})
		if err != nil {
			return fmt.Errorf("list trusts: %w", err)
		}
		for _, r := range rows {
			one, err := p.trust(ctx, tx, caller.ID, naming{
				policy{id.ID(r.ID), id.ID(r.Testimony), id.Thumbprint(r.Owner), r.Seq, r.Threshold, r.Silence, r.Wait}, r.Answer, r.ReleasedS, r.Share})
			if err != nil {
				return err
			}
			out = append(out, one)
		}
		return nil
	})
	return out, err
}

func (p *Policies) trust(ctx context.Context, tx store.Tx, who id.Thumbprint, n naming) (Trust, error) {
	s, err := p.Ledger.Statement(ctx, tx, n.owner, n.seq)
	if err != nil {
		return Trust{}, err
	}
	key, err := p.key(ctx, tx, n.testimony)
	if err != nil {
		return Trust{}, err
	}
	out := Trust{ID: n.id, Statement: s.Compact()}
	if out.Rekeys, err = p.rekeys(ctx, tx, n.owner); err != nil {
		return out, err
	}
	if out.Share, err = key.Open(shareLabel(n.id, who), n.share); err != nil {
		return out, err
	}
	standing, err := p.standing(ctx, tx, n.policy)
	if err != nil {
		return out, err
	}
	out.Response, out.Silence = n.response(standing), silence(standing)
	out.Open, err = p.open(ctx, tx, n.policy)
	return out, err
}
