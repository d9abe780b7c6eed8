// Package httpapi is the vault's REST API over HTTP/1.1: it takes requests apart,
// finds out who asks, calls one domain operation and writes the answer. The web
// framework lives here and nowhere else.
//
// Promises: no handler runs before the caller is known and no body is read before
// that; every body, header, count and wait is bounded; every refusal is a problem
// document made in one place, in the caller's language, without internals; what
// is not there, not hers and not granted is answered with the same bytes; what a
// person asked for, from where and with what appears in no log.
//
// Assumes: TLS ends before this server or the line is local; the domain packages
// authorise. Does not: decide who may do what, or keep state beyond a request.
//
// Specification: docs/protocol.md sections 4 to 6, api/openapi.yaml; RFC 9110,
// RFC 9112, RFC 9449, RFC 9457.
package httpapi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/flood"
	"github.com/relatingfield/vault/internal/idempotency"
	"github.com/relatingfield/vault/internal/openrosa/answer"
	"github.com/relatingfield/vault/internal/partner"
	"github.com/relatingfield/vault/internal/proofofwork"
	"github.com/relatingfield/vault/internal/roster"
	"github.com/relatingfield/vault/internal/session"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/trace"
	"github.com/relatingfield/vault/internal/watch"
)

// Deps is what the API is made of.
type Deps struct {
	Sessions      *session.Service
	Answers       *idempotency.Answers
	Accounts      *account.Accounts
	Partners      *partner.Registry               // tells programs apart
	Vault         func() api.Vault                // what GET /v1/vault says now
	Contract      []byte                          // api/openapi.yaml
	Schema        []byte                          // api/statement.schema.json
	Pages         map[string]Page                 // the site, by path
	Onion         string                          // where pages at other addresses say the onion service is; empty: they do not
	Stage         func() roster.Stage             // of the stewards' farewell; nil: the vault stays
	Ready         func(ctx context.Context) error // nil when the vault can do its work
	Room          func(ctx context.Context) error // nil when more may be taken in; a nil Room always has some
	Field         FieldPlace                      // where phones with forms come
	Limits        Limits
	Asked         func()              // told of each statement that requests ask of the database; nil: nobody is
	Flood         *flood.Guard        // how much strangers may ask; nil: without measure
	Callers       *flood.Callers      // and whoever signed in
	Work          *proofofwork.Issuer // of sign-in; nil: none is asked for
	ProgramsApart bool                // programs of partners are served at a listener of their own only
	Watch         *watch.Watch        // counts requests by kind
	Traces        *trace.Tracer       // remembers where their time goes; nil: nobody wants to know
	Log           *slog.Logger
	Rand          io.Reader // for request ids
}

// Limits bound what a client can take. None of them can be switched off.
type Limits struct {
	Bodies        int64         // of all JSON requests at a time, bytes
	HeaderBytes   int           // of a request's head
	HeaderTimeout time.Duration // for a request's head to arrive
	IdleTimeout   time.Duration // between two requests of a connection
	BytesPerSec   int64         // the slowest line that is served, in either direction
	Stall         time.Duration // over which the speed of a line is measured
	Requests      int           // at a time
	Connections   int           // at a time; beyond it the longest silent one goes, or newcomers wait
}

// Server serves the API. Make it with New.
type Server struct {
	deps      Deps
	http      *http.Server
	words     words
	phrases   answer.Phrases // to phones
	documents struct{ contract, schema *document }
	slots     slots
	urgent    map[string]struct{} // routes that restrict
	bodies    *semaphore.Weighted
	routes    []Route
	crowd     *crowd
	draining  atomic.Bool
	cut       context.CancelFunc
}

// New makes a server of the API; more routes are served beside its own.
func New(d Deps, more ...Route) (*Server, error) {
	w, err := loadWords()
	if err != nil {
		return nil, fmt.Errorf("http api: %w", err)
	}
	phrases, err := answer.Load()
	if err != nil {
		return nil, fmt.Errorf("http api: %w", err)
	}
	s := &Server{deps: d, words: w, phrases: phrases, slots: slots{most: int64(d.Limits.Requests)}, urgent: urgentOf(), bodies: semaphore.NewWeighted(d.Limits.Bodies), crowd: newCrowd(d.Limits.Connections, d.Limits.HeaderTimeout/patience, d.Flood.NetworkOf)}
	if s.documents.contract, err = newDocument("application/yaml", d.Contract); err != nil {
		return nil, fmt.Errorf("http api: %w", err)
	}
	if s.documents.schema, err = newDocument(api.MediaSchema, d.Schema); err != nil {
		return nil, fmt.Errorf("http api: %w", err)
	}
	s.routes = append(s.own(), more...)
	handler, err := s.router()
	if err != nil {
		return nil, fmt.Errorf("http api: %w", err)
	}
	ctx, cut := context.WithCancel(context.Background())
	s.cut = cut
	if d.Asked != nil {
		ctx = store.Counted(ctx, d.Asked)
	}
	s.http = &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: d.Limits.HeaderTimeout,
		IdleTimeout:       d.Limits.IdleTimeout,
		MaxHeaderBytes:    d.Limits.HeaderBytes,
		// HTTP/2 puts many requests on one connection, and revoking a grant must
		// cut one reader's connection without touching anybody else's.
		Protocols:                    new(http.Protocols),
		DisableGeneralOptionsHandler: true,
		ErrorLog:                     slog.NewLogLogger(muted{d.Log.Handler()}, slog.LevelDebug),
		BaseContext:                  func(net.Listener) context.Context { return ctx },
		ConnContext:                  withConn,
		ConnState:                    s.crowd.note,
	}
	s.http.Protocols.SetHTTP1(true)
	return s, nil
}

// Serve answers requests on l until Shutdown. Its error is never nil;
// http.ErrServerClosed means that it was asked to stop.
func (s *Server) Serve(l net.Listener) error { return s.http.Serve(listener{l, s.crowd}) }

// Close cuts everything that is under way.
func (s *Server) Close() error { return s.http.Close() }

// Shutdown stops taking requests, waits for those under way until ctx ends, and
// then cuts them: their contexts end and their connections close.
func (s *Server) Shutdown(ctx context.Context) error {
	s.draining.Store(true)
	err := s.http.Shutdown(ctx)
	s.cut()
	if err != nil {
		return fmt.Errorf("requests were cut: %w", errors.Join(err, s.http.Close()))
	}
	return nil
}

// Routes lists every route that is served.
func (s *Server) Routes() []Route { return append([]Route(nil), s.routes...) }
