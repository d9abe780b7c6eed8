package suite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/relatingfield/vault/internal/bench/crowd"
	"github.com/relatingfield/vault/internal/bench/report"
	"github.com/relatingfield/vault/internal/bench/yard"
	"github.com/relatingfield/vault/internal/store"
)

// smallText is the content of a small testimony, in bytes.
const smallText = 4000

// tellers is a party in which everybody has one small testimony to tell.
type tellers struct {
	*party
	smalls []*crowd.Small
}

func (s *stage) tellers(ctx context.Context, n int) (*tellers, error) {
	p, err := s.party(ctx, n)
	if err != nil {
		return nil, err
	}
	t := &tellers{party: p}
	for _, person := range p.persons {
		text, err := randomBytes(smallText)
		if err != nil {
			return nil, err
		}
		small, err := person.NewSmall(text)
		if err != nil {
			return nil, err
		}
		t.smalls = append(t.smalls, small)
	}
	return t, nil
}

// tell lets so many people tell each times, and tells how many testimonies were
// acknowledged a second.
func (t *tellers) tell(ctx context.Context, lines, each int) (float64, error) {
	lists, err := t.pools(ctx, lines, each)
	if err != nil {
		return 0, err
	}
	return t.race(lists)
}

// pools makes testimonies to tell, by person.
func (t *tellers) pools(ctx context.Context, lines, each int) ([][]crowd.Request, error) {
	return t.prepare(ctx, lines, func(i int, _ *crowd.Person) (list []crowd.Request, err error) {
		for range each {
			r, _, err := t.smalls[i].Tell()
			if err != nil {
				return nil, err
			}
			list = append(list, r)
		}
		return list, nil
	})
}

// smallAim is what a row of an engine should come to, at the most connections only.
func (b *bench) smallAim(engine store.Engine, lines int) report.Aim {
	switch {
	case lines != slices.Max(b.size.lines):
		return report.Aim{}
	case engine == store.SQLite:
		return report.Aim{AtLeast: 0.25}
	}
	return report.Aim{AtLeast: 0.30}
}

// small measures testimonies of 4 kB that come sealed, each in one request.
func (b *bench) small(ctx context.Context) ([]report.Row, error) {
	var rows []report.Row
	for _, engine := range engines() {
		more, err := b.smallOn(ctx, engine)
		rows = append(rows, more...)
		if err != nil {
			return rows, fmt.Errorf("%s: %w", engine, err)
		}
	}
	return rows, nil
}

func (b *bench) smallOn(ctx context.Context, engine store.Engine) (rows []report.Row, err error) {
	s, err := b.stage(ctx, engine)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.end(ctx)) }()
	t, err := s.tellers(ctx, slices.Max(b.size.lines))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, t.close()) }()
	stored, err := s.storedPerTestimony(ctx, t)
	if err != nil {
		return nil, err
	}
	bare, err := b.bare(ctx, engine)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, bare.Close()) }()
	for _, lines := range b.size.lines {
		more, err := b.smallRow(ctx, engine, t, bare, lines, stored)
		if err != nil {
			return rows, err
		}
		rows = append(rows, more...)
	}
	return rows, nil
}

// bareRate is a bare commit's speed, and its cost in this process.
func (b *bench) bareRate(ctx context.Context, bare *yard.Bare, writers, n, size int) (speed, cost float64, err error) {
	b.settle()
	return spendEach(os.Getpid(), n, func() (float64, error) { return bare.Rate(ctx, writers, n, size) })
}

func (b *bench) smallRow(ctx context.Context, engine store.Engine, t *tellers, bare *yard.Bare, lines, stored int) ([]report.Row, error) {
	b.say("small testimonies, %s, %d connections", engine, lines)
	each := b.size.each(lines)
	var costs, bareCosts []float64
	got, err := report.Contest(ctx, b.size.rounds,
		func(ctx context.Context) (float64, error) {
			speed, err := t.tell(ctx, lines, each)
			costs = append(costs, t.cost)
			return speed, err
		},
		func(ctx context.Context) (float64, error) {
			speed, cost, err := b.bareRate(ctx, bare, lines, lines*each, stored)
			bareCosts = append(bareCosts, cost)
			return speed, err
		})
	if err != nil {
		return nil, err
	}
	name := fmt.Sprintf("small testimonies, %s, %d at a time", engine, lines)
	row := report.Row{Name: name, Unit: "/s", Ours: got[0],
		Yardstick: fmt.Sprintf("bare commits of %.1f kB", float64(stored)/1000), Theirs: got[1], Aim: b.smallAim(engine, lines),
		Note: t.remark("4 kB of text, sealed and signed and with its proof made before the clock starts; one request, two statements, receipts, custody")}
	return []report.Row{row, bareRow(name, costs, bareCosts)}, nil
}

// storedPerTestimony weighs what the vault keeps of one small testimony, so that
// the bare rows can be as heavy.
func (s *stage) storedPerTestimony(ctx context.Context, t *tellers) (int, error) {
	const told = 4
	before, err := s.weighed(ctx)
	if err != nil {
		return 0, err
	}
	if _, err := t.tell(ctx, 1, told); err != nil {
		return 0, err
	}
	after, err := s.weighed(ctx)
	if err != nil {
		return 0, err
	}
	return (after - before) / told, nil
}
