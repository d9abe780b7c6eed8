package clienttest

import (
	"cmp"
	"maps"
	"slices"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/sharedkey"
	"github.com/relatingfield/vault/internal/statement"
)

// policy is one release policy as it is stored.
type policy struct {
	id        api.ID
	owner     api.Account
	text      string
	body      *statement.Policy
	recipient string
	shares    map[api.Account][]byte
	answers   map[api.Account]api.TrusteeAnswer
	votes     map[api.Account]api.ReleasedShare
}

// trusting are the routes of release policies.
func (v *Vault) trusting() map[string]handler {
	return map[string]handler{
		"POST /v1/testimonies/{t}/policies": read(v.setPolicy),
		"GET /v1/testimonies/{t}/policies":  v.listPolicies,
		"GET /v1/trusts":                    v.listTrusts,
		"POST /v1/trusts/{policy}/answers":  read(v.answerTrust),
		"POST /v1/trusts/{policy}/releases": read(v.vote),
		"POST /v1/checkins":                 read(v.checkIn),
		"PUT /v1/introduction":              read(v.introduce),
		"GET /v1/introductions/{account}":   v.accountKey,
		"GET /v1/inbox/{g}/shares":          v.listShares,
	}
}

func (v *Vault) setPolicy(r *request, in api.NewPolicy) (any, error) {
	t, err := v.own(r)
	if err != nil {
		return nil, err
	}
	s, body, a, err := said[*statement.Policy](v, r.who, in.Statement)
	if err != nil {
		return nil, err
	}
	p := &policy{id: s.ID, owner: r.who, text: in.Statement, body: body, recipient: in.Recipient, shares: map[api.Account][]byte{},
		answers: map[api.Account]api.TrusteeAnswer{}, votes: map[api.Account]api.ReleasedShare{}}
	for i, trustee := range body.Trustees {
		if sharedkey.Digest(in.Shares[i]) != trustee.SealedSHA256 {
			return nil, refused{name: api.ProblemDigestMismatch}
		}
		p.shares[trustee.Account], p.answers[trustee.Account] = in.Shares[i], api.TrusteeNone
	}
	v.policies = append(v.policies, p)
	v.note(t, api.EventPolicy, r.who, 0, "")
	return &a, nil
}

// silence is when a silence of the owner's counts, nil where it plays no part.
func (v *Vault) silence(p *policy) *api.Silence {
	if p.body.Silence == 0 {
		return nil
	}
	chain := v.accounts[p.owner].chain
	last, err := statement.Parse(chain[len(chain)-1].Statement)
	if err != nil {
		return nil
	}
	notice := last.IssuedAt + statement.Day + p.body.Silence
	return &api.Silence{NoticeAt: notice, ReleaseAt: notice + p.body.Wait}
}

func (v *Vault) mayVote(p *policy) bool {
	s := v.silence(p)
	return s == nil || v.now().Unix() >= s.ReleaseAt
}

func (v *Vault) fulfilled(p *policy) bool {
	return v.mayVote(p) && int64(len(p.votes)) >= p.body.Threshold
}

// withheld says whether a grant waits for its policy.
func (v *Vault) withheld(g *grant) bool {
	p := v.policy(g.body.Conditions.Policy)
	return g.body.Conditions.Policy != "" && (p == nil || !v.fulfilled(p))
}

func (v *Vault) policy(id api.ID) *policy {
	for _, p := range v.policies {
		if p.id == id {
			return p
		}
	}
	return nil
}

func (v *Vault) listPolicies(r *request) (any, error) {
	if _, err := v.own(r); err != nil {
		return nil, err
	}
	out := &api.Policies{Policies: []api.Policy{}}
	for _, p := range v.policies {
		if p.body.Testimony != r.testimony() {
			continue
		}
		one := api.Policy{Policy: p.id, Statement: p.text, Recipient: p.recipient, Trustees: []api.Trustee{}, Silence: v.silence(p)}
		for _, t := range p.body.Trustees {
			one.Trustees = append(one.Trustees, api.Trustee{Account: t.Account, Answer: p.answers[t.Account]})
		}
		out.Policies = append(out.Policies, one)
	}
	return out, nil
}

func (v *Vault) listTrusts(r *request) (any, error) {
	out := &api.Trusts{Trusts: []api.Trust{}}
	for _, p := range v.policies {
		if share, named := p.shares[r.who]; named {
			out.Trusts = append(out.Trusts, api.Trust{Policy: p.id, Statement: p.text, Share: slices.Clone(share), Answer: p.answers[r.who],
				Open: v.mayVote(p), Silence: v.silence(p)})
		}
	}
	return out, nil
}

// named finds a policy that names the caller.
func (v *Vault) named(r *request) (*policy, error) {
	p := v.policy(api.ID(r.PathValue("policy")))
	if p == nil || p.shares[r.who] == nil {
		return nil, notFound()
	}
	return p, nil
}

func (v *Vault) answerTrust(r *request, in api.Signed) (any, error) {
	p, err := v.named(r)
	if err != nil {
		return nil, err
	}
	_, body, a, err := said[*statement.Trust](v, r.who, in.Statement)
	if err != nil {
		return nil, err
	}
	p.answers[r.who] = api.TrusteeAnswer(body.Answer)
	if body.Answer == statement.Declined {
		delete(p.votes, r.who)
	}
	return &a, nil
}

func (v *Vault) vote(r *request, in api.NewRelease) (any, error) {
	p, err := v.named(r)
	if err != nil {
		return nil, err
	}
	if !v.mayVote(p) || p.answers[r.who] == api.TrusteeDeclined {
		return nil, refused{name: api.ProblemConflict}
	}
	_, _, a, err := said[*statement.Release](v, r.who, in.Statement)
	if err != nil {
		return nil, err
	}
	p.answers[r.who], p.votes[r.who] = api.TrusteeReleased, api.ReleasedShare{Account: r.who, Statement: in.Statement, Share: in.Share}
	return &a, nil
}

func (v *Vault) checkIn(r *request, in api.Signed) (any, error) {
	_, _, a, err := said[*statement.CheckIn](v, r.who, in.Statement)
	return &a, err
}

func (v *Vault) introduce(r *request, in api.Introduction) (any, error) {
	if v.accounts[r.who] == nil {
		return nil, refused{name: api.ProblemEnrolFirst}
	}
	v.accounts[r.who].introduced = in.Open
	return &in, nil
}

func (v *Vault) accountKey(r *request) (any, error) {
	a := v.accounts[api.Account(r.PathValue("account"))]
	if a == nil || !a.introduced {
		return nil, notFound()
	}
	return &api.AccountKey{Key: a.chain[0].Statement}, nil
}

func (v *Vault) listShares(r *request) (any, error) {
	g := v.grants[api.ID(r.PathValue("g"))]
	if !v.readable(g, r.who) || g.body.Conditions.Policy == "" || v.withheld(g) {
		return nil, notFound()
	}
	p := v.policy(g.body.Conditions.Policy)
	out := &api.Shares{Policy: p.text, Shares: []api.ReleasedShare{}}
	for _, vote := range slices.SortedFunc(maps.Values(p.votes), func(a, b api.ReleasedShare) int { return cmp.Compare(a.Account, b.Account) }) {
		vote.Share = slices.Clone(vote.Share)
		out.Shares = append(out.Shares, vote)
	}
	return out, nil
}
