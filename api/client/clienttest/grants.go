package clienttest

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/statement"
)

// grant is one grant as it is stored.
type grant struct {
	id        api.ID
	testimony api.ID
	text      string
	body      *statement.Grant
	terms     statement.Terms // in force
	changed   string          // the statement that changed them
	ask       string
	heard     string
	answered  string
	revoked   bool
	headers   map[int64][]byte
	relocks   map[int64]string
	openings  []api.Opening
	ended     []*ended
}

func (v *Vault) state(g *grant) api.GrantState {
	now := v.now().Unix()
	switch {
	case g.revoked:
		return api.GrantRevoked
	case now >= g.terms.Until:
		return api.GrantEnded
	case v.isPaused(g.testimony):
		return api.GrantPaused
	case now < g.terms.From:
		return api.GrantWaiting
	}
	return api.GrantLive
}

func (v *Vault) postGrant(r *request, in api.NewGrant) (any, error) {
	t, err := v.own(r)
	if err != nil {
		return nil, err
	}
	s, body, a, err := said[*statement.Grant](v, r.who, in.Statement)
	if err != nil {
		return nil, err
	}
	if v.silent(body.Grantee) {
		return nil, refused{name: api.ProblemReaderSilent}
	}
	g := &grant{id: s.ID, testimony: body.Testimony, text: in.Statement, body: body, terms: body.Terms, headers: map[int64][]byte{}, relocks: map[int64]string{}}
	for i, p := range body.Parts {
		if api.HashOf(in.Headers[i]).String() != p.HeaderSHA256 {
			return nil, refused{name: api.ProblemDigestMismatch}
		}
		g.headers[p.N] = in.Headers[i]
	}
	v.grants[s.ID] = g
	v.grantIDs = append(v.grantIDs, s.ID)
	v.note(t, api.EventGranted, r.who, 0, s.ID)
	return &a, nil
}

// Plant puts a grant of one part into the vault past every check, as an owner
// and a vault that work together could: any header, any payload.
func (v *Vault) Plant(text string, header, payload []byte) (api.ID, error) {
	s, err := statement.Parse(text)
	if err != nil {
		return "", err
	}
	body, ok := s.Body.(*statement.Grant)
	if !ok || len(body.Parts) != 1 {
		return "", errors.New("plant a grant of one part")
	}
	p := body.Parts[0]
	v.mu.Lock()
	defer v.mu.Unlock()
	binding := statement.Binding{Length: int64(len(payload)), PayloadSHA256: p.PayloadSHA256, Commit: p.Commit}
	v.testimonies[body.Testimony] = &testimony{owner: s.Issuer, parts: map[int64]*part{p.N: partOf(p.N, binding, nil, payload)}}
	v.grants[s.ID] = &grant{id: s.ID, testimony: body.Testimony, text: text, body: body, terms: body.Terms, headers: map[int64][]byte{p.N: header}}
	v.grantIDs = append(v.grantIDs, s.ID)
	return s.ID, nil
}

func (v *Vault) listGrants(r *request) (any, error) {
	if _, err := v.own(r); err != nil {
		return nil, err
	}
	out := &api.Grants{Grants: []api.Granted{}}
	for _, id := range v.grantIDs {
		if g := v.grants[id]; g.testimony == r.testimony() {
			out.Grants = append(out.Grants, api.Granted{Grant: id, State: v.state(g), Consent: api.ConsentGiven, Statement: g.text,
				Terms: g.changed, Ask: g.ask, Heard: g.heard, Openings: slices.Clone(g.openings), Closures: v.closures(g)})
		}
	}
	return out, nil
}

func (v *Vault) revoke(r *request, in api.Signed) (any, error) {
	t, err := v.own(r)
	if err != nil {
		return nil, err
	}
	s, body, a, err := said[*statement.Revoke](v, r.who, in.Statement)
	if err != nil {
		return nil, err
	}
	g := v.grants[body.Grant]
	v.end(g, r.who, s, 0)
	v.note(t, api.EventRevoked, r.who, 0, g.id)
	receipt, err := v.receipt(g, g.ended[len(g.ended)-1])
	return &api.Revoked{Accepted: a, Grant: g.id, Fetched: append([]api.Opening{}, g.openings...), Revocation: receipt}, err
}

func (v *Vault) relock(r *request, in api.NewRelock) (any, error) {
	t, err := v.own(r)
	if err != nil {
		return nil, err
	}
	s, err := statement.Parse(in.Statement)
	if err != nil {
		return nil, refused{name: api.ProblemStatementRefused}
	}
	body, ok := s.Body.(*statement.Relock)
	if !ok {
		return nil, refused{name: api.ProblemStatementRefused}
	}
	if live := v.liveOn(r.testimony(), body.N); live != len(body.Grants) {
		return nil, refused{name: api.ProblemGrantsChanged}
	}
	_, a, err := v.accept(r.who, in.Statement)
	if err != nil {
		return nil, err
	}
	slot := t.slots[body.N]
	delete(t.slots, body.N)
	t.parts[body.N] = partOf(body.N, body.Binding(), in.Header, slot.payload)
	for _, h := range in.Headers {
		v.grants[h.Grant].headers[body.N], v.grants[h.Grant].relocks[body.N] = h.Header, in.Statement
	}
	v.note(t, api.EventRelocked, r.who, body.N, "")
	return &a, nil
}

func (v *Vault) liveOn(t api.ID, n int64) int {
	count := 0
	for _, g := range v.grants {
		if _, on := g.headers[n]; on && g.testimony == t && !g.revoked && v.now().Unix() < g.terms.Until {
			count++
		}
	}
	return count
}

func (v *Vault) inbox(r *request) (any, error) {
	out := &api.Inbox{Grants: []api.InboxGrant{}}
	for _, id := range v.grantIDs {
		if g := v.grants[id]; v.readable(g, r.who) {
			out.Grants = append(out.Grants, *v.received(g))
		}
	}
	return out, nil
}

// readable says whether a grant stands for the reader, now or later.
func (v *Vault) readable(g *grant, who api.Account) bool {
	return g != nil && g.body.Grantee == who && !g.revoked && v.testimonies[g.testimony] != nil && v.now().Unix() < g.terms.Until
}

func (v *Vault) received(g *grant) *api.InboxGrant {
	out := &api.InboxGrant{Grant: g.id, Statement: g.text, Terms: g.changed, Answer: g.answered, State: v.state(g), Access: g.terms.Access, Parts: []api.InboxPart{}, Rekeys: []string{}}
	if owner := v.accounts[v.testimonies[g.testimony].owner]; owner != nil {
		out.Rekeys = append(out.Rekeys, owner.rekeys...)
	}
	for _, p := range g.body.Parts {
		out.Parts = append(out.Parts, api.InboxPart{N: p.N, Length: v.testimonies[g.testimony].parts[p.N].Length, Relock: g.relocks[p.N]})
	}
	return out
}

func (v *Vault) inboxGrant(r *request) (any, error) {
	g := v.grants[api.ID(r.PathValue("g"))]
	if !v.readable(g, r.who) {
		return nil, notFound()
	}
	return v.received(g), nil
}

func (v *Vault) inboxContent(r *request) (any, error) {
	g := v.grants[api.ID(r.PathValue("g"))]
	if !v.readable(g, r.who) || g.headers[number(r)] == nil || v.state(g) != api.GrantLive || v.withheld(g) {
		return nil, notFound()
	}
	t := v.testimonies[g.testimony]
	p := t.parts[number(r)]
	whole := slices.Concat(g.headers[p.N], p.payload)
	header := api.HashOf(g.headers[p.N])
	sum := api.HashOf(append(slices.Clone(header[:]), p.PayloadSHA256[:]...))
	out := &file{bytes: whole, etag: `"` + sum.String() + `"`}
	session := string(g.id) + r.URL.Path + out.etag
	if v.now().Before(v.openings[session]) {
		return out, nil
	}
	if r.Header.Get(api.HeaderOpening) == api.OpeningGoesOn {
		return nil, refused{name: api.ProblemOpeningOver}
	}
	v.openings[session] = v.now().Add(24 * time.Hour)
	g.openings = append(g.openings, api.Opening{N: p.N, Opened: v.now().Unix(), Bytes: int64(len(whole)), Complete: true, Export: strings.HasSuffix(r.URL.Path, "/export")})
	v.note(t, api.EventOpened, r.who, p.N, g.id)
	return out, nil
}
