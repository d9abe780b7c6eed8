package httpapi

import (
	"net/http"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/idempotency"
	"github.com/relatingfield/vault/internal/openrosa"
	"github.com/relatingfield/vault/internal/openrosa/provision"
	"github.com/relatingfield/vault/internal/openrosa/xform"
	"github.com/relatingfield/vault/internal/partner"
)

// Collecting is the routes by which partners say which forms phones get, and which
// phones may send.
type Collecting struct {
	Intake *openrosa.Intake
	Place  FieldPlace
}

// formBody is a form in base64 with what stands around it, in bytes.
const formBody = xform.MaxSize/3*4 + 4<<10

// collectingPage is how many entries one answer lists: each form is read for it.
const collectingPage = 50

// Routes lists them.
func (c *Collecting) Routes() []Route {
	const ok, created = http.StatusOK, http.StatusCreated
	return []Route{
		{Method: "POST", Path: "/v1/forms", Begins: true, Auth: PartnerClient, Scope: partner.Collect, Body: formBody, Handler: Create(created, c.addForm)},
		{Method: "GET", Path: "/v1/forms", Auth: PartnerClient, Scope: partner.Collect, Handler: Read(c.forms)},
		{Method: "POST", Path: "/v1/forms/{form}/withdrawal", Auth: PartnerClient, Scope: partner.Collect, Body: smallBody, Handler: Take(ok, c.withdraw)},
		{Method: "POST", Path: "/v1/collectors", Begins: true, Auth: PartnerClient, Scope: partner.Collect, Body: smallBody, Handler: Create(created, c.addCollector)},
		{Method: "GET", Path: "/v1/collectors", Auth: PartnerClient, Scope: partner.Collect, Handler: Read(c.collectors)},
		{Method: "POST", Path: "/v1/collectors/{collector}/rotation", Auth: PartnerClient, Scope: partner.Collect, Body: smallBody, Handler: Create(created, c.rotate)},
		{Method: "POST", Path: "/v1/collectors/{collector}/revocation", Auth: PartnerClient, Scope: partner.Collect, Body: smallBody, Handler: Take(ok, c.revoke)},
	}
}

func (c *Collecting) addForm(r *Request, in api.NewForm, keep idempotency.Commit) (api.Form, error) {
	out, err := c.Intake.AddForm(r.Context(), r.bringer(), in.Tray, in.Document, as(keep, blank))
	return blank(out), err
}

func (c *Collecting) forms(r *Request) (api.Forms, error) {
	after, err := r.afterID()
	if err != nil {
		return api.Forms{}, err
	}
	list, err := c.Intake.Forms(r.Context(), r.bringer(), after, collectingPage)
	out := api.Forms{}
	for _, f := range list {
		out.Forms = append(out.Forms, blank(f))
	}
	if len(list) == collectingPage {
		r.Next(string(list[collectingPage-1].ID))
	}
	return out, err
}

func blank(b openrosa.Blank) api.Form {
	return api.Form{Form: b.ID, Tray: b.Tray, FormID: b.Form.ID, Version: b.Form.Version, Name: b.Form.Name, Day: b.AddedDay, Over: b.Over}
}

func (c *Collecting) withdraw(r *Request, _ api.Empty) (api.WithdrawnForm, error) {
	form, err := r.ID("form")
	if err != nil {
		return api.WithdrawnForm{}, err
	}
	return api.WithdrawnForm{Form: form}, c.Intake.Withdraw(r.Context(), r.bringer(), form)
}

func (c *Collecting) addCollector(r *Request, in api.NewCollector, keep idempotency.Commit) (api.IssuedCollector, error) {
	spell := c.spell(r)
	out, err := c.Intake.AddCollector(r.Context(), r.bringer(), in.Tray, in.Until, as(keep, spell))
	return spell(out), err
}

func (c *Collecting) rotate(r *Request, in api.Rotation, keep idempotency.Commit) (api.IssuedCollector, error) {
	name, err := r.ID("collector")
	if err != nil {
		return api.IssuedCollector{}, err
	}
	spell := c.spell(r)
	out, err := c.Intake.Rotate(r.Context(), r.bringer(), name, in.Until, as(keep, spell))
	return spell(out), err
}

// spell gives a token together with the address that a phone needs.
func (c *Collecting) spell(r *Request) func(openrosa.Issued) api.IssuedCollector {
	return func(i openrosa.Issued) api.IssuedCollector {
		out := api.IssuedCollector{Collector: i.Collector, Token: i.Token, URL: c.Place.base(r) + fieldPath + i.Token, Until: i.Until}
		// Without settings there is still the address to type.
		out.Settings, _ = provision.New(out.URL, neutralName).Text()
		return out
	}
}

// neutralName is what phones call the place that they send to.
const neutralName = "Notes"

func (c *Collecting) collectors(r *Request) (api.Collectors, error) {
	after, err := r.afterID()
	if err != nil {
		return api.Collectors{}, err
	}
	list, err := c.Intake.Collectors(r.Context(), r.bringer(), after, pageSize)
	out := api.Collectors{}
	for _, one := range list {
		out.Collectors = append(out.Collectors, api.Collector{Collector: one.ID, Tray: one.Tray, Day: one.MadeDay, Until: one.Until, Over: one.Over})
	}
	if len(list) == pageSize {
		r.Next(string(list[pageSize-1].ID))
	}
	return out, err
}

func (c *Collecting) revoke(r *Request, _ api.Empty) (api.RevokedCollector, error) {
	name, err := r.ID("collector")
	if err != nil {
		return api.RevokedCollector{}, err
	}
	return api.RevokedCollector{Collector: name}, c.Intake.Revoke(r.Context(), r.bringer(), name)
}
