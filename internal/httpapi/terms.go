package httpapi

import (
	"context"
	"net/http"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/idempotency"
	"github.com/relatingfield/vault/internal/ledger"
)

// changing are the routes by which the terms of a grant change, are asked about
// and are answered.
func (g *Grants) changing() []Route {
	const one = "/v1/testimonies/{testimony}"
	change := func(do saying) Handler {
		return CreateThen(http.StatusOK, say("testimony", do), g.settled)
	}
	return []Route{
		{Method: "POST", Path: one + "/renewals", Body: smallBody, Handler: change(g.Grants.Renew)},
		{Method: "POST", Path: one + "/narrowings", Body: smallBody, Handler: change(g.Grants.Narrow)},
		{Method: "POST", Path: one + "/answers", Body: smallBody, Handler: Create(http.StatusCreated, say("testimony", g.Grants.Answer))},
		{Method: "POST", Path: "/v1/inbox/{grant}/asks", Body: smallBody, Handler: Create(http.StatusCreated, say("grant", g.Grants.Ask))},
	}
}

// saying is an act that is one statement about what the path names.
type saying func(ctx context.Context, caller account.Caller, about id.ID, compact string, commit ledger.Commit) (ledger.Accepted, error)

// say takes such an act from a request.
func say(name string, do saying) func(*Request, api.Signed, idempotency.Commit) (api.Accepted, error) {
	return func(r *Request, in api.Signed, keep idempotency.Commit) (api.Accepted, error) {
		about, err := r.ID(name)
		if err != nil {
			return api.Accepted{}, err
		}
		out, err := do(r.Context(), r.Caller, about, in.Statement, one(keep, accepted))
		return accepted(out), err
	}
}

// settled waits until nothing is sent under terms that are over.
func (g *Grants) settled(r *Request, _ *api.Accepted) error {
	t, err := r.ID("testimony")
	if err != nil {
		return err
	}
	return g.Grants.Settle(r.Context(), t)
}
