package trace

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// together is how many requests are told in one message: some hundred kilobytes.
const together = 100

// tries bounds how often a message is sent, and longestPause how long a collector can
// ask to wait in between.
const (
	tries        = 3
	longestPause = time.Minute
)

// newLine makes connections to the collector. It asks no environment for a proxy and
// goes nowhere else than it was told.
func newLine(roots *x509.CertPool) *http.Client {
	return &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext:            (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
			TLSHandshakeTimeout:    5 * time.Second,
			TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots},
			MaxResponseHeaderBytes: 16 << 10,
			DisableCompression:     true,
			DisableKeepAlives:      true,
		},
	}
}

// Send ends the window that began at begun and tells the collector. What it does not
// take after some tries is dropped, with all that comes behind it in this window: one
// that is away would else be asked again for every message.
func (t *Tracer) Send(ctx context.Context, begun time.Time) {
	all := blur(t.take())
	for chunk := range slices.Chunk(all, together) {
		body, err := t.encode(begun, chunk)
		if err != nil || !t.insist(ctx, body) {
			t.cfg.Count(Dropped, len(all))
			return
		}
		t.cfg.Count(Sent, len(chunk))
		all = all[len(chunk):]
	}
}

// insist sends a message until it is taken, refused for good or the tries are used up.
func (t *Tracer) insist(ctx context.Context, body []byte) bool {
	pause := t.cfg.Pause
	for n := 1; ; n++ {
		taken, again, after := t.post(ctx, body)
		if taken || !again || n == tries {
			return taken
		}
		wait := time.NewTimer(min(max(pause, after), longestPause))
		select {
		case <-wait.C:
		case <-ctx.Done():
			wait.Stop()
			return false
		}
		pause *= 2
	}
}

// post sends a message once. Nothing of the answer is read but its status and how long
// it asks to wait: a body could go on for ever, and has nothing to say here.
func (t *Tracer) post(ctx context.Context, body []byte) (taken, again bool, after time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, t.cfg.Patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, t.cfg.Endpoint, bytes.NewReader(body))
	if err != nil {
		return false, false, 0
	}
	req.Header.Set("Content-Type", "application/x-protobuf")
	if t.cfg.Token.Len() > 0 {
		req.Header.Set("Authorization", "Bearer "+string(t.cfg.Token.Reveal()))
	}
	resp, err := t.line.Do(req)
	if err != nil {
		return false, true, 0
	}
	_ = resp.Body.Close() // unread: the connection ends with it
	if s, err := strconv.ParseUint(resp.Header.Get("Retry-After"), 10, 16); err == nil {
		after = time.Duration(s) * time.Second
	}
	again = slices.Contains([]int{http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout}, resp.StatusCode)
	return resp.StatusCode/100 == 2, again, after
}
