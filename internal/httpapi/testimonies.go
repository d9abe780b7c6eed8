package httpapi

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/custody"
	"github.com/relatingfield/vault/internal/idempotency"
	"github.com/relatingfield/vault/internal/ledger"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/testimony"
	"github.com/relatingfield/vault/internal/tray"
	"github.com/relatingfield/vault/internal/turn"
)

// PartsAtOnce is how many parts may come with a new testimony.
const PartsAtOnce = 16

// Testimonies are the routes of a participant to what is hers.
type Testimonies struct {
	Vault  *testimony.Vault
	Trays  *tray.Trays
	Turns  *turn.Turns
	Feed   custody.Feed
	Denied *custody.Denials
	JSON   int64         // most bytes of a request that carries payloads or many headers
	Keep   time.Duration // how long an upload may stand still
}

// Routes lists them.
func (t *Testimonies) Routes() []Route {
	const ok, created = http.StatusOK, http.StatusCreated
	const one = "/v1/testimonies/{testimony}"
	part := one + "/parts/{n}"
	routes := []Route{
		{Method: "POST", Path: one + "/parts", Body: t.JSON, Handler: Create(created, t.put)},
		{Method: "GET", Path: one, Handler: Read(t.show)},
		{Method: "PUT", Path: one + "/card", Body: smallBody, Handler: Create(ok, t.putCard)},
		{Method: "POST", Path: part + "/add", Body: smallBody, Handler: Create(created, t.add)},
		{Method: "POST", Path: one + "/arrivals/{n}", Body: t.Vault.Limits.PartSize, Handler: plain(t.arrive)},
		{Method: "POST", Path: part + "/adopt", Body: smallBody, Handler: Create(ok, t.adopt)},
		{Method: "GET", Path: part + "/header", Handler: plain(t.header)},
		{Method: "GET", Path: part + "/content", Handler: plain(t.content)},
		{Method: "POST", Path: one + "/erasure", Body: smallBody, Handler: CreateThen(ok, t.erase, t.erased)},
		{Method: "POST", Path: one + "/relocks", Body: t.JSON, Handler: CreateThen(ok, t.relock, t.finish)},
		{Method: "GET", Path: one + "/feed", Handler: Read(t.feed)},
		{Method: "POST", Path: one + "/modes", Body: smallBody, Handler: Create(ok, t.setMode)},
	}
	routes = append(routes, t.uploads(part+"/payload")...)
	for i, r := range routes {
		routes[i].Auth, routes[i].Handler = SignedIn, watched(t.Denied, r)
	}
	return append(routes,
		Route{Method: "POST", Path: "/v1/testimonies", Begins: true, Auth: SignedIn, Body: t.JSON, Handler: Create(created, t.create)},
		Route{Method: "GET", Path: "/v1/testimonies", Auth: SignedIn, Handler: Read(t.list)})
}

// watched notes every "not found" under a testimony or grant for its owner's
// feed. Noting is the same small work whether the thing exists or not; what it
// was is found out later.
func watched(denied *custody.Denials, route Route) Handler {
	return func(r *Request) error {
		err := route.Handler(r)
		if !errors.Is(err, custody.ErrNotFound) {
			return err
		}
		n, _ := r.Number("n")
		t, _ := r.ID("testimony")
		g, _ := r.ID("grant")
		denied.Note(custody.Attempt{Testimony: t, Grant: g, N: n, Actor: r.Caller.Known(), What: route.Method + " " + route.Path})
		return err
	}
}

func (t *Testimonies) create(r *Request, in api.NewTestimony, keep idempotency.Commit) (api.Created, error) {
	if len(in.Parts) > PartsAtOnce {
		return api.Created{}, &tooLarge{PartsAtOnce}
	}
	n := testimony.New{Testimony: in.Testimony, Statement: in.Statement, Card: in.Card}
	for _, p := range in.Parts {
		n.Parts = append(n.Parts, newPart(p))
	}
	spell := func(list []ledger.Accepted) api.Created {
		out := api.Created{Testimony: in.Testimony}
		for _, a := range list {
			out.Accepted = append(out.Accepted, accepted(a))
		}
		return out
	}
	list, err := t.Vault.Create(r.Context(), r.Caller, n, all(keep, spell))
	return spell(list), err
}

func newPart(p api.NewPart) testimony.NewPart {
	return testimony.NewPart{Statement: p.Statement, Header: p.Header, Payload: p.Payload}
}

func (t *Testimonies) put(r *Request, in api.NewPart, keep idempotency.Commit) (api.Accepted, error) {
	id, err := r.ID("testimony")
	if err != nil {
		return api.Accepted{}, err
	}
	out, err := t.Vault.Put(r.Context(), r.Caller, id, newPart(in), one(keep, accepted))
	return accepted(out), err
}

func (t *Testimonies) putCard(r *Request, in api.NewCard, keep idempotency.Commit) (api.Accepted, error) {
	id, err := r.ID("testimony")
	if err != nil {
		return api.Accepted{}, err
	}
	out, err := t.Vault.PutCard(r.Context(), r.Caller, id, in.Statement, in.Card, one(keep, accepted))
	return accepted(out), err
}

func (t *Testimonies) add(r *Request, in api.Signed, keep idempotency.Commit) (api.Accepted, error) {
	p, err := r.part()
	if err != nil {
		return api.Accepted{}, err
	}
	out, err := t.Vault.Add(r.Context(), r.Caller, p.Testimony, p.N, in.Statement, one(keep, accepted))
	return accepted(out), err
}

func (t *Testimonies) adopt(r *Request, in api.Signed, keep idempotency.Commit) (api.Accepted, error) {
	p, err := r.part()
	if err != nil {
		return api.Accepted{}, err
	}
	out, err := t.Vault.Adopt(r.Context(), r.Caller, p.Testimony, p.N, in.Statement, one(keep, accepted))
	return accepted(out), err
}

func (t *Testimonies) erase(r *Request, in api.Signed, keep idempotency.Commit) (api.Erased, error) {
	id, err := r.ID("testimony")
	if err != nil {
		return api.Erased{}, err
	}
	spell := func(a ledger.Accepted) api.Erased { return api.Erased{Accepted: accepted(a)} }
	out, err := t.Vault.Erase(r.Context(), r.Caller, id, in.Statement, one(keep, spell))
	return spell(out), err
}

// finish repeats what follows the commit, for a request that is answered from
// memory: the first one may have ended in between.
func (t *Testimonies) finish(r *Request, _ *api.Accepted) error {
	id, err := r.ID("testimony")
	if err != nil {
		return err
	}
	return t.Vault.Finish(r.Context(), id)
}

// erased is finish for an erasure, which also leaves traces of a key to remove, and
// may leave bytes in a store that does not answer now.
func (t *Testimonies) erased(r *Request, out *api.Erased) error {
	if err := t.finish(r, &out.Accepted); err != nil {
		return err
	}
	if err := t.Vault.Scrub(r.Context()); err != nil {
		return err
	}
	id, err := r.ID("testimony")
	if err != nil {
		return err
	}
	out.Left, err = t.Vault.Left(r.Context(), id)
	return err
}

func (t *Testimonies) list(r *Request) (api.Testimonies, error) {
	after, err := r.After()
	if err != nil {
		return api.Testimonies{}, err
	}
	items, err := t.Vault.List(r.Context(), r.Caller, after, pageSize)
	out := api.Testimonies{}
	for _, i := range items {
		out.Testimonies = append(out.Testimonies, api.Listed{Testimony: i.ID, Day: i.CreatedDay, Card: i.Card, Parts: i.Parts, Collected: r.Caller.MayGrant() != nil})
	}
	if len(items) == pageSize {
		r.Next(strconv.FormatInt(items[pageSize-1].Ordinal, 10))
	}
	return out, err
}

func (t *Testimonies) show(r *Request) (api.Testimony, error) {
	id, err := r.ID("testimony")
	if err != nil {
		return api.Testimony{}, err
	}
	w, err := t.Vault.Show(r.Context(), r.Caller, id)
	if err != nil {
		return api.Testimony{}, err
	}
	out := api.Testimony{Testimony: w.ID, Day: w.CreatedDay, Card: w.Card, Collected: r.Caller.MayGrant() != nil}
	for _, p := range w.Parts {
		out.Parts = append(out.Parts, part(p))
	}
	if err := t.addOrigins(r, &out); err != nil {
		return api.Testimony{}, err
	}
	for _, s := range w.Slots {
		u := api.Upload{N: s.N, HeaderSHA256: api.Hash(s.HeaderSHA256), Header: s.Header, Nonce: s.Nonce, Length: s.Length, Received: s.Received, Day: s.BegunDay}
		if s.PayloadSHA256 != nil {
			u.PayloadSHA256 = api.Hash(s.PayloadSHA256)
		}
		out.Uploads = append(out.Uploads, u)
	}
	return out, nil
}

// addOrigins says of parts that somebody else brought how they came.
func (t *Testimonies) addOrigins(r *Request, out *api.Testimony) error {
	origins, err := t.Trays.OriginsOf(r.Context(), r.Caller, out.Testimony)
	if err != nil {
		return err
	}
	for _, o := range origins {
		for i := range out.Parts {
			if out.Parts[i].N == o.N {
				out.Parts[i].Delivered = delivered(o)
			}
		}
	}
	return nil
}

func part(p testimony.Part) api.Part {
	state := api.PartReceived
	if p.Hers {
		state = api.PartHers
	}
	return api.Part{N: p.N, Damaged: p.Damaged, Readable: p.Readable, State: state, Arrived: p.Arrived, Classic: !p.PQ, Length: p.Binding.Length, Received: p.Received,
		PayloadSHA256: digest(p.Binding.PayloadSHA256), Commit: digest(p.Binding.Commit), HeaderSHA256: digest(p.Binding.HeaderSHA256)}
}

// digest reads what the domain has spelled itself.
func digest(s string) api.Hash {
	h, err := statement.Hash32(s)
	if err != nil {
		panic("httpapi: the domain gave a digest that is none")
	}
	return h
}

func (t *Testimonies) feed(r *Request) (api.Feed, error) {
	id, err := r.ID("testimony")
	if err != nil {
		return api.Feed{}, err
	}
	after, err := r.After()
	if err != nil {
		return api.Feed{}, err
	}
	events, last, err := t.Feed.Read(r.Context(), r.Caller.ID, id, after, pageSize)
	if err != nil {
		return api.Feed{}, err
	}
	denied, err := t.Feed.Denied(r.Context(), r.Caller.ID, id)
	out := api.Feed{Last: last}
	for _, e := range events {
		out.Events = append(out.Events, event(e))
	}
	for _, e := range denied {
		out.Denied = append(out.Denied, event(e))
	}
	return out, err
}

func event(e custody.Event) api.Event {
	out := api.Event{Seq: e.Seq, Kind: api.EventKind(e.Kind), Actor: string(e.Actor), N: e.N, Grant: e.Grant, Policy: e.Policy, Times: e.Times, Detail: e.Detail}
	switch e.Kind {
	case custody.Opened, custody.Replied, custody.Agreed, custody.Declined, custody.Voted, custody.Released:
		out.Time = e.At
	default:
		out.Day = e.At
	}
	return out
}
