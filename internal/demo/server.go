package main

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/relatingfield/vault/internal/app"
	"github.com/relatingfield/vault/internal/config"
)

// server is the vault itself, on a clock that the story can move on: waiting for
// a year would be a long demonstration. Nothing else is different.
type server struct {
	app.Serving
	clock *clock
	stop  func() error
}

// serve runs a vault until stop, and returns once it answers.
func serve(ctx context.Context, cfg config.Config) (*server, error) {
	ctx, cancel := context.WithCancel(ctx)
	c := &clock{}
	vault := app.New(cfg, slog.New(slog.DiscardHandler))
	vault.Now, vault.Steady = c.now, nil
	ready, ended := make(chan app.Serving, 1), make(chan error, 1)
	go func() { ended <- vault.Run(ctx, func(s app.Serving) { ready <- s }) }()
	select {
	case s := <-ready:
		return &server{s, c, func() error { cancel(); return <-ended }}, nil
	case err := <-ended:
		cancel()
		return nil, err
	}
}

// clock is the machine's, moved on by what the story skips.
type clock struct {
	mu      sync.Mutex
	skipped time.Duration
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.skipped)
}

// skip moves the clock on by whole days.
func (c *clock) skip(days int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.skipped += time.Duration(days) * 24 * time.Hour
}
