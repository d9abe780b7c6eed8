package trace_test

import (
	"context"
	"crypto/rand"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/trace"
)

// Whatever the collector does, a bounded number of tries is made, what was not taken is
// counted, and the next window is told.
func TestACollectorCannotStopTheVault(t *testing.T) {
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		asked  int
	}{
		"fails":   {func(out http.ResponseWriter, _ *http.Request) { out.WriteHeader(http.StatusServiceUnavailable) }, 3},
		"refuses": {func(out http.ResponseWriter, _ *http.Request) { out.WriteHeader(http.StatusBadRequest) }, 1},
		"hangs":   {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, 3},
		"breaks":  {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, 3},
		"sends on": {func(out http.ResponseWriter, _ *http.Request) {
			out.Header().Set("Location", "/elsewhere")
			out.WriteHeader(307)
		}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			var well atomic.Bool
			w := newWorld(t, func(out http.ResponseWriter, r *http.Request) {
				if well.Load() {
					out.WriteHeader(http.StatusOK)
					return
				}
				c.answer(out, r)
			})
			w.ask(t, 150, "/v1/session")
			w.Send(t.Context(), window)
			if len(w.bodies) != c.asked || w.counts[trace.Dropped] != 150 || w.counts[trace.Sent] != 0 {
				t.Errorf("asked %d times, counted %v", len(w.bodies), w.counts)
			}
			well.Store(true)
			w.ask(t, 1, "/v1/session")
			w.Send(t.Context(), window)
			if w.counts[trace.Sent] != 1 {
				t.Errorf("afterwards: %v", w.counts)
			}
		})
	}
}

// An answer without end is not read.
func TestAnAnswerWithoutEndIsNotRead(t *testing.T) {
	w := newWorld(t, func(out http.ResponseWriter, r *http.Request) {
		for b := make([]byte, 64<<10); r.Context().Err() == nil; {
			if _, err := out.Write(b); err != nil {
				return
			}
		}
	})
	w.ask(t, 1, "/v1/session")
	w.Send(t.Context(), window)
	if w.counts[trace.Sent] != 1 {
		t.Errorf("counted %v", w.counts)
	}
}

// While a collector hangs, requests go on being taken, up to a bound; and a collector
// that asks for an hour's patience does not keep the vault from stopping.
func TestRequestsDoNotWaitForACollector(t *testing.T) {
	asked := make(chan struct{}, 9)
	w := newWorld(t, func(out http.ResponseWriter, _ *http.Request) {
		asked <- struct{}{}
		out.Header().Set("Retry-After", "3600")
		out.WriteHeader(http.StatusTooManyRequests)
	})
	w.ask(t, 1, "/v1/session")
	ctx, stop := context.WithCancel(t.Context())
	sent := make(chan struct{})
	go func() { defer close(sent); w.Send(ctx, window) }()
	<-asked
	w.ask(t, trace.Most+50, "/v1/session")
	w.mu.Lock()
	left := w.counts[trace.Left]
	w.mu.Unlock()
	if left != 50 {
		t.Errorf("%d were left out", left)
	}
	stop()
	<-sent
	if len(w.bodies) != 1 {
		t.Errorf("asked %d times", len(w.bodies))
	}
}

// A collector that is not there costs nothing but what it would have been told; and
// without one there is nothing.
func TestAStopTellsTheOpenWindow(t *testing.T) {
	w := newWorld(t, fine)
	w.ask(t, 2, "/v1/session")
	ctx, stop := context.WithCancel(t.Context())
	stop()
	w.Run(ctx)
	if w.counts[trace.Sent] != 2 {
		t.Errorf("counted %v", w.counts)
	}
	dropped := 0
	away := trace.New(trace.Config{Endpoint: "http://127.0.0.1:1/v1/traces", Every: time.Hour, Pause: time.Millisecond, Now: time.Now, Rand: rand.Reader,
		Count: func(of string, n int) { dropped += n }})
	_, r := away.Begin(t.Context())
	r.End(trace.Shape{Kind: "other"})
	away.Send(t.Context(), window)
	if dropped != 1 {
		t.Errorf("%d dropped", dropped)
	}
	var none *trace.Tracer
	_, r = none.Begin(t.Context())
	r.End(trace.Shape{})
}
