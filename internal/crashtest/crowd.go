package crashtest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/relatingfield/vault/internal/daemontest"
)

// Crowd is women and readers at a vault that others run, on as many nodes as they
// like, and disturb. What Round promises of a vault that is killed, Look promises of
// this one.
type Crowd struct{ world *World }

// Gather brings women and readers to a vault. journals is its folder of journals of
// restrictions.
func Gather(ctx context.Context, way daemontest.Way, journals string, seed uint64) (*Crowd, error) {
	w := &World{origin: way.Origin, journals: journals, rand: rand.New(rand.NewPCG(seed, 1)), given: newGiven(), http: way.HTTP, counts: counts{}}
	if w.http == nil {
		w.http = http.DefaultClient
	}
	var err error
	if w.people, err = daemontest.Meet(ctx, way); err == nil {
		err = w.appoint(ctx)
	}
	if err == nil {
		err = w.invite(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("gather a crowd: %w", err)
	}
	return &Crowd{w}, nil
}

// Renew brings in other women, so that chains, which are verified whole, stay short.
func (c *Crowd) Renew(ctx context.Context) error { return c.world.invite(ctx) }

// Through lets everybody act before, during and after disturb, and fails when
// somebody is answered what they must not be. Whoever gets no answer sends the same
// again, as often as clients do, and gets one.
func (c *Crowd) Through(ctx context.Context, disturb func(ctx context.Context) error) error {
	c.world.patient = false
	return c.through(ctx, disturb)
}

// ThroughOutage is Through for a disturbance that lasts longer than a client's
// patience: whoever is told that the vault is unavailable comes back until it is not,
// and finds out what became of the act.
func (c *Crowd) ThroughOutage(ctx context.Context, disturb func(ctx context.Context) error) error {
	c.world.patient = true
	return c.through(ctx, disturb)
}

func (c *Crowd) through(ctx context.Context, disturb func(ctx context.Context) error) error {
	w := c.world
	w.over.Store(false)
	g, load := w.everybody(ctx)
	w.wait(load)
	err := disturb(load)
	w.wait(load)
	w.over.Store(true)
	return errors.Join(g.Wait(), err, ctx.Err())
}

// Look checks everything that was acknowledged, as Round does.
func (c *Crowd) Look(ctx context.Context) error { return c.world.look(ctx) }

// Counts says how often what happened so far.
func (c *Crowd) Counts() string { return c.world.counts.String() }

// outageTime bounds how long a vault may be unavailable.
const outageTime = time.Minute

// settlePatiently waits for the vault and finds out what became of the act. What is
// not there yet may be on its way still, behind an answer that was given up; so she
// says something else first, which takes its place in her chain for good.
func (w *woman) settlePatiently(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, outageTime)
	defer cancel()
	a := w.doubt
	for {
		w.doubt = a
		err := w.client.CheckIn(ctx)
		if err == nil {
			err = w.settle(ctx)
		}
		if !away(err) {
			return err
		}
		if err := breathe(ctx); err != nil {
			return fmt.Errorf("the vault does not come back: %w", err)
		}
	}
}
