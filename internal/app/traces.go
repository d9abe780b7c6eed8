package app

import (
	"context"
	"fmt"

	"github.com/relatingfield/vault/internal/trace"
)

// openTraces makes what remembers where time goes, where there is a collector.
func (v *vault) openTraces(context.Context) error {
	c := v.cfg.Traces
	if c.Endpoint == "" {
		return nil
	}
	roots, err := authorities(c.CAFile)
	if err != nil {
		return fmt.Errorf("traces.ca_file: %w", err)
	}
	v.traces = trace.New(trace.Config{
		Endpoint: c.Endpoint, Token: c.Token, Roots: roots, Every: c.Every, Version: Version, Count: v.counters.Traced, Now: v.app.Now, Rand: v.app.Rand,
	})
	return nil
}

// sendTraces sends traces until the function it gives is called, which waits for the last.
func (v *vault) sendTraces(ctx context.Context) (end func()) {
	if v.traces == nil {
		return func() {}
	}
	ctx, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() { defer close(done); v.traces.Run(ctx) }()
	return func() { stop(); <-done }
}
