package webhook_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/x509"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/secret"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/store/storetest"
	"github.com/relatingfield/vault/internal/webhook"
)

// start is no round moment, so that a day can be told from it.
var start = time.Date(2026, 5, 17, 14, 3, 9, 0, time.UTC)

// world is a queue over one database, with a clock that stands still and a partner.
type world struct {
	t       testing.TB
	db      *store.DB
	q       *webhook.Queue
	partner id.ID
	logged  *safeBuffer

	mu  sync.Mutex
	now time.Time
}

// safeBuffer is written by many.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

func each(t *testing.T, f func(w *world)) {
	storetest.Each(t, func(t *testing.T, db *store.DB) { f(newWorld(t, db)) })
}

func newWorld(t testing.TB, db *store.DB) *world {
	w := &world{t: t, db: db, now: start, logged: &safeBuffer{}}
	w.partner = w.id()
	w.q = w.node(nil, 5*time.Second)
	return w
}

// node is another queue over the same database. roots may be nil.
func (w *world) node(roots *x509.CertPool, timeout time.Duration) *webhook.Queue {
	rules := webhook.Rules{Ports: []int{443}, Local: true}
	return &webhook.Queue{
		DB: w.db, Roots: []secret.Bytes{secret.Of([]byte("a secret of the server, 32 bytes"))}, Rules: rules, Line: webhook.NewLine(rules, roots, nil, timeout),
		Keep: 30 * day, AckWithin: 7 * day, Overlap: day, Now: w.time, Tick: w.time, Rand: rand.Reader, Log: slog.New(slog.NewTextHandler(w.logged, nil)),
	}
}

const day = 24 * time.Hour

func (w *world) time() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) later(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

func (w *world) id() id.ID {
	w.t.Helper()
	n, err := id.New(rand.Reader)
	w.must(err)
	return n
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) update(f func(ctx context.Context, tx store.Tx) error) {
	w.t.Helper()
	w.must(w.db.Update(w.t.Context(), f))
}

// endpoint makes one of the world's partner.
func (w *world) endpoint(wish webhook.Wish) (e webhook.Endpoint) {
	w.t.Helper()
	w.update(func(ctx context.Context, tx store.Tx) (err error) {
		e, err = w.q.Create(ctx, tx, w.partner, wish)
		return err
	})
	return e
}

// look finds an endpoint as it is now.
func (w *world) look(endpoint id.ID) (e webhook.Endpoint) {
	w.t.Helper()
	w.must(w.db.View(w.t.Context(), func(ctx context.Context, tx store.Tx) (err error) {
		e, err = w.q.Endpoint(ctx, tx, w.partner, endpoint)
		return err
	}))
	return e
}

// put tells the partner something, and gives what it is about.
func (w *world) put(t webhook.Type) id.ID {
	w.t.Helper()
	about := w.id()
	w.update(func(ctx context.Context, tx store.Tx) error {
		return w.q.Put(ctx, tx, w.partner, webhook.Event{Type: t, ID: about})
	})
	return about
}

// deliver sends what is due at a node until nothing is, so many rounds at most.
func (w *world) deliver(q *webhook.Queue) {
	w.t.Helper()
	for range 1000 {
		n, err := q.Deliver(w.t.Context())
		w.must(err)
		if n == 0 {
			return
		}
	}
	w.t.Fatal("there is always something due")
}

func (w *world) deliveries(endpoint id.ID) (all []webhook.Delivery) {
	w.t.Helper()
	w.must(w.db.View(w.t.Context(), func(ctx context.Context, tx store.Tx) (err error) {
		all, err = w.q.Deliveries(ctx, tx, w.partner, endpoint, webhook.Newest(), 100_000)
		return err
	}))
	return all
}

// only is the one delivery of an endpoint.
func (w *world) only(endpoint id.ID) webhook.Delivery {
	w.t.Helper()
	all := w.deliveries(endpoint)
	if len(all) != 1 {
		w.t.Fatalf("%d deliveries", len(all))
	}
	return all[0]
}

// request is what a receiver got.
type request struct {
	header http.Header
	body   []byte
	path   string
}

// receiver is a partner's server on this machine.
type receiver struct {
	*httptest.Server
	mu   sync.Mutex
	got  []request
	most int // at a time
	now  int
}

// receive answers as answer does, nil: with 204.
func (w *world) receive(answer http.HandlerFunc) *receiver {
	r := &receiver{}
	r.Server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			w.t.Error(err)
		}
		r.enter(request{req.Header.Clone(), body, req.URL.RequestURI()})
		defer r.leave()
		if answer == nil {
			rw.WriteHeader(http.StatusNoContent)
			return
		}
		answer(rw, req)
	}))
	w.t.Cleanup(r.Close)
	return r
}

func (r *receiver) enter(q request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.got = append(r.got, q)
	r.now++
	r.most = max(r.most, r.now)
}

func (r *receiver) leave() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now--
}

func (r *receiver) requests() []request {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]request(nil), r.got...)
}

// times counts the requests with each webhook-id.
func (r *receiver) times() map[string]int {
	out := map[string]int{}
	for _, q := range r.requests() {
		out[q.header.Get("webhook-id")]++
	}
	return out
}
