package contracttest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
)

// Overtaken is a line on which something else of the same account arrives at the vault
// before each request that has a statement, the first time it is sent: whoever made it
// is told that the chain has gone on.
type Overtaken struct {
	Base  http.RoundTripper
	Fault func(error)

	mu     sync.Mutex
	before func() error
	seen   Seen
	done   map[string]bool
}

// Before sets what arrives before.
func (o *Overtaken) Before(do func() error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.before, o.done = do, map[string]bool{}
	if o.seen == nil {
		o.seen = Seen{}
	}
}

// Seen is what was answered.
func (o *Overtaken) Seen() Seen { return o.seen }

// RoundTrip implements [http.RoundTripper].
func (o *Overtaken) RoundTrip(req *http.Request) (*http.Response, error) {
	if do := o.first(req); do != nil {
		if err := do(); err != nil {
			return nil, fmt.Errorf("overtake: %w", err)
		}
	}
	resp, err := o.Base.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, 64<<20))
	if err = errors.Join(err, resp.Body.Close()); err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	for _, err := range judge(req, resp, body, false) {
		o.Fault(err)
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	o.mu.Lock()
	defer o.mu.Unlock()
	if at := operation(req); o.seen != nil {
		o.seen.Add(Seen{at: {resp.StatusCode: 1}})
	}
	return resp, nil
}

// first gives what to do before a request that was not overtaken yet.
func (o *Overtaken) first(req *http.Request) func() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	name := req.Method + req.URL.Path
	if o.before == nil || req.GetBody == nil || o.done[name] {
		return nil
	}
	body, err := req.GetBody()
	if err != nil {
		return nil
	}
	text, err := io.ReadAll(io.LimitReader(body, 1<<20))
	if err != nil || !signedText.Match(text) && req.Header.Get("Testimony-Statement") == "" || req.URL.Path == "/v1/session" {
		return nil
	}
	o.done[name] = true
	return o.before
}
