package httpapi

import (
	"net/http"
	"strconv"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/custody"
	"github.com/relatingfield/vault/internal/grant"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/idempotency"
	"github.com/relatingfield/vault/internal/statement"
)

// Grants are the routes by which she lets somebody read, and readers read.
type Grants struct {
	Grants *grant.Grants
	Denied *custody.Denials
	JSON   int64 // most bytes of a request that carries many headers
}

// grantsPage is how many grants one answer lists: each brings a statement along.
const grantsPage = 50

// Routes lists them.
func (g *Grants) Routes() []Route {
	const one = "/v1/testimonies/{testimony}"
	routes := append(g.changing(), []Route{
		{Method: "POST", Path: one + "/grants", Body: g.JSON, Handler: Create(http.StatusCreated, g.grant)},
		{Method: "GET", Path: one + "/grants", Handler: Read(g.list)},
		{Method: "POST", Path: one + "/revocations", Body: smallBody, Handler: CreateThen(http.StatusOK, g.revoke, g.settle)},
		{Method: "GET", Path: "/v1/inbox/{grant}", Handler: Read(g.receive)},
		{Method: "POST", Path: "/v1/inbox/{grant}/hearings", Body: smallBody, Handler: Create(http.StatusCreated, g.hear)},
		{Method: "GET", Path: "/v1/inbox/{grant}/notes", Handler: Read(g.notes)},
		{Method: "PUT", Path: "/v1/inbox/{grant}/notes/{n}", Body: smallBody, Handler: Take(http.StatusOK, g.setNote)},
		{Method: "GET", Path: "/v1/inbox/{grant}/parts/{n}/content", Handler: plain(g.open)},
		{Method: "GET", Path: "/v1/inbox/{grant}/parts/{n}/export", Handler: plain(g.export)},
	}...)
	for i, r := range routes {
		routes[i].Auth, routes[i].Handler = SignedIn, watched(g.Denied, r)
	}
	return append(routes, Route{Method: "GET", Path: "/v1/inbox", Auth: SignedIn, Handler: Read(g.inbox)})
}

func (g *Grants) grant(r *Request, in api.NewGrant, keep idempotency.Commit) (api.Accepted, error) {
	t, err := r.ID("testimony")
	if err != nil {
		return api.Accepted{}, err
	}
	headers := make([][]byte, len(in.Headers))
	for i, h := range in.Headers {
		headers[i] = h
	}
	_, out, err := g.Grants.Grant(r.Context(), r.Caller, t, in.Statement, headers, one(keep, accepted))
	return accepted(out), err
}

func (g *Grants) list(r *Request) (api.Grants, error) {
	t, err := r.ID("testimony")
	if err != nil {
		return api.Grants{}, err
	}
	after, err := r.After()
	if err != nil {
		return api.Grants{}, err
	}
	list, err := g.Grants.List(r.Context(), r.Caller, t, after, grantsPage)
	out := api.Grants{}
	for _, one := range list {
		out.Grants = append(out.Grants, given(one))
	}
	if len(list) == grantsPage {
		r.Next(strconv.FormatInt(list[grantsPage-1].Seq, 10))
	}
	return out, err
}

func given(g grant.Given) api.Granted {
	return api.Granted{Grant: g.ID, State: api.GrantState(g.State), Consent: api.Consent(g.Consent), Statement: g.Statement,
		Terms: g.Terms, Ask: g.Ask, Heard: g.Heard, Openings: openings(g.Fetched), Closures: closures(g.Closures)}
}

// openings is never nil: a JSON list that is empty says "nothing was fetched".
func openings(list []grant.Fetched) []api.Opening {
	out := make([]api.Opening, 0, len(list))
	for _, f := range list {
		out = append(out, api.Opening(f))
	}
	return out
}

// revoke ends a grant; settle tells what had been fetched by then.
func (g *Grants) revoke(r *Request, in api.Signed, keep idempotency.Commit) (api.Revoked, error) {
	t, err := r.ID("testimony")
	if err != nil {
		return api.Revoked{}, err
	}
	out, err := g.Grants.Revoke(r.Context(), r.Caller, t, in.Statement, as(keep, revoked))
	answer := revoked(out)
	if err == nil {
		came(&answer, out.Outcome)
	}
	return answer, err
}

func revoked(e grant.Ending) api.Revoked {
	return api.Revoked{Accepted: accepted(e.Accepted), Grant: e.Grant}
}

// settle does for a repetition what the first answer has seen to: nothing is sent any
// more, and what had been fetched is said.
func (g *Grants) settle(r *Request, out *api.Revoked) error {
	if out.Revocation != "" {
		return nil
	}
	t, err := r.ID("testimony")
	if err != nil {
		return err
	}
	o, err := g.Grants.Outcome(r.Context(), r.Caller, t, out.Grant)
	if err == nil {
		came(out, o)
	}
	return err
}

// came fills in what a revocation came to.
func came(out *api.Revoked, o grant.Outcome) {
	out.Fetched = openings(o.Fetched)
	for _, c := range o.Closed {
		if c.Seq == out.Seq {
			out.Revocation = c.Receipt
		}
	}
}

func (g *Grants) inbox(r *Request) (api.Inbox, error) {
	q, err := r.Query("after")
	if err != nil {
		return api.Inbox{}, err
	}
	list, err := g.Grants.Inbox(r.Context(), r.Caller, id.ID(q["after"]), grantsPage)
	out := api.Inbox{}
	for _, one := range list {
		out.Grants = append(out.Grants, received(one))
	}
	if len(list) == grantsPage {
		r.Next(string(list[grantsPage-1].ID))
	}
	return out, err
}

func (g *Grants) receive(r *Request) (api.InboxGrant, error) {
	name, err := r.ID("grant")
	if err != nil {
		return api.InboxGrant{}, err
	}
	one, err := g.Grants.Receive(r.Context(), r.Caller, name)
	return received(one), err
}

// accessOf reads out of signed terms whether a copy may be kept. Where they cannot
// be read, none may.
func accessOf(g grant.Received) api.Access {
	signed := g.Terms
	if signed == "" {
		signed = g.Statement
	}
	s, err := statement.Parse(signed)
	if err != nil {
		return statement.View
	}
	switch body := s.Body.(type) {
	case *statement.Grant:
		return body.Access
	case *statement.Renew:
		return body.Access
	case *statement.Narrow:
		return body.Access
	}
	return statement.View
}

func received(g grant.Received) api.InboxGrant {
	out := api.InboxGrant{Grant: g.ID, Statement: g.Statement, Terms: g.Terms, Answer: g.Answer, State: api.GrantState(g.State), Access: accessOf(g), Rekeys: g.Rekeys}
	for _, p := range g.Parts {
		out.Parts = append(out.Parts, api.InboxPart{N: p.N, Length: p.Length, Relock: p.Relock, Delivered: told(p.Came)})
	}
	return out
}

// told is what a reader is told of how a part came.
func told(c *grant.Came) *api.ToldDelivery {
	if c == nil {
		return nil
	}
	out := &api.ToldDelivery{Assurance: c.Assurance, Claimed: c.Claimed, Readable: c.Readable, Note: c.Note}
	if c.Said != nil {
		out.Partner, out.Day = c.Said.Partner, c.Said.Day
	}
	return out
}
