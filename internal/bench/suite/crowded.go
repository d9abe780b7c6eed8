package suite

import (
	"context"
	"errors"
	"fmt"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/bench/report"
	"github.com/relatingfield/vault/internal/bench/wire"
	"github.com/relatingfield/vault/internal/store"
)

// crowded measures opening a part of a testimony with very many grants beside
// one with a single grant.
func (b *bench) crowded(ctx context.Context) ([]report.Row, error) {
	var rows []report.Row
	for _, engine := range engines() {
		row, err := b.crowdedOn(ctx, engine)
		if err != nil {
			return rows, fmt.Errorf("%s: %w", engine, err)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func (b *bench) crowdedOn(ctx context.Context, engine store.Engine) (row report.Row, err error) {
	s, err := b.stage(ctx, engine)
	if err != nil {
		return row, err
	}
	defer func() { err = errors.Join(err, s.end(ctx)) }()
	g, err := s.givers(ctx, 2)
	if err != nil {
		return row, err
	}
	defer func() { err = errors.Join(err, g.close()) }()
	b.say("%d grants on one testimony, %s", b.size.many, engine)
	if err := g.pile(ctx, 1, b.size.many-1); err != nil {
		return row, err
	}
	if err := g.connect(len(g.persons)); err != nil {
		return row, err
	}
	line, err := wire.Dial(s.Addr())
	if err != nil {
		return row, err
	}
	defer line.Close()
	got, err := report.Contest(ctx, b.size.openings,
		func(ctx context.Context) (float64, error) { return g.openNew(ctx, line, 0) },
		func(ctx context.Context) (float64, error) { return g.openNew(ctx, line, 1) })
	return report.Row{Name: fmt.Sprintf("opening among %d grants, %s", b.size.many, engine), Unit: "ms", Ours: got[1], Yardstick: "the only grant", Theirs: got[0],
		Aim: report.Aim{AtMost: 1.1}, Note: "a small part, from the request to its last byte; each opening is a new grant's first, and the grant is revoked after it"}, err
}

// pile gives so many grants of person i's testimony, a few at a time, since
// proofs made beforehand do not live for ever.
func (g *givers) pile(ctx context.Context, i, n int) error {
	for n > 0 {
		step := min(n, 1000)
		n -= step
		if err := errors.Join(g.persons[i].Renew(ctx), g.connect(len(g.persons))); err != nil {
			return err
		}
		for range step {
			r, _, err := g.gifts[i].Grant()
			if err != nil {
				return err
			}
			if _, err := send(g.conns[i], r); err != nil {
				return err
			}
		}
	}
	return nil
}

// openNew grants person i's part once more, tells how long its first opening
// took in milliseconds, and revokes it.
func (g *givers) openNew(ctx context.Context, line *wire.Conn, i int) (float64, error) {
	if err := errors.Join(g.persons[i].Renew(ctx), g.reader.Renew(ctx)); err != nil {
		return 0, err
	}
	r, grant, err := g.gifts[i].Grant()
	if err != nil {
		return 0, err
	}
	if _, err := send(g.conns[i], r); err != nil {
		return 0, err
	}
	opening, err := g.reader.Opening(grant, 1)
	if err != nil {
		return 0, err
	}
	f, err := line.Fetch(opening.Pieces[0], 0, make([]byte, 64<<10))
	if err = errors.Join(err, f.OK()); err != nil {
		return 0, err
	}
	return float64(f.Elapsed.Microseconds()) / 1000, g.takeBack(i, grant)
}

func (g *givers) takeBack(i int, grant api.ID) error {
	r, err := g.gifts[i].Revoke(grant)
	if err != nil {
		return err
	}
	_, err = send(g.conns[i], r)
	return err
}
