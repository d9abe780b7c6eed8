package httpapi

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/account"
)

// maxHeaders is how many header lines a request may have.
const maxHeaders = 64

// guarded puts on every answer what protects it in a browser, and bounds how
// much is done at a time. No answer sets a cookie, and none may be stored.
func (s *Server) guarded(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		s.protect(c)
		if headerLines(c.Request().Header) > maxHeaders {
			return errBadRequest
		}
		if s.deps.Field.apart(c.Request()) {
			return echo.ErrNotFound
		}
		if isOdd(c.Request().URL.Path) {
			return account.ErrNotFound
		}
		if isProbe(c.Path()) { // a vault that is busy is not one to be restarted
			return next(c)
		}
		if !s.enter() {
			return errBusy
		}
		defer s.leave()
		return next(c)
	}
}

func (s *Server) protect(c echo.Context) {
	line := http.NewResponseController(c.Response().Writer)
	// A deadline that an earlier answer on this connection set ends here.
	_ = line.SetWriteDeadline(time.Time{})
	if c.Request().ContentLength != 0 {
		// The server reads what a handler leaves of a body before it answers. From
		// somebody who is refused it does not do so for ever.
		_ = line.SetReadDeadline(time.Now().Add(s.deps.Limits.Stall))
	}
	h := c.Response().Header()
	h.Set(api.HeaderDPoPNonce, s.deps.Sessions.Nonce())
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", policy)
	h.Set("Cross-Origin-Embedder-Policy", "require-corp")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Robots-Tag", "noindex")
	if c.Request().TLS != nil {
		h.Set("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
	}
}

// isOdd tells whether an address of the API has an empty step, which the router would
// let stand for a name.
func isOdd(path string) bool {
	return strings.HasPrefix(path, "/v1/") && (strings.Contains(path, "//") || strings.HasSuffix(path, "/"))
}

func isProbe(path string) bool { return path == "/livez" || path == "/readyz" }

func headerLines(h http.Header) int {
	n := 0
	for _, values := range h {
		n += len(values)
	}
	return n
}

func (s *Server) enter() bool {
	select {
	case s.slots <- struct{}{}:
		return true
	default:
		return false
	}
}

func (s *Server) leave() { <-s.slots }

// ready says whether the vault can do its work and wants more of it.
func (s *Server) ready(ctx context.Context) error {
	if s.draining.Load() {
		return errBusy
	}
	return s.deps.Ready(ctx)
}
