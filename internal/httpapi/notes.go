package httpapi

import (
	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/grant"
	"github.com/relatingfield/vault/internal/idempotency"
)

func (g *Grants) notes(r *Request) (api.ReaderNotes, error) {
	name, err := r.ID("grant")
	if err != nil {
		return api.ReaderNotes{}, err
	}
	list, err := g.Grants.Notes(r.Context(), r.Caller, name)
	out := api.ReaderNotes{}
	for _, n := range list {
		out.Notes = append(out.Notes, api.ReaderNote{N: n.N, Sealed: n.Sealed})
	}
	return out, err
}

func (g *Grants) setNote(r *Request, in api.NewReaderNote) (api.ReaderNotes, error) {
	name, err := r.ID("grant")
	if err != nil {
		return api.ReaderNotes{}, err
	}
	n, err := r.Number("n")
	if err != nil {
		return api.ReaderNotes{}, err
	}
	if err := g.Grants.SetNote(r.Context(), r.Caller, name, grant.Note{N: n, Sealed: in.Sealed}); err != nil {
		return api.ReaderNotes{}, err
	}
	return g.notes(r)
}

func (g *Grants) hear(r *Request, in api.Signed, keep idempotency.Commit) (api.Accepted, error) {
	name, err := r.ID("grant")
	if err != nil {
		return api.Accepted{}, err
	}
	out, err := g.Grants.Hear(r.Context(), r.Caller, name, in.Statement, one(keep, accepted))
	return accepted(out), err
}
