package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/app"
	"github.com/relatingfield/vault/internal/config"
)

// vault is a practice vault that serves.
type vault struct {
	origin  string
	id      api.Hash
	steward client.Secret
	ended   chan error
	cancel  context.CancelFunc
}

// serve founds a vault in dir and serves it; it returns when requests are answered.
// The settings are its own: no file, no environment.
func serve(ctx context.Context, dir, listen string) (*vault, error) {
	cfg := config.Default()
	cfg.DataDir, cfg.Listen = filepath.Join(dir, "vault"), listen
	cfg.Enrolment.PowBits = 1 // a thousand women a minute may come here
	cfg.Resolve()
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	a := app.New(cfg, slog.New(slog.DiscardHandler))
	founded, err := a.Found(ctx, app.Founding{Practice: true})
	if err != nil {
		return nil, err
	}
	words, err := os.ReadFile(founded.Words)
	if err != nil {
		return nil, err
	}
	v := &vault{ended: make(chan error, 1)}
	if v.steward, err = client.ParseSecret(strings.TrimSpace(string(words))); err != nil {
		return nil, fmt.Errorf("the practice steward's words: %w", err)
	}
	return v, v.begin(ctx, a)
}

func (v *vault) begin(ctx context.Context, a *app.App) error {
	ctx, v.cancel = context.WithCancel(context.WithoutCancel(ctx))
	ready := make(chan app.Serving, 1)
	go func() { v.ended <- a.Run(ctx, func(s app.Serving) { ready <- s }) }()
	select {
	case s := <-ready:
		id, err := api.ParseHash(s.Vault)
		v.origin, v.id = s.Origins[0], id
		return err
	case err := <-v.ended:
		v.cancel()
		return errors.Join(errors.New("the sandbox could not be served"), err)
	}
}

func (v *vault) stop() error {
	v.cancel()
	return <-v.ended
}
