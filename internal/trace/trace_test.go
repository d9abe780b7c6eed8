package trace_test

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	otlp "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/relatingfield/vault/internal/blob"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/secret"
	"github.com/relatingfield/vault/internal/trace"
)

// world is a tracer, the collector it tells, and what became of traces.
type world struct {
	*trace.Tracer
	mu     sync.Mutex
	counts map[string]int
	bodies [][]byte
	heads  []http.Header
}

var window = time.Date(2026, 3, 4, 5, 0, 0, 0, time.UTC)

func newWorld(t *testing.T, answer http.HandlerFunc) *world {
	t.Helper()
	w := &world{counts: map[string]int{}}
	s := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		w.mu.Lock()
		w.bodies, w.heads = append(w.bodies, b), append(w.heads, r.Header)
		w.mu.Unlock()
		answer(out, r)
	}))
	t.Cleanup(func() { s.CloseClientConnections(); s.Close() })
	w.Tracer = trace.New(trace.Config{
		Endpoint: s.URL + "/v1/traces", Every: time.Hour, Version: "v1", Now: time.Now, Rand: rand.Reader, Patience: 200 * time.Millisecond, Pause: time.Millisecond,
		Count: func(of string, n int) { w.mu.Lock(); defer w.mu.Unlock(); w.counts[of] += n },
	})
	return w
}

// spans are what has come, read as a collector reads it.
func (w *world) spans(t *testing.T) (out []*otlp.Span) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, b := range w.bodies {
		var all otlp.TracesData
		if err := proto.Unmarshal(b, &all); err != nil {
			t.Fatal(err)
		}
		for _, r := range all.ResourceSpans {
			for _, s := range r.ScopeSpans {
				out = append(out, s.Spans...)
			}
		}
	}
	return out
}

func names(spans []*otlp.Span) map[string]int {
	out := map[string]int{}
	for _, s := range spans {
		out[s.Name]++
	}
	return out
}

// opening is an object store that has nothing.
type opening struct{ blob.Store }

func (opening) Open(context.Context, id.ID) (blob.Object, error) { return nil, blob.ErrNotFound }

func (opening) Delete(context.Context, id.ID) error { return nil }

func (w *world) ask(t *testing.T, n int, route string) {
	t.Helper()
	for range n {
		ctx, r := w.Begin(t.Context())
		for range 3 {
			_, _ = trace.Blobs{Store: opening{}}.Open(ctx, "x")
		}
		r.End(trace.Shape{Kind: "account", Verb: "POST", Route: route, Class: 2})
	}
}

func fine(out http.ResponseWriter, _ *http.Request) { out.WriteHeader(http.StatusOK) }

// What many requests had in common is told by its name, what few had by its kind; when
// a request came and how often it asked is not told.
func TestOnlyWhatManyDidIsNamed(t *testing.T) {
	w := newWorld(t, fine)
	w.ask(t, trace.Few, "/v1/session")
	w.ask(t, trace.Few-1, "/v1/revocations/{id}")
	w.Send(t.Context(), window)
	spans := w.spans(t)
	want := map[string]int{"POST /v1/session": trace.Few, "blob open": trace.Few, "account": trace.Few - 1, "blob": trace.Few - 1}
	for name, n := range names(spans) {
		if want[name] != n {
			t.Errorf("%s is told %d times, want %d", name, n, want[name])
		}
	}
	if len(spans) != 4*trace.Few-2 {
		t.Errorf("%d spans", len(spans))
	}
	for _, s := range spans {
		took := s.EndTimeUnixNano - s.StartTimeUnixNano
		if power := took / 16000; s.StartTimeUnixNano != uint64(window.UnixNano()) || took%16000 != 0 || power&(power-1) != 0 {
			t.Errorf("%s begins at %d and takes %d", s.Name, s.StartTimeUnixNano, took)
		}
	}
	if strings.Contains(string(slices.Concat(w.bodies...)), "revocations") {
		t.Error("a rare route is told")
	}
	if w.counts[trace.Sent] != 2*trace.Few-1 {
		t.Errorf("counted %v", w.counts)
	}
}

// A message is what a collector expects: field 1 of ExportTraceServiceRequest is a
// ResourceSpans, and nothing else is there.
func TestAMessageIsAnExportRequest(t *testing.T) {
	w := newWorld(t, fine)
	w.ask(t, 1, "/v1/session")
	w.Send(t.Context(), window)
	number, kind, n := protowire.ConsumeTag(w.bodies[0])
	inner, m := protowire.ConsumeBytes(w.bodies[0][n:])
	if number != 1 || kind != protowire.BytesType || n+m != len(w.bodies[0]) {
		t.Fatalf("field %d of kind %d, %d of %d bytes", number, kind, n+m, len(w.bodies[0]))
	}
	if err := proto.Unmarshal(inner, &otlp.ResourceSpans{}); err != nil {
		t.Error(err)
	}
	if h := w.heads[0]; h.Get("Content-Type") != "application/x-protobuf" || h.Get("Traceparent") != "" || h.Get("Authorization") != "" {
		t.Errorf("the head is %v", h)
	}
}

// No two spans of a message have one id, and none has the id that means none.
func TestEverySpanHasAnIdOfItsOwn(t *testing.T) {
	w := newWorld(t, fine)
	for range 300 {
		ctx, r := w.Begin(t.Context())
		_, _ = trace.Blobs{Store: opening{}}.Open(ctx, "x")
		_ = trace.Blobs{Store: opening{}}.Delete(ctx, "x")
		r.End(trace.Shape{Kind: "account", Verb: "POST", Route: "/v1/session", Class: 2})
	}
	w.Send(t.Context(), window)
	seen := map[string]bool{}
	for _, s := range w.spans(t) {
		name := string(s.TraceId) + string(s.SpanId)
		if seen[name] || string(s.SpanId) == strings.Repeat("\x00", 8) {
			t.Fatalf("the id %x is none, or is there twice", s.SpanId)
		}
		seen[name] = true
	}
}

// The token goes to a collector that the right authority vouches for, and to no other.
func TestTheTokenGoesToWhomItIsFor(t *testing.T) {
	got, counts := "", map[string]int{}
	s := httptest.NewTLSServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.Header.Get("Authorization") }))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	defer s.Close()
	send := func(roots *x509.CertPool) {
		tracer := trace.New(trace.Config{Endpoint: s.URL + "/v1/traces", Token: secret.Of([]byte("marked-word")), Roots: roots, Every: time.Hour, Now: time.Now, Rand: rand.Reader,
			Pause: time.Millisecond, Count: func(of string, n int) { counts[of] += n }})
		_, r := tracer.Begin(t.Context())
		r.End(trace.Shape{Kind: "account"})
		tracer.Send(t.Context(), window)
	}
	send(x509.NewCertPool())
	if got != "" || counts[trace.Dropped] != 1 {
		t.Errorf("nobody vouches for it: %q, %v", got, counts)
	}
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	send(roots)
	if got != "Bearer marked-word" || counts[trace.Sent] != 1 {
		t.Errorf("%q, %v", got, counts)
	}
}

// A name that is not the program's does not leave.
func TestAStrangeNameIsNotTold(t *testing.T) {
	w := newWorld(t, fine)
	w.ask(t, trace.Few, "/v1/شهادة")
	w.Send(t.Context(), window)
	if strings.Contains(string(slices.Concat(w.bodies...)), "شهادة") || names(w.spans(t))["other"] != trace.Few {
		t.Errorf("told: %v", names(w.spans(t)))
	}
}

// The environment, with which others steer exporters, has no word here.
func TestTheEnvironmentIsNotRead(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the environment's address was asked") }))
	defer elsewhere.Close()
	for _, name := range []string{"OTEL_RESOURCE_ATTRIBUTES", "OTEL_SERVICE_NAME", "OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_TRACES_HEADERS"} {
		t.Setenv(name, "host.name=marked-word")
	}
	for _, name := range []string{"OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "HTTP_PROXY", "http_proxy"} {
		t.Setenv(name, elsewhere.URL)
	}
	w := newWorld(t, fine)
	w.ask(t, trace.Few, "/v1/session")
	w.Send(t.Context(), window)
	if len(w.bodies) != 1 || strings.Contains(string(w.bodies[0]), "marked-word") {
		t.Errorf("%d messages", len(w.bodies))
	}
	for name, values := range w.heads[0] {
		if strings.Contains(name+strings.Join(values, " "), "marked") {
			t.Errorf("the header %s: %v", name, values)
		}
	}
}
