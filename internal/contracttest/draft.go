package contracttest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/apitest"
)

// draft is a request before it is sent.
type draft struct {
	method, path string // the path as it stands in the request line
	query        url.Values
	rawQuery     string
	header       http.Header
	body         []byte
	chunked      bool
	endless      bool // more than any operation takes is announced, and sent

	signer     Signer
	proofFor   [2]string // method and path of the proof, if they are not the request's
	proofNonce string
	proofTwice bool
	proofOnly  bool // there is no token yet

	marks bool // it holds mark
}

// draft makes a request of an operation as somebody, good as far as the contract says.
func (f *fuzzer) draft(rnd *rand.Rand, in apitest.Input, who string) *draft {
	d := &draft{method: in.Method, path: in.Path, query: url.Values{}, header: http.Header{}}
	if len(in.Secured) > 0 {
		d.signer = f.people.as[who]
	}
	d.proofOnly = slices.Equal(in.Secured, []string{"proof"})
	m := &maker{values: f.values, rnd: rnd, acts: in.Acts}
	m.known = func(_, name string) (any, bool) { return f.people.find(rnd, name) }
	m.sign = f.people.sign(m, d.signer)
	for _, p := range in.Parameters {
		if !p.Required && rnd.IntN(3) > 0 {
			continue
		}
		d.set(p, f.parameter(m, p))
	}
	switch {
	case in.Media == "":
	case strings.HasSuffix(in.Media, "json"):
		d.header.Set("Content-Type", in.Media)
		d.body, _ = json.Marshal(m.of(in.Body, "")) // only values of JSON kinds are made
	case strings.Contains(in.Media, "form-urlencoded"):
		d.header.Set("Content-Type", in.Media)
		d.body = []byte(form(m.of(in.Body, "")))
	default:
		d.header.Set("Content-Type", in.Media)
		d.body = bytes.Repeat([]byte{byte(rnd.IntN(256))}, rnd.IntN(2000))
	}
	if in.ID == "deliver" && who == "program" && rnd.IntN(4) > 0 {
		f.people.deliver(d)
	}
	return d
}

func form(v any) string {
	values := url.Values{}
	if o, ok := v.(object); ok {
		for _, m := range o {
			values.Set(m.name, fmt.Sprint(m.value))
		}
	}
	return values.Encode()
}

func (f *fuzzer) parameter(m *maker, p apitest.Parameter) string {
	if p.Name == api.HeaderIdempotencyKey {
		return fmt.Sprintf(`"%08x-%04x-4%03x-8%03x-%012x"`, m.rnd.Uint32(), m.rnd.IntN(1<<16), m.rnd.IntN(1<<12), m.rnd.IntN(1<<12), m.rnd.Int64N(1<<48))
	}
	if len(p.Examples) > 0 && m.rnd.IntN(3) == 0 {
		return fmt.Sprint(p.Examples[m.rnd.IntN(len(p.Examples))])
	}
	return fmt.Sprint(m.of(p.Schema, p.Name))
}

func (d *draft) set(p apitest.Parameter, v string) {
	switch p.In {
	case "path":
		d.path = strings.ReplaceAll(d.path, "{"+p.Name+"}", url.PathEscape(v))
	case "query":
		d.query.Set(p.Name, v)
	case "header":
		d.header.Set(p.Name, v)
	}
}

// request makes what is sent.
func (d *draft) request(t testing.TB, p *People) (*http.Request, error) {
	address := p.origin + d.path
	if q := d.rawQuery + d.query.Encode(); q != "" {
		address += "?" + q
	}
	var body io.Reader
	if d.body != nil {
		body = bytes.NewReader(d.body)
	}
	req, err := http.NewRequestWithContext(t.Context(), d.method, address, body)
	if err != nil {
		return nil, err
	}
	req.Header = d.header.Clone()
	if d.endless {
		req.ContentLength, req.Body = 1<<40, io.NopCloser(io.LimitReader(zeros{}, 1<<40))
	}
	if d.chunked && len(d.body) > 0 {
		req.ContentLength = -1
	}
	if d.signer == nil {
		return req, nil
	}
	if p.nonce == "" {
		p.nonce = "none"
	}
	method, path, nonce := d.method, d.path, p.nonce
	if d.proofFor[0] != "" {
		method, path = d.proofFor[0], d.proofFor[1]
	}
	if d.proofNonce != "" {
		nonce = d.proofNonce
	}
	kept := req.Header.Clone()
	if err := d.signer.Authorize(req, method, p.origin+path, nonce); err != nil {
		return nil, err
	}
	if d.proofOnly {
		req.Header.Del("Authorization")
	}
	for _, name := range []string{"Authorization", api.HeaderDPoP} {
		if v := kept.Values(name); len(v) > 0 { // a bend has chosen
			req.Header[name] = v
		} else if d.proofTwice {
			req.Header.Add(name, req.Header.Get(name))
		}
	}
	return req, nil
}

// zeros never end.
type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

// signedText is a statement in JSON.
var signedText = regexp.MustCompile(`[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{86}`)

// String is the request as a person would note it down, without what signs it.
func (d *draft) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s", d.method, d.path)
	if q := d.rawQuery + d.query.Encode(); q != "" {
		fmt.Fprintf(&b, "?%s", q)
	}
	for name, values := range d.header {
		for _, v := range values {
			fmt.Fprintf(&b, " [%s: %s]", name, short([]byte(v)))
		}
	}
	fmt.Fprintf(&b, " %q", short(d.body))
	return b.String()
}
