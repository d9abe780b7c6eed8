package httpapi

import (
	"net/http"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/idempotency"
	"github.com/relatingfield/vault/internal/ledger"
	"github.com/relatingfield/vault/internal/testimony"
)

// rekeyBodies is how many ordinary bodies a rekeying may be as large as: it holds
// a header for every part of everything she has, at once.
const rekeyBodies = 4

// Rekeys are the routes by which an account changes hands.
type Rekeys struct {
	Vault *testimony.Vault
	JSON  int64 // most bytes of an ordinary request that carries many headers
}

// Routes lists them.
func (k *Rekeys) Routes() []Route {
	return []Route{
		{Method: "POST", Path: "/v1/rekeys", Auth: SignedIn, Body: rekeyBodies * k.JSON, Handler: Create(http.StatusOK, k.rekey)},
	}
}

func (k *Rekeys) rekey(r *Request, in api.Rekey, keep idempotency.Commit) (api.Rekeyed, error) {
	change := testimony.Rekeying{Statements: in.Statements}
	for _, t := range in.Testimonies {
		one := testimony.Rewrapped{Testimony: t.Testimony, Card: t.Card}
		for _, h := range t.Headers {
			one.Headers = append(one.Headers, h)
		}
		change.Testimonies = append(change.Testimonies, one)
	}
	spell := func(list []ledger.Accepted) api.Rekeyed {
		out := api.Rekeyed{Account: r.Caller.ID}
		for _, a := range list {
			out.Accepted = append(out.Accepted, accepted(a))
		}
		return out
	}
	list, err := k.Vault.Rekey(r.Context(), r.Caller, change, all(keep, spell))
	r.server.deps.Accounts.Forget(r.Caller.Signer())
	return spell(list), err
}
