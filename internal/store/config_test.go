package store_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/relatingfield/vault/internal/store"
)

// No way of printing a Config shows the password, nor does the error of a URL
// that cannot be read.
func TestAConfigKeepsItsPassword(t *testing.T) {
	const password = "hunter2"
	cfg := store.Config{Engine: store.PostgreSQL, URL: "postgres://vault:" + password + "@host/db"}
	var shown bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(&shown, verb+"\n", cfg)
		fmt.Fprintf(&shown, verb+"\n", struct{ C store.Config }{cfg})
		fmt.Fprintf(&shown, verb+"\n", &cfg)
	}
	log := slog.New(slog.NewTextHandler(&shown, nil))
	log.Info("opening", "config", cfg)
	log.Info("opening", "config", &cfg)
	slog.New(slog.NewJSONHandler(&shown, nil)).Info("opening", "config", cfg)
	if b, err := json.Marshal(cfg); err == nil {
		t.Errorf("it was written as JSON: %s", b)
	}
	cfg.URL = "postgres://vault:" + password + "@host:not a port/db"
	if _, err := store.Open(t.Context(), cfg, nil); err != nil {
		fmt.Fprintln(&shown, err)
	}
	cfg.URL, cfg.Migrations = "postgres://vault:"+password+"@host:not a port/db", schema()
	if _, err := store.Open(t.Context(), cfg, nil); err != nil {
		fmt.Fprintln(&shown, err)
	}
	if hex := fmt.Sprintf("%x", password); strings.Contains(shown.String(), password) || strings.Contains(shown.String(), hex) {
		t.Fatalf("the password shows:\n%s", shown.String())
	}
}

// Only the two engines there are can be named.
func TestAnUnknownEngineIsRefused(t *testing.T) {
	for _, e := range []store.Engine{"", "mysql", "SQLite"} {
		if _, err := store.Open(t.Context(), store.Config{Engine: e, Migrations: schema()}, nil); err == nil {
			t.Errorf("engine %q was accepted", e)
		}
	}
}
