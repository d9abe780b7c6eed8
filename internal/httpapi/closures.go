package httpapi

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/closure"
	"github.com/relatingfield/vault/internal/custody"
	"github.com/relatingfield/vault/internal/grant"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/idempotency"
)

// Closures are the routes by which she withdraws, readers answer, and both see
// how it stands.
type Closures struct {
	Grants *grant.Grants
	Denied *custody.Denials
}

// closuresPage is how many ended grants one answer lists: each brings statements
// or a signature along.
const closuresPage = 50

// Routes lists them.
func (c *Closures) Routes() []Route {
	const ok = http.StatusOK
	routes := []Route{
		{Method: "GET", Path: "/v1/withdrawals/{grant}", Auth: SignedIn, Handler: Read(c.withdrawal)},
		{Method: "POST", Path: "/v1/endings/{grant}/replies", Auth: SignedIn, Body: smallBody, Handler: Create(ok, c.reply)},
	}
	for i, r := range routes {
		routes[i].Handler = watched(c.Denied, r)
	}
	return append(routes,
		Route{Method: "POST", Path: "/v1/withdrawals", Auth: SignedIn, Body: smallBody, Handler: CreateThen(ok, c.withdraw, c.settle)},
		Route{Method: "GET", Path: "/v1/withdrawals", Auth: SignedIn, Handler: Read(c.withdrawals)},
		Route{Method: "GET", Path: "/v1/endings", Auth: SignedIn, Handler: Read(c.endings)})
}

func (c *Closures) withdraw(r *Request, in api.Signed, keep idempotency.Commit) (api.Withdrawn, error) {
	out, err := c.Grants.Withdraw(r.Context(), r.Caller, in.Statement, as(keep, withdrawn))
	return withdrawn(out), err
}

func withdrawn(w grant.Withdrawn) api.Withdrawn {
	return api.Withdrawn{Accepted: accepted(w.Accepted), Grants: w.Grants}
}

// settle waits until nothing is sent any more, also before a repeated answer.
func (c *Closures) settle(r *Request, _ *api.Withdrawn) error {
	return c.Grants.SettleAll(r.Context(), r.Caller.ID)
}

func (c *Closures) withdrawals(r *Request) (api.Withdrawals, error) {
	after, err := r.afterPlace()
	if err != nil {
		return api.Withdrawals{}, err
	}
	list, err := c.Grants.Closed(r.Context(), r.Caller, after, closuresPage)
	if len(list) == closuresPage {
		last := list[len(list)-1]
		r.nextPlace(closure.Place{Seq: last.Seq, Grant: last.Grant})
	}
	return withdrawals(list), err
}

func (c *Closures) withdrawal(r *Request) (api.Withdrawals, error) {
	g, err := r.ID("grant")
	if err != nil {
		return api.Withdrawals{}, err
	}
	list, err := c.Grants.ClosedGrant(r.Context(), r.Caller, g)
	return withdrawals(list), err
}

func withdrawals(list []grant.Closed) (out api.Withdrawals) {
	for _, one := range list {
		out.Withdrawals = append(out.Withdrawals, api.Withdrawal{Grant: one.Grant, Testimony: one.Testimony, Grantee: one.Grantee,
			Closure: stands(one.Closure), Revocation: one.Receipt})
	}
	return out
}

func (c *Closures) endings(r *Request) (api.Endings, error) {
	after, err := r.afterPlace()
	if err != nil {
		return api.Endings{}, err
	}
	list, err := c.Grants.Endings(r.Context(), r.Caller, after, closuresPage)
	out := api.Endings{}
	for _, one := range list {
		out.Endings = append(out.Endings, api.Ending{Grant: one.Grant, From: one.From, Statement: one.Statement, StatementSHA256: one.StatementHash,
			Ended: one.Ended, EndedSHA256: one.EndedHash, Closure: stands(one.Closure), Fetched: openings(one.Fetched), Rekeys: one.Rekeys})
	}
	if len(list) == closuresPage {
		last := list[len(list)-1]
		r.nextPlace(closure.Place{Seq: last.Seq, Grant: last.Grant})
	}
	return out, err
}

func (c *Closures) reply(r *Request, in api.Signed, keep idempotency.Commit) (api.Accepted, error) {
	g, err := r.ID("grant")
	if err != nil {
		return api.Accepted{}, err
	}
	out, err := c.Grants.Reply(r.Context(), r.Caller, g, in.Statement, one(keep, accepted))
	return accepted(out), err
}

func stands(c grant.Closure) api.Closure {
	return api.Closure{Seq: c.Seq, State: api.ClosureState(c.State), Parts: c.Parts, Day: c.Day, Due: c.Due, Reply: c.Reply, Notes: c.Notes}
}

// closures is never nil: a JSON list that is empty says "nothing has ended".
func closures(list []grant.Closure) []api.Closure {
	out := make([]api.Closure, 0, len(list))
	for _, c := range list {
		out = append(out, stands(c))
	}
	return out
}

// afterPlace is the place behind which a list of ended grants goes on: the number
// of a statement, or that and a grant.
func (r *Request) afterPlace() (closure.Place, error) {
	q, err := r.Query("after")
	if err != nil || q["after"] == "" {
		return closure.Place{}, err
	}
	number, name, more := strings.Cut(q["after"], ".")
	seq, err := strconv.ParseInt(number, 10, 64)
	if err != nil || seq < 0 {
		return closure.Place{}, errBadRequest
	}
	place := closure.Place{Seq: seq, Grant: allGrants}
	if more {
		if place.Grant, err = id.Parse(name); err != nil {
			return closure.Place{}, errBadRequest
		}
	}
	return place, nil
}

// allGrants sorts behind every grant.
const allGrants = id.ID("~")

func (r *Request) nextPlace(p closure.Place) {
	r.Next(strconv.FormatInt(p.Seq, 10) + "." + string(p.Grant))
}
