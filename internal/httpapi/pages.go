package httpapi

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"
)

// policy is the one Content-Security-Policy, the same on every answer, so that no
// answer, whatever it is taken for, runs or loads anything but the vault's own
// files. Frames are for the viewer of media, which tightens it further by itself.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src 'self' blob:; connect-src 'self'; " +
	"worker-src 'self'; frame-src 'self'; frame-ancestors 'self'; form-action 'none'; base-uri 'none'; " +
	"require-trusted-types-for 'script'; trusted-types vault"

// permissions leaves a page the microphone and nothing else that a browser could
// tell or do.
const permissions = "accelerometer=(), autoplay=(), browsing-topics=(), camera=(), display-capture=(), encrypted-media=(), geolocation=(), gyroscope=(), hid=(), " +
	"idle-detection=(), local-fonts=(), magnetometer=(), microphone=(self), midi=(), payment=(), publickey-credentials-get=(), serial=(), usb=(), window-management=(), xr-spatial-tracking=()"

// Page is a file of the site, the same for everybody.
type Page struct {
	Type   string
	Body   []byte
	Gzip   []byte // the same compressed, or nil
	Brotli []byte // the same
	Open   bool   // documents of no origin may load it, or be it: the sandboxed viewer and its script
}

// pages serves the site beside the API. Each file is a route of its own, so that what
// is not there is answered as everything is that is not there.
func (s *Server) pages(e *echo.Echo) {
	for path, p := range s.deps.Pages {
		h := s.page(p)
		e.GET(path, s.asStranger(h))
		e.HEAD(path, s.asStranger(h))
	}
	e.GET("/exit", s.exit)
}

// asStranger bounds how many files of the site are sent at a time, and how slowly one
// may be taken.
func (s *Server) asStranger(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		c.Set(routeKey, "page")
		if !enter(&s.slots.strangers, s.slots.forStrangers()) {
			s.deps.Watch.Refused("slots")
			return errCrowded
		}
		defer s.slots.strangers.Add(-1)
		return next(c)
	}
}

func (s *Server) page(p Page) echo.HandlerFunc {
	return func(c echo.Context) error {
		c.Set(routeKey, "page")
		h := c.Response().Header()
		h.Set("Content-Type", p.Type)
		h.Set("Vary", "Accept-Encoding")
		h.Set("Permissions-Policy", permissions) // for documents; on every answer it would be dear on a thin line
		if s.deps.Onion != "" && strings.HasPrefix(p.Type, "text/html") && !isOnion(c.Request().Host) {
			h.Set("Onion-Location", s.deps.Onion+c.Request().URL.Path)
		}
		if p.Open {
			h.Set("Cross-Origin-Resource-Policy", "cross-origin")
			h.Set("Access-Control-Allow-Origin", "*")
		}
		coding, body := p.encoded(c.Request().Header.Get("Accept-Encoding"))
		if coding != "" {
			h.Set("Content-Encoding", coding)
		}
		h.Set("Content-Length", strconv.Itoa(len(body)))
		s.hurry(c, len(body))
		c.Response().WriteHeader(http.StatusOK)
		if c.Request().Method == http.MethodHead {
			return nil
		}
		// A client that has gone or reads too slowly gets no more.
		_, _ = c.Response().Write(body)
		return nil
	}
}

// isOnion tells whether a request was sent to an onion address: whoever is there needs
// not be told of it.
func isOnion(host string) bool {
	name, _, _ := strings.Cut(strings.ToLower(host), ":")
	return strings.HasSuffix(name, ".onion")
}

// exit takes what a browser holds of the vault away from it, and shows a page that
// could be anybody's.
func (s *Server) exit(c echo.Context) error {
	c.Set(routeKey, "exit")
	h := c.Response().Header()
	h.Set("Clear-Site-Data", `"cache", "cookies", "storage"`)
	h.Set("Location", "/blank")
	c.Response().WriteHeader(http.StatusSeeOther)
	return nil
}

// encoded chooses among what there is of a page: what the browser takes, the smallest
// first. All of them are made beforehand, so an answer costs the same whoever asks.
func (p Page) encoded(accept string) (coding string, body []byte) {
	switch {
	case p.Brotli != nil && takes(accept, "br"):
		return "br", p.Brotli
	case p.Gzip != nil && takes(accept, "gzip"):
		return "gzip", p.Gzip
	}
	return "", p.Body
}

// takes reads Accept-Encoding (RFC 9110 section 12.5.3) as far as it matters for one
// coding.
func takes(accept, coding string) bool {
	for part := range strings.SplitSeq(accept, ",") {
		name, params, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.EqualFold(strings.TrimSpace(name), coding) {
			return quality(params) > 0
		}
	}
	return false
}
