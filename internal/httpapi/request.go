package httpapi

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/partner"
	"github.com/relatingfield/vault/internal/session"
)

// Request is one request on its way through a handler.
type Request struct {
	Caller  account.Caller // who signed in; zero where anybody may call
	Partner partner.Caller // which program asks; zero where none must

	server *Server
	echo   echo.Context
	route  Route
	held   int64 // bytes taken from the budget of bodies
	asked  bool  // the query was read

	strange bool // it holds a place of strangers
}

// Context ends when the client has gone or the server cuts what runs.
func (r *Request) Context() context.Context { return r.echo.Request().Context() }

// asker is whose answers are remembered together: an account's, or a client's. The
// names of the two have different lengths.
func (r *Request) asker() id.Thumbprint {
	if r.Partner.Client != "" {
		return id.Thumbprint(r.Partner.Client)
	}
	return r.Caller.ID
}

// Header is the request's header.
func (r *Request) Header() http.Header { return r.echo.Request().Header }

// Length is the announced length of the body, or -1.
func (r *Request) Length() int64 { return r.echo.Request().ContentLength }

// Answer is the answer's header, to be filled before its first byte.
func (r *Request) Answer() http.Header { return r.echo.Response().Header() }

// Conn is the connection that the request came on, below TLS.
func (r *Request) Conn() net.Conn {
	conn := connOf(r.Context())
	if t, ok := conn.(*tls.Conn); ok {
		return t.NetConn() // what is cut, and what is asked how much it still holds
	}
	return conn
}

// Body is the request's body. A line slower than the vault serves ends it with
// an error.
func (r *Request) Body() io.Reader { return r.server.paced(r.echo) }

// Writer sends the status and gives the connection's own writer, which takes
// files without copying them. Deadlines are the caller's from here on.
func (r *Request) Writer(status int) http.ResponseWriter {
	r.echo.Response().WriteHeader(status)
	return r.echo.Response().Writer
}

// Param is a part of the path.
func (r *Request) Param(name string) string { return r.echo.Param(name) }

// ID is a part of the path that names something. What cannot be a name is
// answered like a name of nothing.
func (r *Request) ID(name string) (id.ID, error) {
	v, err := id.Parse(r.Param(name))
	if err != nil {
		return "", account.ErrNotFound
	}
	return v, nil
}

// Account is a part of the path that names an account.
func (r *Request) Account(name string) (id.Thumbprint, error) {
	v, err := id.ParseThumbprint(r.Param(name))
	if err != nil {
		return "", account.ErrNotFound
	}
	return v, nil
}

// maxNumber is the highest number that a part can have.
const maxNumber = 9999

// Number is a part of the path that counts, from 1, in its one spelling. What nothing
// can have for a number gets no further, into records of refused attempts either.
func (r *Request) Number(name string) (int64, error) {
	n, err := strconv.ParseInt(r.Param(name), 10, 64)
	if err != nil || n < 1 || n > maxNumber || strconv.FormatInt(n, 10) != r.Param(name) {
		return 0, account.ErrNotFound
	}
	return n, nil
}

// Query reads the query, which may have these names, each once at most.
func (r *Request) Query(names ...string) (map[string]string, error) {
	r.asked = true
	values, err := url.ParseQuery(r.echo.Request().URL.RawQuery)
	if err != nil {
		return nil, errBadRequest
	}
	out := map[string]string{}
	for name, list := range values {
		if !slices.Contains(names, name) || len(list) != 1 {
			return nil, errBadRequest
		}
		if name == "after" && !isPlace(list[0]) {
			return nil, errBadRequest
		}
		out[name] = list[0]
	}
	return out, nil
}

// isPlace tells whether a text could be a place in a list. Which places there are is
// for the list to know.
func isPlace(s string) bool {
	odd := func(c rune) bool {
		return !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '_' || c == '.')
	}
	return s != "" && len(s) <= 64 && !strings.ContainsFunc(s, odd)
}

// checkQuery refuses a query that nobody has asked for: whoever wrote it means
// something by it, and would not get that.
func (r *Request) checkQuery() error {
	if r.echo.Request().URL.RawQuery != "" && !r.asked {
		return errBadRequest
	}
	return nil
}

// plain is for handlers that take no query and no JSON; the others see to it
// themselves.
func plain(h Handler) Handler {
	return func(r *Request) error {
		if err := r.checkQuery(); err != nil {
			return err
		}
		return h(r)
	}
}

// digest is what makes this request the one it is: method, path and body.
func (r *Request) digest(body []byte) [sha256.Size]byte {
	h := sha256.New()
	io.WriteString(h, r.echo.Request().Method+" "+r.echo.Request().URL.EscapedPath()+"\n")
	h.Write(body)
	return [sha256.Size]byte(h.Sum(nil))
}

// proofOf takes what concerns sign-in from a request. A header that stands twice
// counts as none: proxies do not agree which of two to believe.
func proofOf(req *http.Request) session.Request {
	return session.Request{
		Method: req.Method, Path: req.URL.EscapedPath(),
		Proof: once(req.Header, api.HeaderDPoP), Token: token(once(req.Header, "Authorization")),
	}
}

func once(h http.Header, name string) string {
	if v := h.Values(name); len(v) == 1 {
		return v[0]
	}
	return ""
}

func token(authorization string) string {
	scheme, rest, _ := strings.Cut(authorization, " ")
	if !strings.EqualFold(scheme, api.SchemeDPoP) {
		return ""
	}
	return rest
}
