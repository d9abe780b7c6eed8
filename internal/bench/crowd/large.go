package crowd

import (
	"fmt"
	"strconv"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/statement"
)

// Testimony is one of a person's testimonies that large parts go into.
type Testimony struct {
	ID api.ID

	person *Person
}

// Empty makes a testimony without parts, and the request that creates it.
func (p *Person) Empty() (*Testimony, Request, error) {
	s, err := p.NewSmall(nil)
	if err != nil {
		return nil, Request{}, err
	}
	t, err := newID()
	if err != nil {
		return nil, Request{}, err
	}
	card, err := p.Sign(statement.Card{Testimony: t, CardSHA256: sum(s.card)})
	if err != nil {
		return nil, Request{}, err
	}
	body := fmt.Appendf(nil, `{"testimony":"%s","statement":"%s","card":"%s","parts":[]}`, t, card.Compact(), api.Bytes(s.card))
	r, err := p.create("/v1/testimonies", body)
	return &Testimony{t, p}, r, err
}

func (t *Testimony) path(format string, args ...any) string {
	return "/v1/testimonies/" + string(t.ID) + fmt.Sprintf(format, args...)
}

// Arrive makes the head of a request that hands over size bytes of plaintext, to
// be sealed on arrival as part n.
func (t *Testimony) Arrive(n, size int64) ([]byte, error) {
	s, err := t.person.Sign(statement.Received{Testimony: t.ID, N: n, Length: size})
	if err != nil {
		return nil, err
	}
	info, err := envelope.PartInfo{MediaType: "application/octet-stream", Kind: envelope.Original, Name: "recording"}.Encode()
	if err != nil {
		return nil, err
	}
	key, err := uuid()
	if err != nil {
		return nil, err
	}
	return t.person.Ask("POST", t.path("/arrivals/%d", n), size, "Content-Type", api.MediaBytes, api.HeaderIdempotencyKey, `"`+key+`"`,
		api.HeaderStatement, s.Compact(), api.HeaderPart, api.Bytes(info).String())
}

// Upload is a large part that is sealed before it is sent.
type Upload struct {
	Sealed

	t *Testimony
	n int64
}

// Begin makes the request that opens the slot n for a payload of length bytes
// under nonce.
func (t *Testimony) Begin(n int64, s Sealed, length int64) (*Upload, Request, error) {
	begin, err := t.person.Sign(statement.Begin{Testimony: t.ID, N: n, HeaderSHA256: sum(s.Header), Nonce: statement.B64(s.Nonce[:]), Length: length})
	if err != nil {
		return nil, Request{}, err
	}
	body := fmt.Appendf(nil, `{"statement":"%s","header":"%s"}`, begin.Compact(), api.Bytes(s.Header))
	r, err := t.person.create(t.path("/parts"), body)
	return &Upload{s, t, n}, r, err
}

// Fill makes the head of the request that brings the payload.
func (u *Upload) Fill(length int64) ([]byte, error) { return u.Patch(0, length) }

// Patch makes the head of the request that brings n bytes of it from offset at.
func (u *Upload) Patch(at, n int64) ([]byte, error) {
	return u.t.person.Ask("PATCH", u.t.path("/parts/%d/payload", u.n), n, "Content-Type", api.MediaTus,
		api.HeaderTusResumable, api.TusVersion, api.HeaderUploadOffset, strconv.FormatInt(at, 10))
}

// Add makes the request that makes the payload hers. Bind it first.
func (u *Upload) Add() (Request, error) {
	b := u.Binding
	s, err := u.t.person.Sign(statement.Add{Testimony: u.t.ID, N: u.n, Length: b.Length, PayloadSHA256: b.PayloadSHA256, Commit: b.Commit, HeaderSHA256: b.HeaderSHA256})
	if err != nil {
		return Request{}, err
	}
	return u.t.person.signed(u.t.path("/parts/%d/add", u.n), s)
}

// NewKey draws a file key wrapped to the person, for an upload whose payload
// comes from elsewhere.
func (p *Person) NewKey() (Sealed, error) { return p.newKey() }

// Content makes the request for her own part.
func (t *Testimony) Content(n int64) (Request, error) {
	return t.person.Get(t.path("/parts/%d/content", n))
}

// Erase makes the request that destroys the testimony.
func (t *Testimony) Erase() (Request, error) {
	hash := statement.ErasedHash(t.person.about[t.ID])
	s, err := t.person.Sign(statement.Erase{Testimony: t.ID, StatementsSHA256: statement.B64(hash[:])})
	if err != nil {
		return Request{}, err
	}
	return t.person.signed(t.path("/erasure"), s)
}

// Opening makes a reader's request for a granted part.
func (p *Person) Opening(grant api.ID, n int64) (Request, error) {
	return p.Get(fmt.Sprintf("/v1/inbox/%s/parts/%d/content", grant, n))
}
