package httpapi

import (
	"errors"
	"net/netip"
	"slices"
	"sync/atomic"

	"github.com/labstack/echo/v4"

	"github.com/relatingfield/vault/internal/flood"
)

// errCrowded tells a stranger to come back, without having looked at what they ask.
var errCrowded = errors.New("strangers ask for more than this node gives them at a time")

// slots are requests under way. Not all of them are for everybody: whoever takes
// something back finds room where others do not, and people with an account find
// room where strangers do not.
type slots struct {
	most      int64
	all       atomic.Int64
	strangers atomic.Int64
}

// enter takes a place in one of the counts unless it would be one of the last.
func enter(count *atomic.Int64, most int64) bool {
	if count.Add(1) <= max(1, most) {
		return true
	}
	count.Add(-1)
	return false
}

// An eighth of the slots is for what restricts; strangers have half of them.
func (s *slots) ordinary() int64     { return s.most - s.most/8 }
func (s *slots) forStrangers() int64 { return s.most / 2 }

func (s *slots) enter(restricts bool) bool {
	if restricts {
		return enter(&s.all, s.most)
	}
	return enter(&s.all, s.ordinary())
}

func (s *slots) leave() { s.all.Add(-1) }

// restricting are the acts that take something back or keep somebody out, and no
// others: they find room where there is none for the rest, are not counted against
// what a key may ask, and need no work.
func restricting() []string {
	return []string{
		"POST /v1/pauses", "POST /v1/pause", "POST /v1/withdrawals", "POST /v1/testimonies/{testimony}/revocations",
		"POST /v1/testimonies/{testimony}/narrowings", "POST /v1/testimonies/{testimony}/erasure", "POST /v1/rekeys", "POST /v1/checkins",
		"POST /v1/suspensions", "POST /v1/halts", "POST /v1/retirements", "POST /v1/trays/{tray}/closing", "POST /v1/items/{item}/refusal",
		"POST /v1/forms/{form}/withdrawal", "POST /v1/collectors/{collector}/revocation", "POST /v1/endings/{grant}/replies", "POST /v1/recoveries/{recovery}/answers",
	}
}

// restricts tells by the pattern of a route, before anybody has been asked who they are.
func (s *Server) restricts(c echo.Context) bool {
	_, yes := s.urgent[c.Request().Method+" "+c.Path()]
	return yes
}

// urgentOf spells the restricting routes as the router does.
func urgentOf() map[string]struct{} {
	out := map[string]struct{}{}
	for _, r := range restricting() {
		out[echoPath(r)] = struct{}{}
	}
	return out
}

// stranger is a place among those whom nobody knows, until the request is over.
func (r *Request) stranger() error {
	if r.server.restricts(r.echo) || isProbe(r.echo.Path()) {
		return nil
	}
	if !enter(&r.server.slots.strangers, r.server.slots.forStrangers()) {
		r.server.deps.Watch.Refused("slots")
		return errCrowded
	}
	r.strange = true
	return nil
}

// toll takes from the bucket of a route that strangers may call. Whoever comes with a
// name that was good lately takes nothing.
func (r *Request) toll(kind flood.Kind, name string) error {
	if kind == "" || r.server.deps.Flood.TakeAs(kind, name, r.from()) {
		return nil
	}
	r.server.deps.Watch.Refused(string(kind))
	return errCrowded
}

// admit bounds what strangers do before anything of it is done.
func (r *Request) admit() error {
	if r.route.Auth != Anybody {
		return nil
	}
	if err := r.stranger(); err != nil {
		return err
	}
	return r.toll(r.route.Toll, r.Param("token"))
}

// pace bounds what one key does. Keys that have not enrolled cost nothing to make:
// together they have the room of strangers.
func (r *Request) paceCaller() error {
	if r.route.Auth != SignedIn || r.server.restricts(r.echo) {
		return nil
	}
	if r.Caller.Role == "" {
		if err := r.stranger(); err != nil {
			return err
		}
	}
	if !r.server.deps.Callers.Take(string(r.Caller.Signer())) {
		r.server.deps.Watch.Refused("account")
		return errOften
	}
	return nil
}

// errOften tells somebody who signed in that they ask too much.
var errOften = errors.New("this key asks for more than one key gets of a node")

// from is the other end of the request's connection. What a header says of it is not
// read: anybody can write one.
func (r *Request) from() netip.Addr {
	return flood.From(r.Conn())
}

// known notes that a name was good.
func (r *Request) known(kind flood.Kind, name string) { r.server.deps.Flood.Good(kind, name) }

// goes gives back what admit took.
func (r *Request) goes() {
	if r.strange {
		r.server.slots.strangers.Add(-1)
		r.strange = false
	}
}

// Restricting lists the acts that always find room, for whoever holds the contract
// against them.
func Restricting() []string { return slices.Clone(restricting()) }
