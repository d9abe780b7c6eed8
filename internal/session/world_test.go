package session_test

import (
	"crypto/rand"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/serverkeys"
	"github.com/relatingfield/vault/internal/session"
	"github.com/relatingfield/vault/internal/session/sessiontest"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/store/storetest"
	"github.com/relatingfield/vault/migrations"
)

const (
	origin = "https://vault.example"
	onion  = "http://vaultvaultvault.onion"
)

// clock is a clock that a test moves.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// world is two nodes over one database and one folder of keys.
type world struct {
	*session.Service
	other *session.Service
	clock *clock
	vault string
	cfg   session.Config
}

func newWorld(t testing.TB, change ...func(*session.Config)) *world {
	t.Helper()
	return worldOn(t, storetest.Open(t, storetest.Fresh(t, store.SQLite, migrations.Files)), change...)
}

func worldOn(t testing.TB, db *store.DB, change ...func(*session.Config)) *world {
	t.Helper()
	keys, err := serverkeys.Open(filepath.Join(t.TempDir(), "keys"), rand.Reader, nil)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{clock: &clock{at: time.Date(2026, 3, 4, 15, 16, 17, 0, time.UTC)}, vault: sessiontest.Hash("vault")}
	cfg := session.Config{Vault: w.vault, Origins: []string{origin, onion}, Keys: keys, DB: db, Now: w.clock.now, Rand: rand.Reader}
	for _, f := range change {
		f(&cfg)
	}
	w.cfg = cfg
	w.Service, w.other = w.node(t), w.node(t)
	return w
}

// node is one more server of the vault, which has seen nothing yet.
func (w *world) node(t testing.TB) *session.Service {
	t.Helper()
	s, err := session.New(w.cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// members are changes to what a phone says.
type members = sessiontest.Members

func newPhone(t testing.TB) *sessiontest.Phone { return sessiontest.New(t, origin) }

func (w *world) challenge(t testing.TB) session.Challenge {
	t.Helper()
	c, err := w.Challenge()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// signIn opens a session in the ordinary way.
func (w *world) signIn(t testing.TB, p *sessiontest.Phone) {
	t.Helper()
	c := w.challenge(t)
	token, err := w.SignIn(t.Context(), p.Login(c.Nonce, c.Time, nil, nil), w.signInRequest(p))
	if err != nil {
		t.Fatal(err)
	}
	p.Token = token.Access
}

func (w *world) signInRequest(p *sessiontest.Phone) session.Request {
	p.Token = ""
	return session.Request{Method: "POST", Path: "/v1/session", Proof: p.Proof("POST", "/v1/session", nil, nil)}
}

// request is an ordinary request with changes to its proof.
func (w *world) request(p *sessiontest.Phone, header, claims members) session.Request {
	p.Nonce = w.Nonce()
	return session.Request{Method: "GET", Path: "/v1/feed", Proof: p.Proof("GET", "/v1/feed", header, claims), Token: p.Token}
}
