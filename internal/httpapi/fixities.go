package httpapi

import (
	"net/http"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/custody"
	"github.com/relatingfield/vault/internal/fixity"
	"github.com/relatingfield/vault/internal/grant"
	"github.com/relatingfield/vault/internal/testimony"
)

// Fixities are the routes by which a client that could not open what it got has the
// vault look at it.
type Fixities struct {
	Fixity *fixity.Fixity
	Vault  *testimony.Vault
	Grants *grant.Grants
	Denied *custody.Denials
}

// Routes lists them.
func (f *Fixities) Routes() []Route {
	routes := []Route{
		{Method: "POST", Path: "/v1/testimonies/{testimony}/parts/{n}/fixity", Body: smallBody, Handler: Take(http.StatusOK, f.hers)},
		{Method: "POST", Path: "/v1/inbox/{grant}/parts/{n}/fixity", Body: smallBody, Handler: Take(http.StatusOK, f.granted)},
	}
	for i, r := range routes {
		routes[i].Auth, routes[i].Handler = SignedIn, watched(f.Denied, r)
	}
	return routes
}

func (f *Fixities) hers(r *Request, in api.Doubt) (api.Fixity, error) {
	p, err := r.part()
	if err != nil {
		return api.Fixity{}, err
	}
	part, err := f.Vault.Doubted(r.Context(), r.Caller, p.Testimony, p.N)
	if err != nil {
		return api.Fixity{}, err
	}
	return f.ask(r, part, in)
}

func (f *Fixities) granted(r *Request, in api.Doubt) (api.Fixity, error) {
	name, err := r.ID("grant")
	if err != nil {
		return api.Fixity{}, err
	}
	n, err := r.Number("n")
	if err != nil {
		return api.Fixity{}, err
	}
	part, err := f.Grants.Doubted(r.Context(), r.Caller, name, n)
	if err != nil {
		return api.Fixity{}, err
	}
	return f.ask(r, part, in)
}

func (f *Fixities) ask(r *Request, part fixity.Part, in api.Doubt) (api.Fixity, error) {
	if in.At < 0 {
		return api.Fixity{}, errBadRequest
	}
	state, err := f.Fixity.Ask(r.Context(), r.Caller.ID, part, in.At)
	return api.Fixity{State: api.FixityState(state)}, err
}
