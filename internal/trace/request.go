package trace

import (
	"context"
	"sync"
	"time"

	"github.com/relatingfield/vault/internal/store"
)

// Shape is what a request is told by.
type Shape struct {
	Kind  string // of work, as in the counters
	Verb  string
	Route string // the pattern
	Class int    // the hundred of the status, 1 to 5; 0: there was none
}

// told is a request as it is remembered: a shape, and how long what it asked for took
// in all, by name. How often it asked is not in it.
type told struct {
	shape Shape
	took  time.Duration
	parts map[string]time.Duration
}

// Request is one that is under way. A nil one remembers nothing.
type Request struct {
	t     *Tracer
	begun time.Time

	mu    sync.Mutex
	parts map[string]time.Duration // nil once it is over
}

// mostParts bounds the names that one request is told by.
const mostParts = 64

// key marks a context that belongs to a request.
type key struct{}

// under is a context of a request that is traced. As in package store it is no
// dependency: nothing depends on whether anybody looks.
type under struct {
	context.Context
	r *Request
}

// Value implements context.Context.
func (c under) Value(k any) any {
	if k == (key{}) {
		return c.r
	}
	return c.Context.Value(k)
}

// Begin gives a context under which what is asked of the database and of [Blobs] is
// remembered. Nothing of the request itself is handed over, so nothing of it can leave.
func (t *Tracer) Begin(ctx context.Context) (context.Context, *Request) {
	if t == nil {
		return ctx, nil
	}
	r := &Request{t: t, begun: t.cfg.Now(), parts: map[string]time.Duration{}}
	return store.Timed(under{ctx, r}, r.part), r
}

// part notes that something begins; the function it gives notes its end. What ends
// after the request is forgotten.
func (r *Request) part(name string) (end func()) {
	if r == nil {
		return func() {}
	}
	begun := r.t.cfg.Now()
	return func() {
		took := r.t.cfg.Now().Sub(begun)
		r.mu.Lock()
		defer r.mu.Unlock()
		if _, known := r.parts[name]; r.parts != nil && (known || len(r.parts) < mostParts) {
			r.parts[name] += took
		}
	}
}

// End takes the request into the window.
func (r *Request) End(s Shape) {
	if r == nil {
		return
	}
	took := r.t.cfg.Now().Sub(r.begun)
	r.mu.Lock()
	parts := r.parts
	r.parts = nil
	r.mu.Unlock()
	if parts != nil {
		r.t.keep(told{s, took, parts})
	}
}
