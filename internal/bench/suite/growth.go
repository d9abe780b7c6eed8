package suite

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/relatingfield/vault/internal/bench/crowd"
	"github.com/relatingfield/vault/internal/bench/fixture"
	"github.com/relatingfield/vault/internal/bench/report"
	"github.com/relatingfield/vault/internal/store"
)

const (
	growthLines = 8
	growthList  = 100 // testimonies of the person who lists hers
)

// site is a vault with a number of testimonies in it.
type site struct {
	*stage
	givers *givers
	sender *large
	told   int // fixtures
}

// cycle is one go at everything, per second and in MB/s.
type cycle struct {
	tell, grant, open, revoke, list, erase float64
	arrive                                 float64
}

// site founds a vault and brings people in.
func (b *bench) site(ctx context.Context, engine store.Engine) (*site, error) {
	s, err := b.stage(ctx, engine)
	if err != nil {
		return nil, err
	}
	out := &site{stage: s}
	if out.givers, err = s.givers(ctx, growthLines); err == nil {
		out.sender, err = s.sender(ctx)
	}
	if err == nil {
		_, err = out.givers.tell(ctx, 1, growthList)
	}
	if err != nil {
		return nil, errors.Join(err, s.end(ctx))
	}
	return out, nil
}

// grow stops the vault, fills it up to n testimonies and starts it again.
func (s *site) grow(ctx context.Context, n int) (err error) {
	if err := errors.Join(s.givers.close(), s.Stop(ctx)); err != nil {
		return err
	}
	db, err := store.Open(ctx, s.cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	err = fixture.Fill(ctx, db, s.told, n)
	s.told = n
	if err = errors.Join(err, db.Close()); err != nil {
		return err
	}
	return s.Start(ctx)
}

func (s *site) close(ctx context.Context) error {
	return errors.Join(s.givers.close(), s.stage.end(ctx))
}

// growth measures everything among few and among very many testimonies.
func (b *bench) growth(ctx context.Context) ([]report.Row, error) {
	var rows []report.Row
	for _, engine := range engines() {
		more, err := b.growthOn(ctx, engine)
		rows = append(rows, more...)
		if err != nil {
			return rows, fmt.Errorf("%s: %w", engine, err)
		}
	}
	return rows, nil
}

func (b *bench) growthOn(ctx context.Context, engine store.Engine) (rows []report.Row, err error) {
	few, err := b.site(ctx, engine)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, few.close(ctx)) }()
	many, err := b.site(ctx, engine)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, many.close(ctx)) }()
	if err := few.grow(ctx, b.size.small); err != nil {
		return nil, err
	}
	for _, n := range b.size.larger {
		b.say("filling up to %d testimonies, %s", n, engine)
		if err := many.grow(ctx, n); err != nil {
			return rows, err
		}
		b.say("measuring among %d testimonies, %s", n, engine)
		got, err := report.Contest(ctx, b.size.rounds,
			func(ctx context.Context) (cycle, error) { return b.cycle(ctx, many) },
			func(ctx context.Context) (cycle, error) { return b.cycle(ctx, few) })
		if err != nil {
			return rows, err
		}
		note := many.givers.remark(fmt.Sprintf("%d at a time, erasures and arrivals one at a time; the others' testimonies are fixtures with payloads of one byte", growthLines))
		rows = append(rows, b.growthRows(engine, n, note, got[0], got[1])...)
	}
	return rows, nil
}

// cycle measures each thing once.
func (b *bench) cycle(ctx context.Context, s *site) (c cycle, err error) {
	each := b.size.requests / 4
	if c.tell, err = s.givers.tell(ctx, growthLines, each); err != nil {
		return c, fmt.Errorf("tell: %w", err)
	}
	c.grant, c.open, c.revoke, err = s.givers.round(ctx, each)
	if err != nil {
		return c, err
	}
	if c.list, err = s.givers.list(ctx, each); err != nil {
		return c, fmt.Errorf("list: %w", err)
	}
	plain, err := b.file("plain-growth", b.size.growthBig)
	if err != nil {
		return c, err
	}
	arrived, err := s.sender.arrive(ctx, plain, b.size.growthBig)
	if err != nil {
		return c, err
	}
	c.arrive = arrived.speed
	c.erase, err = s.sender.eraseRate(ctx)
	return c, err
}

// round grants, opens each grant for the first time, and revokes.
func (g *givers) round(ctx context.Context, each int) (grant, open, revoke float64, err error) {
	grant, made, err := g.grant(ctx, growthLines, each)
	if err != nil {
		return 0, 0, 0, fmt.Errorf("grant: %w", err)
	}
	if err := g.reader.Renew(ctx); err != nil {
		return 0, 0, 0, err
	}
	openings := make([][]crowd.Request, len(made))
	for i, grants := range made {
		for _, id := range grants {
			r, err := g.reader.Opening(id, 1)
			if err != nil {
				return 0, 0, 0, err
			}
			openings[i] = append(openings[i], r)
		}
	}
	if open, err = g.race(openings); err != nil {
		return 0, 0, 0, fmt.Errorf("open: %w", err)
	}
	revoke, err = g.revoke(ctx, made)
	return grant, open, revoke, err
}

// list lets the person with the long list ask for it, on all connections.
func (g *givers) list(ctx context.Context, each int) (float64, error) {
	if err := g.persons[0].Renew(ctx); err != nil {
		return 0, err
	}
	lists := make([][]crowd.Request, growthLines)
	for i := range lists {
		for range max(1, each/4) {
			r, err := g.persons[0].Get("/v1/testimonies")
			if err != nil {
				return 0, err
			}
			lists[i] = append(lists[i], r)
		}
	}
	return g.race(lists)
}

// eraseRate is how many testimonies one person erases a second, one at a time.
func (l *large) eraseRate(ctx context.Context) (float64, error) {
	const n = 4
	var list []*crowd.Testimony
	for range n {
		t, err := l.testimony(ctx)
		if err != nil {
			return 0, err
		}
		list = append(list, t)
	}
	began := time.Now()
	for _, t := range list {
		if err := l.erase(t); err != nil {
			return 0, fmt.Errorf("erase: %w", err)
		}
	}
	return n / time.Since(began).Seconds(), nil
}

func (b *bench) growthRows(engine store.Engine, n int, note string, many, few []cycle) []report.Row {
	var rows []report.Row
	for _, what := range []struct {
		name, unit string
		of         func(cycle) float64
	}{
		{"small testimonies", "/s", func(c cycle) float64 { return c.tell }},
		{"grants", "/s", func(c cycle) float64 { return c.grant }},
		{"openings", "/s", func(c cycle) float64 { return c.open }},
		{"revokes", "/s", func(c cycle) float64 { return c.revoke }},
		{"lists", "/s", func(c cycle) float64 { return c.list }},
		{"sealed on arrival", "MB/s", func(c cycle) float64 { return c.arrive }},
		{"erasures", "/s", func(c cycle) float64 { return c.erase }},
	} {
		row := report.Row{Name: fmt.Sprintf("%s among %d, %s", what.name, n, engine), Unit: what.unit, Yardstick: fmt.Sprintf("among %d", b.size.small), Aim: report.Aim{AtLeast: 0.8},
			Note: note}
		for i := range many {
			row.Ours, row.Theirs = append(row.Ours, what.of(many[i])), append(row.Theirs, what.of(few[i]))
		}
		rows = append(rows, row)
	}
	return rows
}
