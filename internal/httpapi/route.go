package httpapi

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/flood"
	"github.com/relatingfield/vault/internal/partner"
)

// Auth says who may call a route. What the caller may do there is the domain's
// business.
type Auth int

// The kinds of callers.
const (
	Anybody  Auth = iota + 1 // no sign-in
	SignedIn                 // whoever proves a key, enrolled or not

	// PartnerClient is a program of a partner whose agreement and key count at this
	// moment, and whose token has the route's Scope.
	PartnerClient
)

// Route is one line of the API. The zero values of Auth and Handler are refused,
// so nothing is open or empty by omission.
type Route struct {
	Method  string
	Path    string // as in OpenAPI: /v1/testimonies/{testimony}
	Auth    Auth
	Body    int64 // most bytes of a request's body; 0: none is taken
	Handler Handler
	Tus     bool          // it speaks tus, which every answer says
	Toll    flood.Kind    // of Anybody: what it takes from strangers' buckets; empty: nothing
	Scope   partner.Scope // of a PartnerClient; empty: any of them may call

	// Begins marks what brings somebody or something new into the vault: it ends when
	// the vault winds up. Stays marks what is answered even after its last day.
	Begins, Stays bool

	// Deprecated is since when nobody should call it, Sunset the first moment at which
	// it may be gone; every answer says both. Zero: it stays (docs/api-policy.md).
	Deprecated, Sunset time.Time
}

// announce says on an answer that the route will go (RFC 9745, RFC 8594).
func (r Route) announce(h http.Header) {
	if !r.Sunset.IsZero() {
		h.Set("Deprecation", fmt.Sprintf("@%d", r.Deprecated.Unix()))
		h.Set("Sunset", r.Sunset.UTC().Format(http.TimeFormat))
	}
}

// Handler answers one request. An error becomes a problem document.
type Handler func(*Request) error

// router makes the route table into a handler.
func (s *Server) router() (http.Handler, error) {
	e := echo.New()
	e.HTTPErrorHandler = s.fail
	e.Use(s.observed, s.guarded)
	for _, r := range s.routes {
		if r.Auth == 0 || r.Handler == nil {
			return nil, fmt.Errorf("route %s %s does not say who may call it, or has no handler", r.Method, r.Path)
		}
		e.Add(r.Method, echoPath(r.Path), s.serve(r))
	}
	s.pages(e)
	return e, nil
}

// echoPath spells {name} as :name.
func echoPath(path string) string {
	return strings.NewReplacer("{", ":", "}", "").Replace(path)
}

// serve finds out who asks before anything of the body is read.
func (s *Server) serve(route Route) echo.HandlerFunc {
	return func(c echo.Context) error {
		c.Set(routeKey, route.Path)
		route.announce(c.Response().Header())
		if route.Tus {
			c.Response().Header().Set(api.HeaderTusResumable, api.TusVersion)
		}
		// A slash that is escaped is none in the router's eyes, and no name has one.
		if slices.ContainsFunc(c.ParamValues(), func(v string) bool { return v == "" || strings.Contains(v, "/") }) {
			return account.ErrNotFound
		}
		if err := s.serving(route); err != nil {
			return err
		}
		r := &Request{server: s, echo: c, route: route}
		if err := r.elsewhere(); err != nil {
			return err
		}
		if err := r.checkLength(); err != nil {
			return err
		}
		defer r.goes()
		if err := r.admit(); err != nil {
			return err
		}
		if err := r.identify(); err != nil {
			return err
		}
		if err := r.paceCaller(); err != nil {
			return err
		}
		if err := r.roomFor(); err != nil {
			return err
		}
		if r.Caller.Role != "" || r.Partner.Client != "" {
			c.Set(knownKey, true)
			s.crowd.settle(connOf(r.Context()))
		}
		defer r.release()
		return route.Handler(r)
	}
}

// identify finds out who asks, where the route wants to know.
func (r *Request) identify() (err error) {
	switch r.route.Auth {
	case SignedIn:
		r.Caller, err = r.server.authenticate(r.echo.Request())
	case PartnerClient:
		r.echo.Set(partnerKey, true)
		r.Partner, err = r.server.deps.Partners.Authenticate(r.Context(), proofOf(r.echo.Request()))
		if err == nil {
			err = r.certified(string(r.Partner.Client))
		}
		sayRate(r.Answer(), r.Partner.Rate)
		if err == nil && r.route.Scope != "" && !r.Partner.May(r.route.Scope) {
			err = &noScope{r.route.Scope}
		}
	}
	return err
}

// noScope says which scope a program lacks.
type noScope struct{ scope partner.Scope }

func (e *noScope) Error() string { return "the token does not have scope " + string(e.scope) }

// authenticate gives the caller, without role if no account has the key. Sessions
// are of keys, not of accounts: with the key its tokens are void.
func (s *Server) authenticate(req *http.Request) (account.Caller, error) {
	key, err := s.deps.Sessions.Authenticate(proofOf(req))
	if err != nil {
		return account.Caller{}, err
	}
	return s.deps.Accounts.Find(req.Context(), key)
}
