package httpapi

import (
	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/partner"
)

// clientsPage is smaller than others: a program's record has every statement about
// its keys.
const clientsPage = 20

func (p *Partners) list(r *Request) (api.Partners, error) {
	after, err := r.afterID()
	if err != nil {
		return api.Partners{}, err
	}
	list, err := p.Registry.List(r.Context(), r.Caller, after, clientsPage)
	out := api.Partners{}
	for _, one := range list {
		out.Partners = append(out.Partners, partnerRecord(one))
	}
	if err == nil && len(list) == clientsPage {
		r.Next(string(list[len(list)-1].Partner))
	}
	return out, err
}

func (p *Partners) one(r *Request) (api.PartnerRecord, error) {
	which, err := r.ID("partner")
	if err != nil {
		return api.PartnerRecord{}, err
	}
	record, err := p.Registry.One(r.Context(), r.Caller, which)
	return partnerRecord(record), err
}

func (p *Partners) clients(r *Request) (api.Clients, error) {
	which, err := r.ID("partner")
	if err != nil {
		return api.Clients{}, err
	}
	after, err := r.afterID()
	if err != nil {
		return api.Clients{}, err
	}
	list, err := p.Registry.Clients(r.Context(), r.Caller, which, after, clientsPage)
	out := api.Clients{}
	for _, one := range list {
		out.Clients = append(out.Clients, clientRecord(one))
	}
	if err == nil && len(list) == clientsPage {
		r.Next(string(list[len(list)-1].Client))
	}
	return out, err
}

func (p *Partners) client(r *Request) (api.ClientRecord, error) {
	which, err := r.ID("partner")
	if err != nil {
		return api.ClientRecord{}, err
	}
	program, err := r.ID("client")
	if err != nil {
		return api.ClientRecord{}, err
	}
	record, err := p.Registry.Client(r.Context(), r.Caller, which, program)
	return clientRecord(record), err
}

// afterID is the id behind which a list goes on; empty from the beginning.
func (r *Request) afterID() (id.ID, error) {
	q, err := r.Query("after")
	if err != nil || q["after"] == "" {
		return "", err
	}
	after, err := id.Parse(q["after"])
	if err != nil {
		return "", errBadRequest
	}
	return after, nil
}

func partnerRecord(r partner.Record) api.PartnerRecord {
	out := api.PartnerRecord{Partner: r.Partner, Agrees: r.Agrees, Halts: r.Halts}
	if r.InForce != nil {
		name := api.Hash(*r.InForce)
		out.InForce = &name
	}
	for _, h := range r.Halted {
		out.Halted = append(out.Halted, h)
	}
	return out
}

func clientRecord(r partner.ClientRecord) api.ClientRecord {
	return api.ClientRecord{Client: r.Client, Clients: r.Clients, Retires: r.Retires, Retired: r.Retired, Live: r.Live}
}
