package httpapi

import (
	"net/http"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/idempotency"
	"github.com/relatingfield/vault/internal/recovery"
)

// Recoveries are the routes by which trustees give lost words back.
type Recoveries struct {
	Recoveries *recovery.Recoveries
	JSON       int64 // most bytes of a request that carries many shares
}

// Routes lists them.
func (c *Recoveries) Routes() []Route {
	const created = http.StatusCreated
	return []Route{
		{Method: "POST", Path: "/v1/recoveries", Auth: SignedIn, Body: c.JSON, Handler: Create(created, c.set)},
		{Method: "GET", Path: "/v1/recoveries", Auth: SignedIn, Handler: Read(c.show)},
		{Method: "GET", Path: "/v1/recoveries/named", Auth: SignedIn, Handler: Read(c.named)},
		{Method: "POST", Path: "/v1/recoveries/{recovery}/answers", Auth: SignedIn, Body: smallBody, Handler: Create(created, c.answer)},
		{Method: "POST", Path: "/v1/claims", Auth: SignedIn, Body: smallBody, Handler: Create(created, c.claim)},
		{Method: "POST", Path: "/v1/claims/{claim}/releases", Auth: SignedIn, Body: smallBody, Handler: Create(created, c.give)},
		{Method: "GET", Path: "/v1/claims/{claim}/shares", Auth: SignedIn, Handler: Read(c.shares)},
	}
}

func (c *Recoveries) set(r *Request, in api.NewRecovery, keep idempotency.Commit) (api.Accepted, error) {
	shares := make([][]byte, len(in.Shares))
	for i, s := range in.Shares {
		shares[i] = s
	}
	out, err := c.Recoveries.Set(r.Context(), r.Caller, in.Statement, shares, one(keep, accepted))
	return accepted(out), err
}

func (c *Recoveries) show(r *Request) (api.Recovery, error) {
	hers, err := c.Recoveries.Show(r.Context(), r.Caller)
	out := api.Recovery{Recovery: hers.ID, Claims: claims(hers.Claims)}
	for _, t := range hers.Trustees {
		out.Trustees = append(out.Trustees, api.Trustee{Account: t.Account, Answer: answerOf(t.Answer)})
	}
	return out, err
}

func answerOf(answer string) api.TrusteeAnswer {
	if answer == "" {
		return api.TrusteeNone
	}
	return api.TrusteeAnswer(answer)
}

func claims(list []recovery.Claimed) (out []api.Claimed) {
	for _, c := range list {
		out = append(out, api.Claimed{Claim: c.ID, Claimant: c.Claimant, Opened: c.Opened, GivesAt: c.GivesAt, Said: c.Claim, Key: c.Key})
	}
	return out
}

func (c *Recoveries) named(r *Request) (api.NamedRecoveries, error) {
	q, err := r.Query("claimant")
	if err != nil {
		return api.NamedRecoveries{}, err
	}
	list, err := c.Recoveries.Naming(r.Context(), r.Caller, id.Thumbprint(q["claimant"]))
	out := api.NamedRecoveries{}
	for _, n := range list {
		out.Recoveries = append(out.Recoveries, api.NamedRecovery{Recovery: n.ID, Account: n.Account, Statement: n.Statement, Rekeys: n.Rekeys,
			Share: n.Share, Answer: answerOf(n.Answer), Claims: claims(n.Claims)})
	}
	return out, err
}

func (c *Recoveries) answer(r *Request, in api.Signed, keep idempotency.Commit) (api.Accepted, error) {
	name, err := r.ID("recovery")
	if err != nil {
		return api.Accepted{}, err
	}
	out, err := c.Recoveries.Answer(r.Context(), r.Caller, name, in.Statement, one(keep, accepted))
	return accepted(out), err
}

func (c *Recoveries) claim(r *Request, in api.Signed, keep idempotency.Commit) (api.Accepted, error) {
	out, err := c.Recoveries.Claim(r.Context(), r.Caller, in.Statement, one(keep, accepted))
	return accepted(out), err
}

func (c *Recoveries) give(r *Request, in api.NewRelease, keep idempotency.Commit) (api.Accepted, error) {
	name, err := r.ID("claim")
	if err != nil {
		return api.Accepted{}, err
	}
	out, err := c.Recoveries.Give(r.Context(), r.Caller, name, in.Statement, in.Share, one(keep, accepted))
	return accepted(out), err
}

func (c *Recoveries) shares(r *Request) (api.RecoveredShares, error) {
	name, err := r.ID("claim")
	if err != nil {
		return api.RecoveredShares{}, err
	}
	given, err := c.Recoveries.Shares(r.Context(), r.Caller, name)
	out := api.RecoveredShares{Account: given.Account, Recovery: given.Recovery, Rekeys: given.Rekeys}
	for _, s := range given.Shares {
		out.Shares = append(out.Shares, api.ReleasedShare{Account: s.Account, Statement: s.Release, Rekeys: s.Rekeys, Share: s.Share})
	}
	return out, err
}
