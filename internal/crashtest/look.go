package crashtest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	"golang.org/x/sync/errgroup"

	"github.com/relatingfield/vault/api/client"
)

// look checks everything that the journal knows.
func (w *World) look(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(2)
	for _, woman := range w.women {
		g.Go(func() error { return woman.look(ctx) })
	}
	if err := g.Wait(); err != nil {
		return err
	}
	if err := w.sealed(); err != nil {
		return err
	}
	if err := w.remembered(); err != nil {
		return err
	}
	for _, woman := range w.women {
		for name, n := range woman.done {
			w.counts[name] += n
		}
		woman.done = counts{}
	}
	for _, r := range w.readers {
		w.counts["openings"] += r.opened
		r.opened = 0
	}
	return nil
}

// look settles her doubt and then verifies everything of hers.
func (w *woman) look(ctx context.Context) error {
	if err := w.settle(ctx); err != nil {
		return fmt.Errorf("what was under way: %w", err)
	}
	report, err := w.client.Verify(ctx, false)
	if err != nil {
		return err
	}
	if len(report.Findings) > 0 {
		return fmt.Errorf("verify: %w", errors.Join(report.Findings...))
	}
	if alive := len(w.alive()); report.Testimonies != alive {
		return fmt.Errorf("%d testimonies are there and %d were acknowledged", report.Testimonies, alive)
	}
	for _, t := range w.told {
		if err := w.lookAt(ctx, t); err != nil {
			return fmt.Errorf("testimony %s: %w", t.id, err)
		}
	}
	if w.brings != nil {
		return w.lookAtTray(ctx)
	}
	return nil
}

// settle finds out what became of the act whose answer never came.
func (w *woman) settle(ctx context.Context) error {
	a := w.doubt
	if a == nil {
		return nil
	}
	w.doubt = nil
	done, err := false, error(nil)
	if a.settle != nil {
		done, err = a.settle(ctx)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", a.name, err)
	}
	for _, g := range a.touches {
		g.end(done && a.ends)
	}
	if !done {
		w.done["not done"]++
		return nil
	}
	w.done["done without an answer"]++
	return a.done()
}

func (w *woman) lookAt(ctx context.Context, t *told) error {
	if t.erased {
		return w.lookAtErased(ctx, t)
	}
	for n, p := range t.parts {
		if err := w.lookAtPart(ctx, t, n, p); err != nil {
			return fmt.Errorf("part %d: %w", n, err)
		}
	}
	details, err := w.client.Grants(ctx, t.id)
	if err != nil {
		return err
	}
	if len(details) != len(t.grants) {
		return fmt.Errorf("%d grants are there and %d were acknowledged", len(details), len(t.grants))
	}
	for _, d := range details {
		g := t.grants[d.ID]
		if g == nil || d.Revoked != g.revoked {
			return fmt.Errorf("grant %s is not as it was acknowledged", d.ID)
		}
		if err := listed(g.receivedParts(), d.Openings); err != nil {
			return fmt.Errorf("grant %s: %w", g.id, err)
		}
		if err := lookAtGrant(ctx, g, g.revoked); err != nil {
			return fmt.Errorf("grant %s: %w", g.id, err)
		}
	}
	return nil
}

func (w *woman) lookAtPart(ctx context.Context, t *told, n int64, p part) error {
	var got bytes.Buffer
	err := w.client.OpenOwn(ctx, t.id, n, into(&got))
	if !p.adopted && errors.Is(err, client.ErrNotAdopted) {
		return nil // it is listed: Verify has seen that it is there
	}
	if err != nil {
		return err
	}
	if !p.adopted || sha256.Sum256(got.Bytes()) != p.sum {
		return errOther
	}
	return nil
}

// errGhost is something that opens although it must not.
var errGhost = errors.New("it opens although its end was acknowledged")

func lookAtGrant(ctx context.Context, g *grant, over bool) error {
	for n := range g.parts {
		err := g.reader.openPart(ctx, g, n)
		switch {
		case over && err == nil:
			return errGhost
		case over && errors.Is(err, client.ErrNotFound):
		case err != nil:
			return err
		default:
			g.received(n)
		}
	}
	return nil
}

// lookAtErased asks the vault for everything that there was.
func (w *woman) lookAtErased(ctx context.Context, t *told) error {
	paths := []string{pathOf(t), pathOf(t) + "/grants", pathOf(t) + "/feed"}
	for n := range t.parts {
		paths = append(paths, fmt.Sprintf("%s/parts/%d/content", pathOf(t), n), fmt.Sprintf("%s/parts/%d/header", pathOf(t), n))
	}
	for _, path := range paths {
		gone, err := w.world.gone(ctx, w.client, path)
		if err != nil {
			return err
		}
		if !gone {
			return errGhost
		}
	}
	for _, g := range t.grants {
		if err := lookAtGrant(ctx, g, true); err != nil {
			return fmt.Errorf("grant %s: %w", g.id, err)
		}
	}
	return nil
}
