package webhook

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Timeout is how long a receiver has to answer.
const Timeout = 20 * time.Second

const (
	parallel  = 8        // requests to one endpoint at a time, from one node
	headBytes = 16 << 10 // of an answer
	bodyBytes = 4 << 10  // of an answer, to use its connection again; what is longer is cut
)

// Line is the way to receivers: HTTP/1.1, which has the least that a receiver could
// attack with, over connections that are kept open.
type Line struct {
	client  *http.Client
	timeout time.Duration
}

// NewLine makes a line under rules. roots vouch for receivers, nil: those that the
// system trusts; resolver may be nil, too.
func NewLine(rules Rules, roots *x509.CertPool, resolver *net.Resolver, timeout time.Duration) *Line {
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		host, _, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		d := net.Dialer{Timeout: timeout, KeepAlive: 15 * time.Second, Resolver: resolver, Control: rules.control(rules.Local && loopbackName(host))}
		return d.DialContext(ctx, network, address)
	}
	t := &http.Transport{
		Proxy:                  nil, // nor any of the environment
		DialContext:            dial,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots},
		TLSNextProto:           map[string]func(string, *tls.Conn) http.RoundTripper{},
		TLSHandshakeTimeout:    timeout,
		MaxIdleConnsPerHost:    parallel,
		MaxIdleConns:           16 * parallel,
		IdleConnTimeout:        30 * time.Second,
		MaxResponseHeaderBytes: headBytes,
		DisableCompression:     true,
	}
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Line{&http.Client{Transport: t, CheckRedirect: stay}, timeout}
}

// outcome is what came of an attempt. What happens before an answer is told apart as
// little as a receiver's operator can do with: a partner must not be able to find out
// what there is in the vault's own network.
type outcome string

const (
	answered    outcome = "answered"
	timedOut    outcome = "timeout"
	unreachable outcome = "unreachable"
)

// answer is what a receiver said.
type answer struct {
	outcome outcome
	status  int
	wait    time.Duration // that it asked for
}

func (a answer) ok() bool { return a.status >= 200 && a.status <= 299 }

// post makes one attempt. Errors are not given on: they hold addresses.
func (l *Line) post(ctx context.Context, to *url.URL, header http.Header, body []byte) answer {
	ctx, cancel := context.WithTimeout(ctx, l.timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to.String(), bytes.NewReader(body))
	if err != nil {
		return answer{outcome: unreachable}
	}
	req.Header = header
	resp, err := l.client.Do(req)
	if err != nil {
		if late := net.Error(nil); ctx.Err() != nil || errors.As(err, &late) && late.Timeout() {
			return answer{outcome: timedOut}
		}
		return answer{outcome: unreachable}
	}
	defer resp.Body.Close()
	if resp.ContentLength >= 0 && resp.ContentLength <= bodyBytes {
		// Read to its end, the connection serves the next request. What it says is of no
		// interest, nor whether it came whole.
		_, _ = io.CopyN(io.Discard, resp.Body, bodyBytes)
	}
	return answer{answered, resp.StatusCode, retryAfter(resp)}
}

// retryAfter is what a receiver asks for that has too much to do, in seconds; a date is
// not looked at.
func retryAfter(resp *http.Response) time.Duration {
	if resp.StatusCode != http.StatusTooManyRequests && resp.StatusCode != http.StatusServiceUnavailable {
		return 0
	}
	n, err := strconv.ParseUint(resp.Header.Get("Retry-After"), 10, 32)
	if err != nil {
		return 0
	}
	return time.Duration(n) * time.Second
}
