package httpapi

import (
	"net/http"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/collection"
	"github.com/relatingfield/vault/internal/idempotency"
)

// Collections are the routes of officers to their partner's collections, and of a
// collection to what it is.
type Collections struct {
	Collections *collection.Collections
}

// Routes lists them.
func (c *Collections) Routes() []Route {
	return []Route{
		{Method: "POST", Path: "/v1/collections", Begins: true, Auth: SignedIn, Body: smallBody, Handler: Create(http.StatusCreated, c.open)},
		{Method: "GET", Path: "/v1/collections", Auth: SignedIn, Handler: Read(c.list)},
		{Method: "GET", Path: "/v1/collection", Auth: SignedIn, Handler: Read(c.own)},
	}
}

func (c *Collections) open(r *Request, in api.NewCollection, keep idempotency.Commit) (api.OpenedCollection, error) {
	spell := func(o collection.Opened) api.OpenedCollection {
		return api.OpenedCollection{Accepted: accepted(o.Accepted), Key: accepted(o.Key), Collection: spellCollection(o.Collection), Code: o.Code}
	}
	out, err := c.Collections.Open(r.Context(), r.Caller, in.Statement, in.Key, as(keep, spell))
	return spell(out), err
}

func (c *Collections) list(r *Request) (api.Collections, error) {
	after, err := r.afterAccount()
	if err != nil {
		return api.Collections{}, err
	}
	list, err := c.Collections.Of(r.Context(), r.Caller, after, pageSize)
	out := api.Collections{}
	for _, one := range list {
		out.Collections = append(out.Collections, spellCollection(one))
	}
	if len(list) == pageSize {
		r.Next(string(list[pageSize-1].Account))
	}
	return out, err
}

func (c *Collections) own(r *Request) (api.Collection, error) {
	out, err := c.Collections.Mine(r.Context(), r.Caller)
	return spellCollection(out), err
}

func spellCollection(c collection.Collection) api.Collection {
	return api.Collection{Collection: c.ID, Account: c.Account, Partner: c.Partner, Day: c.OpenedDay, Until: c.Until, Over: c.Over, Readable: true, Statement: c.Statement}
}
