package httpapi

import (
	"crypto/tls"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/relatingfield/vault/internal/flood"
	"github.com/relatingfield/vault/internal/partner"
	"github.com/relatingfield/vault/internal/session"
)

// CertifiedClient begins the URI by which a certificate names a program of a partner.
const CertifiedClient = "urn:testimony-vault:client:"

// certificateOf is the verified certificate of whoever sends a request, nil where none
// was asked for: at the listener for programs alone it is.
func certificateOf(req *http.Request) *tls.ConnectionState {
	if req.TLS == nil || len(req.TLS.VerifiedChains) == 0 {
		return nil
	}
	return req.TLS
}

// elsewhere tells whether a route is not served at the listener that a request came
// to. Programs come by theirs, and alone; where it is the only one for them, they are
// served nowhere else.
func (r *Request) elsewhere() error {
	programs := r.route.Auth == PartnerClient || r.route.Path == partner.TokenPath
	open := r.route.Auth == Anybody && r.route.Method == http.MethodGet && r.route.Toll != flood.Phone
	if certificateOf(r.echo.Request()) != nil {
		if programs || open {
			return nil
		}
		return echo.ErrNotFound
	}
	if programs && r.server.deps.ProgramsApart {
		return echo.ErrNotFound
	}
	return nil
}

// certified says whether a program is the one that the certificate of its connection
// names. Whoever came without one was not asked for it. The name is looked at in each
// request, so a token is of no use over another's certificate, and a renewed
// certificate voids none.
func (r *Request) certified(client string) error {
	state := certificateOf(r.echo.Request())
	if state == nil {
		return nil
	}
	for _, u := range state.PeerCertificates[0].URIs {
		if u.String() == CertifiedClient+client {
			return nil
		}
	}
	return session.ErrRefused
}
