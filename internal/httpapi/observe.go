package httpapi

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/trace"
	"github.com/relatingfield/vault/internal/watch"
)

// Where the route pattern, the request's own name, and that a partner's system sent
// it, stand in Echo's context.
const (
	routeKey   = "route"
	requestKey = "request_id"
	partnerKey = "partner"
	knownKey   = "known" // whoever asks has an account or is a program
)

// observed writes the one log record of a request and turns panics into errors.
// The record has what an operator needs to find a fault, and nothing that says
// who asked, from where, or about what: no path, no query, no address, no agent.
func (s *Server) observed(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		begin := time.Now()
		end := s.deps.Watch.Begin()
		ctx, traced := s.deps.Traces.Begin(c.Request().Context())
		if traced != nil {
			c.SetRequest(c.Request().WithContext(ctx))
		}
		defer func() {
			end(kindOf(c), c.Response().Status, time.Since(begin))
			traced.End(shapeOf(c))
		}()
		name, err := id.New(s.deps.Rand)
		if err != nil {
			return err
		}
		c.Set(requestKey, string(name))
		c.Response().Header().Set("Request-Id", string(name))
		err = s.caught(next, c)
		begun := c.Response().Committed
		if err != nil && !begun {
			s.fail(err, c)
		}
		s.deps.Log.LogAttrs(c.Request().Context(), slog.LevelInfo, "request", slog.String("method", methodOf(c.Request())),
			slog.String("route", routeOf(c)), slog.Int("status", c.Response().Status),
			slog.Duration("took", time.Since(begin)), slog.String("request_id", string(name)))
		if err != nil && begun {
			// An answer that has begun cannot be taken back. Its connection ends
			// with it, so that nobody takes it for whole.
			panic(http.ErrAbortHandler)
		}
		return nil
	}
}

// kindOf sorts routes into what they cost, and no finer: see package watch.
func kindOf(c echo.Context) watch.Kind {
	route := routeOf(c)
	last := route[strings.LastIndexByte(route, '/')+1:]
	switch {
	case route == "page":
		return watch.Site
	case c.Get(partnerKey) != nil:
		return watch.Partner
	case !strings.HasPrefix(route, "/v1/"):
		return watch.Other
	case slices.Contains([]string{"payload", "content", "export", "{n}"}, last) && strings.Contains(route, "/parts/") || strings.Contains(route, "/arrivals/"):
		return watch.Payload
	case slices.Contains([]string{"/v1/session", "/v1/session/challenge", "/v1/accounts", "/v1/enrolment", "/v1/token"}, route):
		return watch.Sign
	}
	return watch.Account
}

// shapeOf is what a trace may tell of a request: the patterns that the log has, too.
func shapeOf(c echo.Context) trace.Shape {
	s := trace.Shape{Kind: string(kindOf(c)), Verb: methodOf(c.Request()), Route: routeOf(c)}
	if status := c.Response().Status; status >= 100 && status <= 599 {
		s.Class = status / 100
	}
	return s
}

func routeOf(c echo.Context) string {
	if route, ok := c.Get(routeKey).(string); ok {
		return route
	}
	return "none"
}

// methodOf keeps what a stranger writes in the place of a method out of the log.
func methodOf(r *http.Request) string {
	known := []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions}
	if slices.Contains(known, r.Method) {
		return r.Method
	}
	return "other"
}

// caught runs next. What a panic says can hold anything, so its text is dropped;
// where it happened is enough to find it.
func (s *Server) caught(next echo.HandlerFunc, c echo.Context) (err error) {
	defer func() {
		switch what := recover(); what {
		case nil:
		case http.ErrAbortHandler:
			panic(what) // which is how a handler asks net/http to drop the connection
		default:
			s.deps.Log.Error("panic", "route", routeOf(c), "request_id", c.Get(requestKey), "stack", stack())
			err = errPanic
		}
	}()
	return next(c)
}

var errPanic = errors.New("a handler panicked")

// stack lists functions and lines, innermost first, without their arguments.
func stack() string {
	pcs := make([]uintptr, 32)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs)])
	var out strings.Builder
	for {
		f, more := frames.Next()
		out.WriteString(f.Function + ":" + strconv.Itoa(f.Line) + " ")
		if !more {
			return out.String()
		}
	}
}

// muted is a log handler for net/http's own messages, which quote addresses and
// headers: that there was one is all it passes on.
type muted struct{ slog.Handler }

// Handle passes a record without its text on.
func (m muted) Handle(ctx context.Context, r slog.Record) error {
	return m.Handler.Handle(ctx, slog.NewRecord(r.Time, r.Level, "the HTTP server gave up a connection", 0))
}
