package httpapi

import (
	"net/http"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/consultation"
	"github.com/relatingfield/vault/internal/flood"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/idempotency"
)

// Consultations are the routes of named calls. Whoever has the name of one reads it.
type Consultations struct {
	Consultations *consultation.Consultations
}

// callBody bounds a document in base64 and a statement, in bytes.
const callBody = 128 << 10

// Routes lists them.
func (c *Consultations) Routes() []Route {
	const created = http.StatusCreated
	return []Route{
		{Method: "POST", Path: "/v1/consultations", Begins: true, Auth: SignedIn, Body: callBody, Handler: Create(created, c.open)},
		{Method: "POST", Path: "/v1/partner/consultations", Begins: true, Auth: PartnerClient, Scope: "consult", Body: callBody, Handler: Create(created, c.register)},
		{Method: "POST", Path: "/v1/testimonies/{testimony}/consultation", Auth: SignedIn, Body: smallBody, Handler: Take(http.StatusOK, c.belong)},
		{Method: "GET", Path: "/v1/consultations/{consultation}", Auth: Anybody, Toll: flood.Look, Handler: Read(c.read)},
		{Method: "GET", Path: "/v1/consultations/{consultation}/counts", Auth: Anybody, Toll: flood.Look, Handler: Read(c.counts)},
	}
}

func (c *Consultations) open(r *Request, in api.NewConsultation, keep idempotency.Commit) (api.OpenedConsultation, error) {
	spell := func(o consultation.Opened) api.OpenedConsultation {
		return api.OpenedConsultation{Accepted: accepted(o.Accepted), Consultation: spellCall(o.Consultation)}
	}
	out, err := c.Consultations.Open(r.Context(), r.Caller, in.Statement, in.Document, as(keep, spell))
	return spell(out), err
}

func (c *Consultations) register(r *Request, in api.RegisterConsultation, keep idempotency.Commit) (api.Consultation, error) {
	out, err := c.Consultations.Register(r.Context(), consultation.Consultation{ID: in.Consultation, Partner: r.Partner.Partner, Until: in.Until, Document: in.Document}, as(keep, spellCall))
	return spellCall(out), err
}

// belong needs no key that makes it once: saying it again is saying it once.
func (c *Consultations) belong(r *Request, in api.Belonging) (api.Belonging, error) {
	testimony, err := r.ID("testimony")
	if err != nil {
		return api.Belonging{}, err
	}
	if _, err := id.Parse(string(in.Consultation)); err != nil {
		return api.Belonging{}, errBadRequest
	}
	return in, c.Consultations.Belong(r.Context(), r.Caller, testimony, in.Consultation)
}

func (c *Consultations) read(r *Request) (api.Consultation, error) {
	name, err := r.ID("consultation")
	if err != nil {
		return api.Consultation{}, err
	}
	out, err := c.Consultations.Read(r.Context(), name)
	return spellCall(out), err
}

func (c *Consultations) counts(r *Request) (api.ConsultationCounts, error) {
	name, err := r.ID("consultation")
	if err != nil {
		return api.ConsultationCounts{}, err
	}
	out, err := c.Consultations.Counts(r.Context(), name)
	return api.ConsultationCounts{Brought: out.Brought, Taken: out.Taken, Day: out.Day}, err
}

func spellCall(c consultation.Consultation) api.Consultation {
	return api.Consultation{Consultation: c.ID, Partner: c.Partner, Day: c.OpenedDay, Until: c.Until, Document: c.Document, Statement: c.Statement}
}
