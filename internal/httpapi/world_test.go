package httpapi_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/httpapi"
	"github.com/relatingfield/vault/internal/idempotency"
	"github.com/relatingfield/vault/internal/serverkeys"
	"github.com/relatingfield/vault/internal/session"
	"github.com/relatingfield/vault/internal/session/sessiontest"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/store/storetest"
	"github.com/relatingfield/vault/internal/watch"
	"github.com/relatingfield/vault/migrations"
)

// world is the API with a few routes that do what a test needs.
type world struct {
	*httpapi.Server
	t       *testing.T
	addr    string
	origin  string
	log     *record
	entered chan struct{} // one for each request that came to /t/block
	release chan struct{} // closed or sent to: they go on
	notes   []string      // what /t/create stored
}

// record is a log that can be waited for.
type record struct {
	mu   sync.Mutex
	text bytes.Buffer
	news chan struct{}
}

func (r *record) Write(b []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	select {
	case r.news <- struct{}{}:
	default:
	}
	return r.text.Write(b)
}

func (r *record) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.String()
}

// await waits until the log has the text.
func (r *record) await(t *testing.T, text string) {
	t.Helper()
	limit := time.After(20 * time.Second)
	for !strings.Contains(r.String(), text) {
		select {
		case <-r.news:
		case <-limit:
			t.Fatalf("the log never had %q:\n%s", text, r)
		}
	}
}

func usualLimits() httpapi.Limits {
	return httpapi.Limits{Bodies: 8 << 20, HeaderBytes: 16 << 10, HeaderTimeout: 10 * time.Second,
		IdleTimeout: 10 * time.Second, BytesPerSec: 100, Stall: 10 * time.Second, Requests: 16, Connections: 64}
}

func newWorld(t *testing.T, change ...func(*httpapi.Limits)) *world {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	w := &world{t: t, addr: l.Addr().String(), origin: "http://" + l.Addr().String(), log: &record{news: make(chan struct{}, 1)},
		entered: make(chan struct{}, 8), release: make(chan struct{})}
	limits := usualLimits()
	for _, f := range change {
		f(&limits)
	}
	db, sessions := services(t, w.origin)
	w.Server, err = httpapi.New(httpapi.Deps{
		Watch:    watch.New("test"),
		Sessions: sessions, Answers: idempotency.New(db, time.Now, rand.Reader), Accounts: &account.Accounts{DB: db},
		Vault: func() api.Vault { return api.Vault{Practice: true} }, Contract: []byte("openapi: 3.1.0\n"),
		Ready: func(context.Context) error { return nil }, Limits: limits, Rand: rand.Reader,
		Log: slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}, w.routes(db)...)
	must(t, err)
	w.start(l)
	return w
}

// start serves until the test ends.
func (w *world) start(l net.Listener) {
	served := make(chan error, 1)
	go func() { served <- w.Serve(l) }()
	w.t.Cleanup(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_ = w.Shutdown(ctx)
		if err := <-served; !errors.Is(err, http.ErrServerClosed) {
			w.t.Error(err)
		}
	})
}

func services(t *testing.T, origin string) (*store.DB, *session.Service) {
	t.Helper()
	db := storetest.Open(t, storetest.Fresh(t, store.SQLite, migrations.Files))
	keys, err := serverkeys.Open(filepath.Join(t.TempDir(), "keys"), rand.Reader, nil)
	must(t, err)
	s, err := session.New(session.Config{
		Vault: sessiontest.Hash("vault"), Origins: []string{origin}, Keys: keys, DB: db, Now: time.Now, Rand: rand.Reader,
	})
	must(t, err)
	return db, s
}

type note struct {
	Text string `json:"text"`
	N    int    `json:"n,omitempty"`
}

// routes are the test's own.
func (w *world) routes(db *store.DB) []httpapi.Route {
	fail := func(err error) httpapi.Handler {
		return httpapi.Read(func(*httpapi.Request) (note, error) { return note{}, err })
	}
	return []httpapi.Route{
		{Method: "GET", Path: "/v1/t/me", Auth: httpapi.SignedIn, Handler: httpapi.Read(func(r *httpapi.Request) (note, error) {
			_, err := r.Query("x", "marked")
			return note{Text: string(r.Caller.Known())}, err
		})},
		{Method: "POST", Path: "/v1/t/say", Auth: httpapi.Anybody, Body: 1000, Handler: httpapi.Take(200, func(_ *httpapi.Request, n note) (note, error) {
			return n, nil
		})},
		{Method: "POST", Path: "/v1/t/create", Auth: httpapi.SignedIn, Body: 1000, Handler: httpapi.Create(201, w.create(db))},
		{Method: "GET", Path: "/v1/t/block", Auth: httpapi.Anybody, Handler: httpapi.Read(w.block)},
		{Method: "PUT", Path: "/v1/t/body", Auth: httpapi.Anybody, Body: 1 << 30, Handler: httpapi.Read(func(r *httpapi.Request) (note, error) {
			n, err := io.Copy(io.Discard, r.Body())
			return note{N: int(n)}, err
		})},
		{Method: "GET", Path: "/v1/t/old", Auth: httpapi.Anybody, Handler: fail(account.ErrNotFound),
			Deprecated: time.Unix(1795392000, 0), Sunset: time.Unix(1829260800, 0)},
		{Method: "GET", Path: "/v1/t/large", Auth: httpapi.Anybody, Handler: httpapi.Read(func(*httpapi.Request) (note, error) {
			return note{Text: strings.Repeat("x", 64<<20)}, nil
		})},
		{Method: "GET", Path: "/v1/t/half", Auth: httpapi.Anybody, Handler: func(r *httpapi.Request) error {
			r.Answer().Set("Content-Length", "1000")
			_, _ = io.WriteString(r.Writer(200), "half")
			return errors.New("the disk broke")
		}},
		{Method: "GET", Path: "/v1/t/conn", Auth: httpapi.Anybody, Handler: httpapi.Read(func(r *httpapi.Request) (note, error) {
			return note{Text: r.Conn().LocalAddr().String()}, nil
		})},
		{Method: "GET", Path: "/v1/t/page", Auth: httpapi.Anybody, Handler: httpapi.Read(func(r *httpapi.Request) (note, error) {
			after, err := r.After()
			r.Next("a/b&c")
			return note{N: int(after)}, err
		})},
		{Method: "GET", Path: "/v1/t/thing/{thing}", Auth: httpapi.Anybody, Handler: httpapi.Read(func(r *httpapi.Request) (note, error) {
			what, err := r.ID("thing")
			if err == nil {
				err = account.ErrNotFound
			}
			return note{Text: string(what)}, err
		})},
		{Method: "GET", Path: "/v1/t/count/{n}", Auth: httpapi.Anybody, Handler: httpapi.Read(func(r *httpapi.Request) (note, error) {
			n, err := r.Number("n")
			return note{N: int(n)}, err
		})},
		{Method: "GET", Path: "/v1/t/panic", Auth: httpapi.Anybody, Handler: func(*httpapi.Request) error { panic("marked-panic") }},
		{Method: "GET", Path: "/v1/t/secret", Auth: httpapi.Anybody, Handler: fail(errors.New("marked-cause"))},
		{Method: "GET", Path: "/v1/t/down", Auth: httpapi.Anybody, Handler: fail(store.ErrUnavailable)},
	}
}

func (w *world) block(r *httpapi.Request) (note, error) {
	w.entered <- struct{}{}
	select {
	case <-w.release:
		return note{Text: "done"}, nil
	case <-r.Context().Done():
		return note{}, r.Context().Err()
	}
}

// create counts how often it took effect.
func (w *world) create(db *store.DB) func(*httpapi.Request, note, idempotency.Commit) (note, error) {
	return func(r *httpapi.Request, in note, keep idempotency.Commit) (note, error) {
		if in.Text == "wait" {
			if _, err := w.block(r); err != nil {
				return note{}, err
			}
		}
		out := note{Text: in.Text, N: len(w.notes) + 1}
		err := db.Update(r.Context(), func(ctx context.Context, tx store.Tx) error { return keep.Do(ctx, tx, out) })
		if err == nil {
			w.notes = append(w.notes, in.Text)
		}
		return out, err
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// answer is a response with its body read.
type answer struct {
	*http.Response
	body string
}

func (a answer) problem(t *testing.T) *api.Problem {
	t.Helper()
	var p api.Problem
	if err := json.Unmarshal([]byte(a.body), &p); err != nil || a.Header.Get("Content-Type") != api.MediaProblem {
		t.Fatalf("%d %s is no problem document: %q", a.StatusCode, a.Header.Get("Content-Type"), a.body)
	}
	if p.Status != a.StatusCode || p.Title == "" || p.Detail == "" {
		t.Errorf("%d answered with %+v", a.StatusCode, p)
	}
	return &p
}

// do sends one request; headers come in pairs.
func (w *world) do(method, path, body string, headers ...string) answer {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), method, w.origin+path, strings.NewReader(body))
	must(w.t, err)
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Add(headers[i], headers[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	must(w.t, err)
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	must(w.t, err)
	return answer{res, string(b)}
}

// phone signs in over HTTP.
func (w *world) phone() *sessiontest.Phone {
	w.t.Helper()
	p := sessiontest.New(w.t, w.origin)
	if a := w.signIn(p); a.StatusCode != 200 {
		w.t.Fatalf("sign in: %d %s", a.StatusCode, a.body)
	}
	return p
}

func (w *world) signIn(p *sessiontest.Phone) answer {
	w.t.Helper()
	var c api.Challenge
	must(w.t, json.Unmarshal([]byte(w.do("POST", "/v1/session/challenge", "").body), &c))
	login, err := json.Marshal(api.Login{Login: p.Login(c.Nonce, time.Unix(c.Time, 0), nil, nil)})
	must(w.t, err)
	a := w.do("POST", "/v1/session", string(login), "Content-Type", "application/json", "DPoP", p.Proof("POST", "/v1/session", nil, nil))
	var s api.Session
	if a.StatusCode == 200 {
		must(w.t, json.Unmarshal([]byte(a.body), &s))
	}
	p.Token, p.Nonce = s.AccessToken, a.Header.Get("DPoP-Nonce")
	return a
}

// as gives the headers of a signed-in request.
func as(p *sessiontest.Phone, method, path string) []string {
	return []string{"Authorization", "DPoP " + p.Token, "DPoP", p.Proof(method, path, nil, nil)}
}
