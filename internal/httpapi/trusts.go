package httpapi

import (
	"net/http"
	"strconv"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/custody"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/idempotency"
	"github.com/relatingfield/vault/internal/trust"
)

// Trusts are the routes of release policies: hers, her trustees', the reader's.
type Trusts struct {
	Policies *trust.Policies
	Denied   *custody.Denials
	JSON     int64 // most bytes of a request that carries many shares
}

// policiesPage is how many policies one answer lists: each brings a statement
// along that may name 32 people.
const policiesPage = 20

// Routes lists them.
func (t *Trusts) Routes() []Route {
	const one = "/v1/testimonies/{testimony}/policies"
	about := []Route{
		{Method: "POST", Path: one, Auth: SignedIn, Body: t.JSON, Handler: Create(http.StatusCreated, t.set)},
		{Method: "GET", Path: one, Auth: SignedIn, Handler: Read(t.list)},
		{Method: "GET", Path: "/v1/inbox/{grant}/shares", Auth: SignedIn, Handler: Read(t.shares)},
	}
	for i, r := range about {
		about[i].Handler = watched(t.Denied, r)
	}
	return append(about,
		Route{Method: "GET", Path: "/v1/trusts", Auth: SignedIn, Handler: Read(t.trusts)},
		Route{Method: "POST", Path: "/v1/trusts/{policy}/answers", Auth: SignedIn, Body: smallBody, Handler: Create(http.StatusCreated, t.answer)},
		Route{Method: "POST", Path: "/v1/trusts/{policy}/releases", Auth: SignedIn, Body: smallBody, Handler: Create(http.StatusCreated, t.release)},
		Route{Method: "POST", Path: "/v1/checkins", Auth: SignedIn, Body: smallBody, Handler: CreateThen(http.StatusCreated, t.checkIn, t.settle)},
		Route{Method: "PUT", Path: "/v1/introduction", Auth: SignedIn, Body: smallBody, Handler: Take(http.StatusOK, t.introduce)},
		Route{Method: "GET", Path: "/v1/introductions/{account}", Auth: SignedIn, Handler: Read(t.key)},
	)
}

func (t *Trusts) set(r *Request, in api.NewPolicy, keep idempotency.Commit) (api.Accepted, error) {
	testimony, err := r.ID("testimony")
	if err != nil {
		return api.Accepted{}, err
	}
	policy := trust.New{Statement: in.Statement, Recipient: in.Recipient, Shares: make([][]byte, len(in.Shares))}
	for i, s := range in.Shares {
		policy.Shares[i] = s
	}
	out, err := t.Policies.Set(r.Context(), r.Caller, testimony, policy, one(keep, accepted))
	return accepted(out), err
}

func (t *Trusts) list(r *Request) (api.Policies, error) {
	testimony, err := r.ID("testimony")
	if err != nil {
		return api.Policies{}, err
	}
	after, err := r.After()
	if err != nil {
		return api.Policies{}, err
	}
	list, err := t.Policies.List(r.Context(), r.Caller, testimony, after, policiesPage)
	out := api.Policies{}
	for _, p := range list {
		out.Policies = append(out.Policies, policyOf(p))
	}
	if len(list) == policiesPage {
		r.Next(strconv.FormatInt(list[policiesPage-1].Seq, 10))
	}
	return out, err
}

func policyOf(p trust.Hers) api.Policy {
	out := api.Policy{Policy: p.ID, Statement: p.Statement, Recipient: p.Recipient, Silence: silenceOf(p.Silence)}
	for _, one := range p.Trustees {
		out.Trustees = append(out.Trustees, api.Trustee{Account: one.Account, Answer: api.TrusteeAnswer(one.Response), Released: one.At})
	}
	return out
}

func silenceOf(s trust.Silence) *api.Silence {
	if s == (trust.Silence{}) {
		return nil
	}
	return &api.Silence{NoticeAt: s.NoticeAt, ReleaseAt: s.ReleaseAt}
}

func (t *Trusts) trusts(r *Request) (api.Trusts, error) {
	q, err := r.Query("after")
	if err != nil {
		return api.Trusts{}, err
	}
	list, err := t.Policies.Trusts(r.Context(), r.Caller, id.ID(q["after"]), policiesPage)
	out := api.Trusts{}
	for _, p := range list {
		out.Trusts = append(out.Trusts, api.Trust{Policy: p.ID, Statement: p.Statement, Rekeys: p.Rekeys, Share: p.Share, Answer: api.TrusteeAnswer(p.Response),
			Open: p.Open, Silence: silenceOf(p.Silence)})
	}
	if len(list) == policiesPage {
		r.Next(string(list[policiesPage-1].ID))
	}
	return out, err
}

func (t *Trusts) answer(r *Request, in api.Signed, keep idempotency.Commit) (api.Accepted, error) {
	policy, err := r.ID("policy")
	if err != nil {
		return api.Accepted{}, err
	}
	out, err := t.Policies.Answer(r.Context(), r.Caller, policy, in.Statement, one(keep, accepted))
	return accepted(out), err
}

func (t *Trusts) release(r *Request, in api.NewRelease, keep idempotency.Commit) (api.Accepted, error) {
	policy, err := r.ID("policy")
	if err != nil {
		return api.Accepted{}, err
	}
	out, err := t.Policies.Release(r.Context(), r.Caller, policy, in.Statement, in.Share, one(keep, accepted))
	return accepted(out), err
}

func (t *Trusts) shares(r *Request) (api.Shares, error) {
	grant, err := r.ID("grant")
	if err != nil {
		return api.Shares{}, err
	}
	given, err := t.Policies.Shares(r.Context(), r.Caller, grant)
	out := api.Shares{Policy: given.Statement}
	for _, s := range given.Shares {
		out.Shares = append(out.Shares, api.ReleasedShare{Account: s.Account, Statement: s.Release, Rekeys: s.Rekeys, Share: s.Share})
	}
	return out, err
}

func (t *Trusts) checkIn(r *Request, in api.Signed, keep idempotency.Commit) (api.Accepted, error) {
	out, err := t.Policies.CheckIn(r.Context(), r.Caller, in.Statement, one(keep, accepted))
	return accepted(out), err
}

// settle waits for the streams that her silence had allowed, before the first
// answer and before every repetition.
func (t *Trusts) settle(r *Request, _ *api.Accepted) error {
	return t.Policies.Settle(r.Context(), r.Caller)
}

// introduce is safe to repeat as it is: it says how things are to be.
func (t *Trusts) introduce(r *Request, in api.Introduction) (api.Introduction, error) {
	return in, t.Policies.Introduce(r.Context(), r.Caller, in.Open)
}

func (t *Trusts) key(r *Request) (api.AccountKey, error) {
	who, err := r.Account("account")
	if err != nil {
		return api.AccountKey{}, err
	}
	key, rekeys, err := t.Policies.Key(r.Context(), r.Caller, who)
	return api.AccountKey{Key: key, Rekeys: rekeys}, err
}
