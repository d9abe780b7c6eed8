package app_test

import (
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/relatingfield/vault/internal/app"
	"github.com/relatingfield/vault/internal/config"
)

// Whoever asks on the machine itself learns whether the server is ready, also when it
// listens on all addresses.
func TestASupervisorLearnsWhetherTheServerIsReady(t *testing.T) {
	status := http.StatusOK
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/readyz" {
			t.Errorf("asked for %s", r.URL.Path)
		}
		w.WriteHeader(status)
	}))
	defer s.Close()
	_, port, err := net.SplitHostPort(s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	for _, listen := range []string{"127.0.0.1:" + port, "0.0.0.0:" + port, ":" + port} {
		a := app.New(config.Config{Listen: listen}, slog.New(slog.DiscardHandler))
		status = http.StatusOK
		if err := a.AskReady(t.Context()); err != nil {
			t.Errorf("%s: %v", listen, err)
		}
		status = http.StatusServiceUnavailable
		if err := a.AskReady(t.Context()); !errors.Is(err, app.ErrNotReady) {
			t.Errorf("%s, not ready: %v", listen, err)
		}
	}
}
