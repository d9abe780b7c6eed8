package clienttest

import (
	"bytes"
	"slices"
	"strconv"
	"sync"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/statement"
)

// testimony is one testimony as it is stored.
type testimony struct {
	owner api.Account
	day   int64
	card  []byte
	parts map[int64]*part
	slots map[int64]*part
	feed  []api.Event
}

// part is a part, or a slot that was begun.
type part struct {
	api.Part
	header, payload []byte
	begin           *statement.Begin
	day             int64      // of begin
	busy            sync.Mutex // held while an upload is written
}

func (p *part) etag() string {
	sum := api.HashOf(append(slices.Clone(p.HeaderSHA256[:]), p.PayloadSHA256[:]...))
	return `"` + sum.String() + `"`
}

// own finds a testimony of the caller's.
func (v *Vault) own(r *request) (*testimony, error) {
	t := v.testimonies[r.testimony()]
	if t == nil || t.owner != r.who {
		return nil, notFound()
	}
	return t, nil
}

// ownPart finds a part of the caller's.
func (v *Vault) ownPart(r *request) (*testimony, *part, error) {
	t, err := v.own(r)
	if err != nil {
		return nil, nil, err
	}
	p := t.parts[number(r)]
	if p == nil {
		return nil, nil, notFound()
	}
	return t, p, nil
}

func number(r *request) int64 {
	n, err := strconv.ParseInt(r.PathValue("n"), 10, 64)
	if err != nil {
		return -1
	}
	return n
}

func (v *Vault) note(t *testimony, kind api.EventKind, who api.Account, n int64, grant api.ID) {
	t.feed = append(t.feed, api.Event{Seq: int64(len(t.feed)) + 1, Day: statement.DayOf(v.now()), Kind: kind, Actor: string(who), N: n, Grant: grant})
}

func (v *Vault) create(r *request, in api.NewTestimony) (any, error) {
	_, body, a, err := said[*statement.Card](v, r.who, in.Statement)
	if err != nil {
		return nil, err
	}
	t := &testimony{owner: r.who, day: statement.DayOf(v.now()), card: in.Card, parts: map[int64]*part{}, slots: map[int64]*part{}}
	v.testimonies[body.Testimony] = t
	v.testimonyIDs = append(v.testimonyIDs, body.Testimony)
	v.note(t, api.EventCreated, r.who, 0, "")
	out := &api.Created{Testimony: body.Testimony, Accepted: []api.Accepted{a}}
	for _, p := range in.Parts {
		a, err := v.put(r, t, p)
		if err != nil {
			return nil, err
		}
		out.Accepted = append(out.Accepted, a)
	}
	return out, nil
}

// put takes a small part whole, or begins a large one.
func (v *Vault) put(r *request, t *testimony, in api.NewPart) (api.Accepted, error) {
	s, a, err := v.accept(r.who, in.Statement)
	if err != nil {
		return a, err
	}
	switch b := s.Body.(type) {
	case *statement.Add:
		t.parts[b.N] = partOf(b.N, b.Binding(), in.Header, in.Payload)
		v.note(t, api.EventAdded, r.who, b.N, "")
	case *statement.Begin:
		t.slots[b.N] = &part{begin: b, header: in.Header, day: statement.DayOf(v.now())}
		v.note(t, api.EventBegun, r.who, b.N, "")
	default:
		return a, refused{name: api.ProblemStatementRefused}
	}
	return a, nil
}

func partOf(n int64, b statement.Binding, header, payload []byte) *part {
	return &part{header: header, payload: payload, Part: api.Part{N: n, State: api.PartHers, Length: b.Length,
		PayloadSHA256: hash(b.PayloadSHA256), Commit: hash(b.Commit), HeaderSHA256: hash(b.HeaderSHA256)}}
}

// hash reads what a parsed statement has checked already.
func hash(s string) api.Hash {
	h, _ := api.ParseHash(s)
	return h
}

func (v *Vault) list(r *request) (any, error) {
	out := &api.Testimonies{Testimonies: []api.Listed{}}
	for _, id := range v.testimonyIDs {
		if t := v.testimonies[id]; t != nil && t.owner == r.who {
			out.Testimonies = append(out.Testimonies, api.Listed{Testimony: id, Day: t.day, Card: t.card, Parts: int64(len(t.parts))})
		}
	}
	return out, nil
}

func (v *Vault) show(r *request) (any, error) {
	t, err := v.own(r)
	if err != nil {
		return nil, err
	}
	out := &api.Testimony{Testimony: r.testimony(), Day: t.day, Card: t.card, Parts: []api.Part{}, Uploads: []api.Upload{}}
	for n := int64(1); n < 100; n++ {
		if p := t.parts[n]; p != nil {
			out.Parts = append(out.Parts, p.Part)
		}
		if s := t.slots[n]; s != nil {
			u := api.Upload{N: n, HeaderSHA256: hash(s.begin.HeaderSHA256), Header: s.header, Nonce: nonceOf(s.begin), Length: s.begin.Length,
				Received: int64(len(s.payload)), Day: s.day}
			if u.Received == u.Length {
				u.PayloadSHA256 = api.HashOf(s.payload)
			}
			out.Uploads = append(out.Uploads, u)
		}
	}
	return out, nil
}

func (v *Vault) putCard(r *request, in api.NewCard) (any, error) {
	t, err := v.own(r)
	if err != nil {
		return nil, err
	}
	_, _, a, err := said[*statement.Card](v, r.who, in.Statement)
	if err == nil {
		t.card = in.Card
		v.note(t, api.EventCard, r.who, 0, "")
	}
	return &a, err
}

func (v *Vault) postPart(r *request, in api.NewPart) (any, error) {
	t, err := v.own(r)
	if err != nil {
		return nil, err
	}
	a, err := v.put(r, t, in)
	return &a, err
}

func (v *Vault) addSlot(r *request, in api.Signed) (any, error) {
	t, err := v.own(r)
	if err != nil {
		return nil, err
	}
	_, body, a, err := said[*statement.Add](v, r.who, in.Statement)
	if err != nil {
		return nil, err
	}
	slot := t.slots[body.N]
	if slot == nil || int64(len(slot.payload)) != slot.begin.Length || api.HashOf(slot.payload).String() != body.PayloadSHA256 {
		return nil, refused{name: api.ProblemDigestMismatch}
	}
	delete(t.slots, body.N)
	t.parts[body.N] = partOf(body.N, body.Binding(), slot.header, slot.payload)
	v.note(t, api.EventAdded, r.who, body.N, "")
	return &a, nil
}

func (v *Vault) arrive(r *request) (any, error) {
	t, err := v.own(r)
	if err != nil {
		return nil, err
	}
	_, body, a, err := said[*statement.Received](v, r.who, r.Header.Get(api.HeaderStatement))
	if err != nil {
		return nil, err
	}
	var text api.Bytes
	if err := text.UnmarshalText([]byte(r.Header.Get(api.HeaderPart))); err != nil {
		return nil, refused{name: api.ProblemBadRequest}
	}
	p, err := v.sealed(r.who, text, r.body)
	if err != nil {
		return nil, err
	}
	p.N, p.State, p.Arrived, p.Received = body.N, api.PartReceived, true, r.Header.Get(api.HeaderStatement)
	t.parts[body.N] = p
	v.note(t, api.EventReceived, r.who, body.N, "")
	return &api.Arrived{Accepted: a, Part: p.Part}, nil
}

// sealed seals plaintext as it arrives.
func (v *Vault) sealed(who api.Account, info, content []byte) (*part, error) {
	recipient, err := v.accounts[who].recipient()
	if err != nil {
		return nil, err
	}
	to, _, err := envelope.ParseRecipient(recipient)
	if err != nil {
		return nil, err
	}
	described, err := envelope.ParsePartInfo(info)
	if err != nil {
		return nil, refused{name: api.ProblemBadRequest}
	}
	var plaintext bytes.Buffer
	if err := envelope.WriteContainer(&plaintext, described, bytes.NewReader(content), int64(len(content))); err != nil {
		return nil, err
	}
	return seal(to, plaintext.Bytes())
}

func (v *Vault) adopt(r *request, in api.Signed) (any, error) {
	t, p, err := v.ownPart(r)
	if err != nil {
		return nil, err
	}
	_, body, a, err := said[*statement.Adopt](v, r.who, in.Statement)
	if err == nil {
		p.State = api.PartHers
		v.note(t, api.EventAdopted, r.who, body.N, "")
	}
	return &a, err
}

func (v *Vault) header(r *request) (any, error) {
	_, p, err := v.ownPart(r)
	if err != nil {
		return nil, err
	}
	return &file{bytes: slices.Clone(p.header), etag: p.etag()}, nil
}

func (v *Vault) content(r *request) (any, error) {
	_, p, err := v.ownPart(r)
	if err != nil {
		return nil, err
	}
	return &file{bytes: slices.Concat(p.header, p.payload), etag: p.etag()}, nil
}

func (v *Vault) erase(r *request, in api.Signed) (any, error) {
	if _, err := v.own(r); err != nil {
		return nil, err
	}
	s, _, a, err := said[*statement.Erase](v, r.who, in.Statement)
	if err != nil {
		return nil, err
	}
	for i, e := range v.accounts[r.who].chain {
		if about, err := statement.Parse(e.Statement); err == nil && about.Hash() != s.Hash() {
			if t, ok := statement.SubjectOf(about.Body); ok && t == r.testimony() {
				v.accounts[r.who].chain[i].Statement, v.accounts[r.who].chain[i].Testimony = "", r.testimony()
			}
		}
	}
	for _, g := range v.grants {
		if g.testimony == r.testimony() && !g.revoked {
			v.end(g, r.who, s, 0)
		}
	}
	delete(v.testimonies, r.testimony())
	return &a, nil
}

func (v *Vault) feed(r *request) (any, error) {
	t, err := v.own(r)
	if err != nil {
		return nil, err
	}
	after, err := strconv.Atoi(r.URL.Query().Get("after"))
	if err != nil || after > len(t.feed) {
		return nil, refused{name: api.ProblemBadRequest}
	}
	end := min(after+2, len(t.feed))
	return &api.Feed{Events: slices.Clone(t.feed[after:end]), Last: int64(len(t.feed)), Denied: []api.Event{}}, nil
}
