// Package vaulttest is a whole practice vault for tests: the very application
// that testimonyd runs, in this process (New) or as the real program (Build).
//
// Promises: every part is the product's own; the vault listens on loopback, on a
// port of its own; its data lies in the test's folder and goes with it; a test
// that ends leaves nothing running. The clock and the log are the test's.
//
// In this process the database does not flush, so a test of what survives a crash
// takes the real program, which does.
package vaulttest

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/apitest"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/app"
	"github.com/relatingfield/vault/internal/config"
	"github.com/relatingfield/vault/internal/secret"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/store/storetest"
	"github.com/relatingfield/vault/migrations"
)

// Vault is a running practice vault.
type Vault struct {
	T       testing.TB
	URL     string // its origin
	Addr    string // host:port that it listens on
	ID      api.Hash
	Config  config.Config // for another node over the same database, say
	Clock   *Clock
	Log     *Log
	Steward client.Secret // of the one steward, who has not enrolled

	Statements atomic.Int64 // that requests have asked of the database

	nodes int // besides this one
	stop  context.CancelFunc
	over  chan error
}

// Option changes how a vault is configured before it starts.
type Option func(testing.TB, *config.Config)

// On chooses the engine; SQLite is the default.
func On(e store.Engine) Option {
	return func(t testing.TB, c *config.Config) {
		if e == store.PostgreSQL {
			c.Store.Engine, c.Store.Path = config.Postgres, ""
			c.Store.URL = secret.Of([]byte(storetest.Fresh(t, e, migrations.Files).URL))
		}
	}
}

// With changes any setting.
func With(change func(*config.Config)) Option {
	return func(_ testing.TB, c *config.Config) { change(c) }
}

// New founds a practice vault and serves it until the test ends.
func New(t testing.TB, options ...Option) *Vault {
	t.Helper()
	cfg := config.Default()
	cfg.DataDir, cfg.Listen, cfg.Enrolment.PowBits, cfg.ShutdownGrace = filepath.Join(t.TempDir(), "vault"), "127.0.0.1:0", 4, 10*time.Second
	for _, o := range options {
		o(t, &cfg)
	}
	cfg.Resolve()
	v := &Vault{T: t, Config: cfg, Clock: &Clock{}, Log: &Log{}}
	founded, err := v.app().Found(t.Context(), app.Founding{Practice: true})
	v.must(err)
	v.ID, err = api.ParseHash(founded.Vault)
	v.must(err)
	words, err := os.ReadFile(founded.Words)
	v.must(err)
	v.Steward, err = client.ParseSecret(strings.TrimSpace(string(words)))
	v.must(err)
	v.Start()
	t.Cleanup(v.Stop)
	return v
}

// Node starts one more node over the same database, keys and payloads, with a
// log of its own. Only PostgreSQL serves several.
func (v *Vault) Node() *Vault {
	v.T.Helper()
	n := &Vault{T: v.T, ID: v.ID, Config: v.Config, Clock: v.Clock, Log: &Log{}, Steward: v.Steward}
	v.nodes++
	n.Config.Journal.Node = fmt.Sprintf("%s-%d", v.Config.Journal.Node, v.nodes)
	n.Start()
	v.T.Cleanup(n.Stop)
	return n
}

func (v *Vault) app() *app.App {
	log := slog.New(slog.NewTextHandler(v.Log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	return &app.App{Config: v.Config, Log: log, Now: v.Clock.Now, Rand: rand.Reader, Volatile: true, Asked: func() { v.Statements.Add(1) }}
}

// Start serves a vault that was stopped, at a new port.
func (v *Vault) Start() {
	v.T.Helper()
	ctx, stop := context.WithCancel(context.Background())
	v.stop, v.over = stop, make(chan error, 1)
	ready := make(chan app.Serving, 1)
	go func() { v.over <- v.app().Run(ctx, func(s app.Serving) { ready <- s }) }()
	select {
	case s := <-ready:
		v.URL, v.Addr = s.Origins[0], s.Addr
	case err := <-v.over:
		stop()
		v.stop = nil // there is nothing to wait for
		v.T.Fatalf("the vault did not start: %v\n%s", err, v.Log)
	}
}

// Stop ends the vault as a signal would, and waits for it. Stopping twice is
// stopping once.
func (v *Vault) Stop() {
	v.T.Helper()
	if v.stop == nil {
		return
	}
	v.stop()
	v.stop = nil
	if err := <-v.over; err != nil {
		v.T.Errorf("the vault stopped with %v\n%s", err, v.Log)
	}
}

// Client is a client of this vault; keys may be nil. Whatever goes between the
// two is held against the contract, and fails the test if it differs.
func (v *Vault) Client(keys *client.Keys) *client.Client {
	v.T.Helper()
	base := http.DefaultTransport.(*http.Transport).Clone()
	v.T.Cleanup(base.CloseIdleConnections)
	held := apitest.Transport(base, func(err error) { v.T.Error(err) })
	c, err := client.New(client.Config{Server: v.URL, Vault: v.ID, Keys: keys, Now: v.Clock.Now, HTTP: &http.Client{Transport: held}})
	v.must(err)
	return c
}

// Keys are those of a new secret in this vault.
func (v *Vault) Keys() *client.Keys {
	v.T.Helper()
	s, err := client.NewSecret(rand.Reader)
	v.must(err)
	keys, err := client.KeysFor(s, v.ID)
	v.must(err)
	return keys
}

// StewardClient acts for the practice steward.
func (v *Vault) StewardClient() *client.Client {
	v.T.Helper()
	keys, err := client.StewardKeys(v.Steward)
	v.must(err)
	return v.Client(keys)
}

func (v *Vault) must(err error) {
	v.T.Helper()
	if err != nil {
		v.T.Fatal(err)
	}
}
