package httpapi

import (
	"net/http"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/idempotency"
	"github.com/relatingfield/vault/internal/partner"
)

// Partners are the routes about organisations, their officers and their programs.
type Partners struct {
	Registry *partner.Registry
	Accounts *account.Accounts
}

// Routes lists them.
func (p *Partners) Routes() []Route {
	const created = http.StatusCreated
	return []Route{
		{Method: "POST", Path: "/v1/token", Auth: Anybody, Body: smallBody, Handler: plain(p.token)},
		{Method: "GET", Path: "/v1/partner", Auth: PartnerClient, Handler: ReadIf(p.partner)},
		{Method: "GET", Path: "/.well-known/oauth-authorization-server", Auth: Anybody, Handler: Read(p.metadata)},
		{Method: "GET", Path: "/v1/partners", Auth: SignedIn, Handler: ReadIf(p.list)},
		{Method: "GET", Path: "/v1/partners/{partner}", Auth: SignedIn, Handler: ReadIf(p.one)},
		{Method: "GET", Path: "/v1/partners/{partner}/clients", Auth: SignedIn, Handler: ReadIf(p.clients)},
		{Method: "GET", Path: "/v1/partners/{partner}/clients/{client}", Auth: SignedIn, Handler: ReadIf(p.client)},
		{Method: "POST", Path: "/v1/partner/invitations", Begins: true, Auth: PartnerClient, Scope: partner.Register, Body: smallBody, Handler: Create(created, p.invite)},
		{Method: "POST", Path: "/v1/agreements", Auth: SignedIn, Body: smallBody, Handler: Create(created, p.agree)},
		{Method: "POST", Path: "/v1/halts", Auth: SignedIn, Body: smallBody, Handler: Create(created, p.halt)},
		{Method: "POST", Path: "/v1/clients", Auth: SignedIn, Body: smallBody, Handler: Create(created, p.register)},
		{Method: "POST", Path: "/v1/retirements", Auth: SignedIn, Body: smallBody, Handler: Create(created, p.retire)},
	}
}

func (p *Partners) partner(r *Request) (api.Partner, error) {
	c := r.Partner
	return api.Partner{Partner: c.Partner, Client: c.Client, Key: c.Key, Scopes: c.Scopes, Until: c.Until}, nil
}

func (p *Partners) invite(r *Request, _ api.Empty, keep idempotency.Commit) (api.Invitation, error) {
	out, err := p.Accounts.InviteFor(r.Context(), r.Partner.Partner, as(keep, invitation))
	return invitation(out), err
}

func (p *Partners) agree(r *Request, in api.Signed, keep idempotency.Commit) (api.Agreement, error) {
	out, err := p.Registry.Agree(r.Context(), r.Caller, in.Statement, as(keep, agreement))
	return agreement(out), err
}

func (p *Partners) halt(r *Request, in api.Signed, keep idempotency.Commit) (api.Agreement, error) {
	out, err := p.Registry.Halt(r.Context(), r.Caller, in.Statement, as(keep, agreement))
	return agreement(out), err
}

func (p *Partners) register(r *Request, in api.Signed, keep idempotency.Commit) (api.Registration, error) {
	out, err := p.Registry.Register(r.Context(), r.Caller, in.Statement, as(keep, registration))
	return registration(out), err
}

func (p *Partners) retire(r *Request, in api.Signed, keep idempotency.Commit) (api.Accepted, error) {
	out, err := p.Registry.Retire(r.Context(), r.Caller, in.Statement, one(keep, accepted))
	return accepted(out), err
}

func agreement(o partner.Outcome) api.Agreement {
	return api.Agreement{Accepted: accepted(o.Accepted), Agreement: o.Name, Approvals: o.Approvals, Threshold: o.Threshold, Effective: o.Effective}
}

func registration(o partner.Outcome) api.Registration {
	return api.Registration{Accepted: accepted(o.Accepted), Registration: o.Name, Approvals: o.Approvals, Threshold: o.Threshold, Effective: o.Effective}
}
