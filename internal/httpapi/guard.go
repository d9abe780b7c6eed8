package httpapi

import (
	"context"
	"net/http"
	"slices"
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
		if c.Request().ContentLength != 0 { // what waits for it is not at work
			s.crowd.linger(connOf(c.Request().Context()))
		}
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
		if !s.slots.enter(s.restricts(c)) {
			s.deps.Watch.Refused("slots")
			return errBusy
		}
		defer s.slots.leave()
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
	if len(c.Request().TransferEncoding) > 0 {
		// Where a body ends in chunks, and a length was said as well, two programs can
		// disagree about what comes behind it: nothing does.
		h.Set("Connection", "close")
	}
	h.Set(api.HeaderDPoPNonce, s.deps.Sessions.Nonce())
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", policy)
	h.Set("Cross-Origin-Embedder-Policy", "require-corp")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Robots-Tag", "noindex")
	if s.secure(c.Request()) {
		h.Set("Strict-Transport-Security", "max-age=63072000")
	}
}

// secure tells whether a browser came by TLS: to the vault itself, or to what stands
// before it at one of the addresses with https. Names below the vault's are not the
// vault's to speak for, and an onion address has no TLS.
func (s *Server) secure(req *http.Request) bool {
	return req.TLS != nil || slices.Contains(s.deps.Field.Origins, "https://"+req.Host) || s.deps.Field.Origin == "https://"+req.Host
}

// isOdd tells whether an address of the API or of a phone has an empty step, which the
// router would let stand for a name or a secret.
func isOdd(path string) bool {
	if strings.HasPrefix(path, "/or/") {
		return strings.Contains(path, "//")
	}
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

// ready says whether the vault can do its work and wants more of it.
func (s *Server) ready(ctx context.Context) error {
	if s.draining.Load() {
		return errBusy
	}
	return s.deps.Ready(ctx)
}
