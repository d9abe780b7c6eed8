package crashtest_test

import (
	"testing"

	"github.com/relatingfield/vault/internal/crashtest"
	"github.com/relatingfield/vault/internal/daemontest"
	"github.com/relatingfield/vault/internal/pgtest"
)

// rounds is how many kills one run of the tests makes on each engine; `make soak`
// makes two hundred.
const rounds = 10

// Nothing that was acknowledged is lost by kill -9, nothing that was revoked or
// erased comes back, and nothing is left lying about.
func TestAKilledVaultKeepsItsWord(t *testing.T) {
	program, err := daemontest.Build(t.TempDir(), "cmd/testimonyd")
	if err != nil {
		t.Fatal(err)
	}
	t.Run("sqlite", func(t *testing.T) { t.Parallel(); kill(t, crashtest.Config{Program: program, Seed: 1}) })
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		kill(t, crashtest.Config{Program: program, Seed: 2, Cluster: pgtest.New(t, pgtest.Options{})})
	})
}

func kill(t *testing.T, cfg crashtest.Config) {
	cfg.Dir, cfg.Log = t.TempDir(), t.Output()
	w, err := crashtest.New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := w.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}()
	for range rounds {
		if err := w.Round(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}
