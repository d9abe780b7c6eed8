package crashtest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
)

// invite brings in a new generation of women.
func (w *World) invite(ctx context.Context) error {
	w.women = nil
	w.given.forget()
	for range women {
		c, _, err := w.people.Participant(ctx)
		if err != nil {
			return err
		}
		her := &woman{world: w, client: c, rand: rand.New(rand.NewPCG(w.rand.Uint64(), 2)), told: map[api.ID]*told{}, done: counts{}}
		if w.partner != nil {
			if her.brings, err = w.partner.meets(ctx, w, c); err != nil {
				return err
			}
		}
		w.women = append(w.women, her)
	}
	return nil
}

// loadAndKill lets everybody act until the kill, and keeps what was under way.
func (w *World) loadAndKill(ctx context.Context, how kill) error {
	w.killed.Store(false)
	w.over.Store(false)
	load, stop := context.WithCancel(ctx)
	defer stop()
	g, load := w.everybody(load)
	w.wait(load)
	if how == ridden {
		err := errors.Join(w.daemon.Kill(), w.daemon.Start(ctx))
		w.wait(load)
		w.over.Store(true)
		return errors.Join(err, g.Wait(), ctx.Err())
	}
	err := w.kill(how)
	stop()
	return errors.Join(err, g.Wait(), ctx.Err())
}

// everybody begins to act.
func (w *World) everybody(ctx context.Context) (*errgroup.Group, context.Context) {
	g, ctx := errgroup.WithContext(ctx)
	for _, woman := range w.women {
		g.Go(func() error { return woman.act(ctx) })
	}
	for _, reader := range w.readers {
		g.Go(func() error { return reader.read(ctx, w) })
	}
	return g, ctx
}

// wait lets a random time pass, or less when somebody fails or we are asked to
// stop.
func (w *World) wait(ctx context.Context) {
	moment := time.NewTimer(shortest + time.Duration(w.rand.Int64N(int64(longest-shortest))))
	defer moment.Stop()
	select {
	case <-moment.C:
	case <-ctx.Done():
	}
}

// going says whether to begin another act.
func (w *World) going(ctx context.Context) bool {
	return !w.killed.Load() && !w.over.Load() && ctx.Err() == nil
}

// act goes on until the vault has died.
func (w *woman) act(ctx context.Context) error {
	for w.world.going(ctx) {
		a := w.pick()
		for _, g := range a.touches {
			g.begin()
		}
		err := a.do(ctx)
		switch {
		case err == nil:
			if err := w.keep(a); err != nil {
				return err
			}
		case errors.Is(err, errUnlisted):
			return fmt.Errorf("%s: %w", a.name, err)
		case w.world.killed.Load() || ctx.Err() != nil:
			w.doubt = a
			return nil
		case w.world.patient && away(err):
			w.doubt = a
			if err := w.settlePatiently(ctx); err != nil {
				return err
			}
		case a.once && errors.Is(err, client.ErrUnavailable):
			w.doubt = a
			if err := w.settle(ctx); err != nil {
				return err
			}
		default:
			return fmt.Errorf("%s: refused by a vault that runs: %w", a.name, err)
		}
	}
	return nil
}

// keep writes down what was acknowledged.
func (w *woman) keep(a *act) error {
	w.done[a.name]++
	for _, g := range a.touches {
		g.end(a.ends)
	}
	return a.done()
}

// reader is a researcher who opens what there is.
type reader struct {
	client *client.Client
	rand   *rand.Rand
	opened int
}

func (w *World) newReader(ctx context.Context, name string) (*reader, error) {
	c, _, err := w.people.Researcher(ctx, name)
	return &reader{client: c, rand: rand.New(rand.NewPCG(w.rand.Uint64(), 3))}, err
}

// read opens grants until the vault has died. It fails when a grant that nobody
// touched does not open, when one opens whose end was acknowledged before, or
// when something else comes out.
func (r *reader) read(ctx context.Context, w *World) error {
	for w.going(ctx) {
		g := w.given.pick(r)
		if g == nil {
			if err := breathe(ctx); err != nil {
				return nil
			}
			continue
		}
		before := g.now()
		n, err := r.open(ctx, g)
		switch {
		case w.killed.Load() || ctx.Err() != nil:
			return nil
		case err == nil && before.gone:
			return fmt.Errorf("grant %s opened after its end was acknowledged", g.id)
		case err == nil:
			g.received(n)
			r.opened++
		case away(err): // a download is not begun anew by itself
		case errors.Is(err, errOther), before == g.now() && !before.changing && !before.gone:
			return fmt.Errorf("grant %s, part %d: %w", g.id, n, err)
		}
	}
	return nil
}

// away tells what a vault says that cannot do it now: it does not answer, or its disk
// is full.
func away(err error) bool {
	var p *api.Problem
	return errors.Is(err, client.ErrUnavailable) || errors.As(err, &p) && p.Name() == api.ProblemFull
}

// breathe waits a moment for something to be given.
func breathe(ctx context.Context) error {
	t := time.NewTimer(5 * time.Millisecond)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// errOther is content that was never told.
var errOther = errors.New("what came out is not what was told")

// open opens one part of a grant.
func (r *reader) open(ctx context.Context, g *grant) (int64, error) {
	parts := slices.Sorted(maps.Keys(g.parts))
	n := parts[r.rand.IntN(len(parts))]
	return n, r.openPart(ctx, g, n)
}

func (r *reader) openPart(ctx context.Context, g *grant, n int64) error {
	var got bytes.Buffer
	_, err := r.client.Open(ctx, g.id, n, into(&got))
	if err == nil && sha256.Sum256(got.Bytes()) != g.parts[n] {
		return errOther
	}
	return err
}

func into(b *bytes.Buffer) client.Sink {
	return client.SinkFunc(func(client.PartInfo, int64) (io.Writer, error) { return b, nil })
}
