package httpapi

import (
	"net/http"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/accreditation"
	"github.com/relatingfield/vault/internal/flood"
	"github.com/relatingfield/vault/internal/idempotency"
	"github.com/relatingfield/vault/internal/ledger"
	"github.com/relatingfield/vault/internal/stewardship"
	"github.com/relatingfield/vault/internal/store"
)

// pageSize is how many entries a list answers with at most.
const pageSize = 200

// StatementsPage is how many statements one answer lists at most.
const StatementsPage = pageSize

// People are the routes about accounts and about who guards and reads the vault.
type People struct {
	DB             *store.DB
	Ledger         *ledger.Ledger
	Book           *stewardship.Book
	Accounts       *account.Accounts
	Accreditations *accreditation.Accreditations
	Flood          *flood.Guard
	WorkBits       int // of the proof of work that Accounts asks for, where there is no crowd
}

// Routes lists them.
func (p *People) Routes() []Route {
	const ok, created = http.StatusOK, http.StatusCreated
	return []Route{
		{Method: "GET", Path: "/v1/roster", Stays: true, Auth: Anybody, Toll: flood.Look, Handler: Read(p.roster)},
		{Method: "POST", Path: "/v1/roster", Auth: SignedIn, Body: rosterBody, Handler: Create(ok, p.propose)},
		{Method: "GET", Path: "/v1/enrolment", Auth: Anybody, Handler: Read(p.enrolment)},
		{Method: "POST", Path: "/v1/accounts", Begins: true, Auth: Anybody, Body: smallBody, Handler: Create(created, p.enrol)},
		{Method: "POST", Path: "/v1/invitations", Begins: true, Auth: SignedIn, Body: smallBody, Handler: Create(created, p.invite)},
		{Method: "GET", Path: "/v1/statements", Auth: SignedIn, Handler: Read(p.statements)},
		{Method: "POST", Path: "/v1/applications", Begins: true, Auth: SignedIn, Body: smallBody, Handler: Create(created, p.apply)},
		{Method: "GET", Path: "/v1/applications", Auth: SignedIn, Handler: Read(p.applications)},
		{Method: "POST", Path: "/v1/accreditations", Auth: SignedIn, Body: smallBody, Handler: Create(created, p.accredit)},
		{Method: "POST", Path: "/v1/suspensions", Auth: SignedIn, Body: smallBody, Handler: Create(created, p.suspend)},
		{Method: "GET", Path: "/v1/researchers", Auth: SignedIn, Handler: Read(p.researchers)},
		{Method: "GET", Path: "/v1/researchers/{account}", Auth: SignedIn, Handler: Read(p.researcher)},
	}
}

// rosterBody bounds a roster document and a statement in base64, in bytes.
const rosterBody = 256 << 10

func (p *People) roster(r *Request) (api.Roster, error) {
	links, err := p.Book.Links(r.Context())
	out := api.Roster{}
	for _, l := range links {
		out.Links = append(out.Links, api.RosterLink{Document: l.Document, Approvals: l.Approvals})
	}
	return out, err
}

func (p *People) propose(r *Request, in api.ProposeRoster, keep idempotency.Commit) (api.RosterProposed, error) {
	out, err := p.Book.Approve(r.Context(), r.Caller, in.Document, in.Statement, as(keep, proposed))
	return proposed(out), err
}

func (p *People) enrolment(*Request) (api.Enrolment, error) {
	out := api.Enrolment{Mode: api.Mode(p.Accounts.Mode)}
	if p.Accounts.Mode == account.Open {
		out.Bits = max(p.WorkBits, p.Flood.Bits(flood.Enrol))
		out.Challenge = p.Accounts.Work.IssueOf(out.Bits)
	}
	return out, nil
}

func (p *People) enrol(r *Request, in api.Enrol, keep idempotency.Commit) (api.Accepted, error) {
	out, err := p.Accounts.Enrol(r.Context(), account.Request(in), one(keep, accepted))
	return accepted(out), err
}

func (p *People) invite(r *Request, in api.Invite, keep idempotency.Commit) (api.Invitation, error) {
	out, err := p.Accounts.Invite(r.Context(), r.Caller, in.Role, as(keep, invitation))
	return invitation(out), err
}

func (p *People) apply(r *Request, in api.Signed, keep idempotency.Commit) (api.Accepted, error) {
	out, err := p.Accreditations.Apply(r.Context(), r.Caller, in.Statement, one(keep, accepted))
	return accepted(out), err
}

func (p *People) accredit(r *Request, in api.Signed, keep idempotency.Commit) (api.Accreditation, error) {
	out, err := p.Accreditations.Accredit(r.Context(), r.Caller, in.Statement, as(keep, outcome))
	return outcome(out), err
}

func (p *People) suspend(r *Request, in api.Signed, keep idempotency.Commit) (api.Accreditation, error) {
	out, err := p.Accreditations.Suspend(r.Context(), r.Caller, in.Statement, as(keep, outcome))
	return outcome(out), err
}

func proposed(a stewardship.Approval) api.RosterProposed {
	return api.RosterProposed{Accepted: accepted(a.Accepted), Approvals: a.Approvals, Threshold: a.Threshold, Effective: a.Effective}
}

func invitation(i account.Invitation) api.Invitation {
	return api.Invitation{Invitation: i.Code, Expires: i.Expires}
}

func outcome(o accreditation.Outcome) api.Accreditation {
	return api.Accreditation{
		Accepted: accepted(o.Accepted), Accreditation: o.Accreditation, Approvals: o.Approvals, Threshold: o.Threshold, Effective: o.Effective,
	}
}
