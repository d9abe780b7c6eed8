package suite

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/bench/report"
	"github.com/relatingfield/vault/internal/store"
)

// withdraw measures how long it takes a participant with very many grants to take
// everything back by one statement, beside revoking the same number one by one.
func (b *bench) withdraw(ctx context.Context) ([]report.Row, error) {
	var rows []report.Row
	for _, engine := range engines() {
		row, err := b.withdrawOn(ctx, engine)
		if err != nil {
			return rows, fmt.Errorf("%s: %w", engine, err)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func (b *bench) withdrawOn(ctx context.Context, engine store.Engine) (row report.Row, err error) {
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
	b.say("withdrawing %d grants, %s", b.size.given, engine)
	got, err := report.Contest(ctx, b.size.rounds,
		func(ctx context.Context) (float64, error) { return g.withdrawAll(ctx, 0, b.size.given) },
		func(ctx context.Context) (float64, error) { return g.revokeEach(ctx, 1, b.size.given) })
	return report.Row{Name: fmt.Sprintf("withdrawing %d grants, %s", b.size.given, engine), Unit: "ms", Ours: got[0], Yardstick: "revoking them one by one", Theirs: got[1],
		Aim: report.Aim{AtMost: 0.2}, Note: "one statement, from the request to the answer: every header is destroyed, every grant has its event, and no reader is sent any more"}, err
}

// give has a person give so many grants of the same part.
func (g *givers) give(ctx context.Context, i, n int) ([]api.ID, error) {
	if err := errors.Join(g.persons[i].Renew(ctx), g.connect(len(g.persons))); err != nil {
		return nil, err
	}
	ids := make([]api.ID, n)
	for k := range ids {
		r, id, err := g.gifts[i].Grant()
		if err != nil {
			return nil, err
		}
		if _, err := send(g.conns[i], r); err != nil {
			return nil, err
		}
		ids[k] = id
	}
	g.settle()
	return ids, errors.Join(g.persons[i].Renew(ctx), g.connect(len(g.persons)))
}

// withdrawAll is how long it takes to withdraw so many grants, in milliseconds.
func (g *givers) withdrawAll(ctx context.Context, i, n int) (float64, error) {
	if _, err := g.give(ctx, i, n); err != nil {
		return 0, err
	}
	r, err := g.persons[i].Withdraw()
	if err != nil {
		return 0, err
	}
	began := time.Now()
	_, err = send(g.conns[i], r)
	return float64(time.Since(began).Microseconds()) / 1000, err
}

// revokeEach is how long it takes to revoke so many grants, in milliseconds.
func (g *givers) revokeEach(ctx context.Context, i, n int) (float64, error) {
	ids, err := g.give(ctx, i, n)
	if err != nil {
		return 0, err
	}
	began := time.Now()
	for _, id := range ids {
		if err := g.takeBack(i, id); err != nil {
			return 0, err
		}
	}
	return float64(time.Since(began).Microseconds()) / 1000, nil
}
