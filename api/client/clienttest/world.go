package clienttest

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/roster"
	"github.com/relatingfield/vault/internal/statement"
)

// World is a vault of two stewards who must both agree, and the people in it.
type World struct {
	Vault    *Vault
	URL      string
	Stewards []*client.Client

	mu  sync.Mutex
	now time.Time
}

// NewWorld founds a vault and serves it until the test ends.
func NewWorld(t testing.TB) *World {
	t.Helper()
	w := &World{now: time.Date(2026, 11, 23, 10, 11, 12, 0, time.UTC)}
	keys := []*client.Keys{stewardKeys(t), stewardKeys(t)}
	var terms client.RosterTerms
	terms.Threshold = 2
	for i, k := range keys {
		s, err := client.NewSteward([]string{"Amal", "Oksana"}[i], api.Bytes(k.Public().(ed25519.PublicKey)))
		must(t, err)
		terms.Stewards = append(terms.Stewards, s)
	}
	founding, err := roster.Found(rand.Reader, w.now, true, terms)
	must(t, err)
	w.Vault, err = New(founding, w.Now)
	must(t, err)
	server := httptest.NewServer(w.Vault.Handler())
	t.Cleanup(server.Close)
	w.URL = server.URL
	for _, k := range keys {
		c := w.Client(t, k)
		must(t, c.Enrol(context.Background(), statement.Steward, ""))
		w.Stewards = append(w.Stewards, c)
	}
	return w
}

// Now is the world's clock.
func (w *World) Now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

// Pass moves the clock.
func (w *World) Pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// Keys makes an account's keys.
func (w *World) Keys(t testing.TB) *client.Keys {
	t.Helper()
	secret, err := client.NewSecret(rand.Reader)
	must(t, err)
	keys, err := client.KeysFor(secret, w.Vault.ID)
	must(t, err)
	return keys
}

func stewardKeys(t testing.TB) *client.Keys {
	t.Helper()
	secret, err := client.NewSecret(rand.Reader)
	must(t, err)
	keys, err := client.StewardKeys(secret)
	must(t, err)
	return keys
}

// Client makes a client for keys, as a device without memory would.
func (w *World) Client(t testing.TB, keys *client.Keys) *client.Client {
	t.Helper()
	return w.ClientWith(t, client.Config{Keys: keys})
}

// ClientWith makes a client with more said of it; address, vault and clock are
// the world's.
func (w *World) ClientWith(t testing.TB, cfg client.Config) *client.Client {
	t.Helper()
	cfg.Server, cfg.Vault = w.URL, w.Vault.ID
	if cfg.Now == nil {
		cfg.Now = w.Now
	}
	if cfg.HTTP == nil {
		cfg.HTTP = &http.Client{}
	}
	c, err := client.New(cfg)
	must(t, err)
	return c
}

// Participant enrols somebody new.
func (w *World) Participant(t testing.TB) (*client.Client, *client.Keys) {
	t.Helper()
	keys := w.Keys(t)
	c := w.Client(t, keys)
	must(t, c.Enrol(context.Background(), statement.Participant, ""))
	return c, keys
}

// Applicant enrols a researcher who has applied.
func (w *World) Applicant(t testing.TB, name string) *client.Client {
	t.Helper()
	c := w.Client(t, w.Keys(t))
	ctx := context.Background()
	must(t, c.Enrol(ctx, statement.Researcher, ""))
	must(t, c.Apply(ctx, name, "Institute for Listening", "to listen"))
	return c
}

// Researcher enrols a researcher whom both stewards vouch for.
func (w *World) Researcher(t testing.TB, name string) *client.Client {
	t.Helper()
	c := w.Applicant(t, name)
	for _, s := range w.Stewards {
		_, err := s.Accredit(context.Background(), c.Account(), 300)
		must(t, err)
	}
	return c
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
