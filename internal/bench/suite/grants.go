package suite

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/bench/crowd"
	"github.com/relatingfield/vault/internal/bench/report"
	"github.com/relatingfield/vault/internal/bench/yard"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
)

// grantStored is about what a grant leaves in the database, in bytes: a header
// to a post-quantum recipient, the statement, its event and the kept answer.
const grantStored = 4300

// givers is a party in which everybody has one small testimony to grant to one
// researcher.
type givers struct {
	*tellers
	gifts  []*crowd.Gift
	reader *crowd.Person
}

func (s *stage) givers(ctx context.Context, n int) (*givers, error) {
	t, err := s.tellers(ctx, n)
	if err != nil {
		return nil, err
	}
	g := &givers{tellers: t}
	if err := g.meet(ctx, s); err != nil {
		return nil, errors.Join(err, g.close())
	}
	return g, nil
}

// meet finds a researcher and tells everybody's testimony.
func (g *givers) meet(ctx context.Context, s *stage) error {
	to, reader, err := s.researcher(ctx)
	if err != nil {
		return err
	}
	g.reader = reader
	if err := g.connect(len(g.persons)); err != nil {
		return err
	}
	for i, small := range g.smalls {
		r, t, err := small.Tell()
		if err != nil {
			return err
		}
		if _, err := send(g.conns[i], r); err != nil {
			return err
		}
		gift, err := g.persons[i].NewGift(to, statement.Part{Testimony: t, N: 1}, small.Part())
		if err != nil {
			return err
		}
		g.gifts = append(g.gifts, gift)
	}
	return nil
}

// researcher brings an accredited researcher into the vault.
func (s *stage) researcher(ctx context.Context) (crowd.Reader, *crowd.Person, error) {
	c, keys, err := s.people.Researcher(ctx, "Dr. Oksana")
	if err != nil {
		return crowd.Reader{}, nil, err
	}
	known, err := s.people.Steward.Researcher(ctx, c.Account())
	if err != nil {
		return crowd.Reader{}, nil, err
	}
	person := crowd.Of(s.people.Vault(), s.Addr(), c, keys)
	return crowd.Reader{Account: known.Account, Recipient: known.Recipient, Accreditation: known.Accreditation.String()}, person, person.Refresh(ctx)
}

// grant lets so many people grant each times; the grants come back by person.
func (g *givers) grant(ctx context.Context, lines, each int) (float64, [][]api.ID, error) {
	made := make([][]api.ID, lines)
	lists, err := g.prepare(ctx, lines, func(i int, _ *crowd.Person) (list []crowd.Request, err error) {
		for range each {
			r, id, err := g.gifts[i].Grant()
			if err != nil {
				return nil, err
			}
			list, made[i] = append(list, r), append(made[i], id)
		}
		return list, nil
	})
	if err != nil {
		return 0, nil, err
	}
	speed, err := g.race(lists)
	return speed, made, err
}

// revoke takes grants back, by person.
func (g *givers) revoke(ctx context.Context, grants [][]api.ID) (float64, error) {
	lists, err := g.prepare(ctx, len(grants), func(i int, _ *crowd.Person) (list []crowd.Request, err error) {
		for _, id := range grants[i] {
			r, err := g.gifts[i].Revoke(id)
			if err != nil {
				return nil, err
			}
			list = append(list, r)
		}
		return list, nil
	})
	if err != nil {
		return 0, err
	}
	return g.race(lists)
}

// grants measures granting and revoking.
func (b *bench) grants(ctx context.Context) ([]report.Row, error) {
	var rows []report.Row
	for _, engine := range engines() {
		more, err := b.grantsOn(ctx, engine)
		rows = append(rows, more...)
		if err != nil {
			return rows, fmt.Errorf("%s: %w", engine, err)
		}
	}
	return rows, nil
}

func (b *bench) grantsOn(ctx context.Context, engine store.Engine) (rows []report.Row, err error) {
	s, err := b.stage(ctx, engine)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.end(ctx)) }()
	g, err := s.givers(ctx, slices.Max(b.size.lines))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, g.close()) }()
	bare, err := b.bare(ctx, engine)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, bare.Close()) }()
	for _, lines := range b.size.lines {
		more, err := b.grantRows(ctx, engine, g, bare, lines)
		if err != nil {
			return rows, err
		}
		rows = append(rows, more...)
	}
	return rows, nil
}

// grantRows compares times: with one connection, how long one act takes beside
// one bare commit; with more, what the same ratio is under company.
func (b *bench) grantRows(ctx context.Context, engine store.Engine, g *givers, bare *yard.Bare, lines int) ([]report.Row, error) {
	b.say("grants and revokes, %s, %d connections", engine, lines)
	each := b.size.each(lines)
	var made [][]api.ID
	var grantCosts, revokeCosts, bareCosts []float64
	perSecond, err := report.Contest(ctx, b.size.rounds,
		func(ctx context.Context) (speed float64, err error) {
			speed, made, err = g.grant(ctx, lines, each)
			grantCosts = append(grantCosts, g.cost)
			return speed, err
		},
		func(ctx context.Context) (float64, error) {
			speed, cost, err := b.bareRate(ctx, bare, lines, lines*each, grantStored)
			bareCosts = append(bareCosts, cost)
			return speed, err
		},
		func(ctx context.Context) (float64, error) {
			speed, err := g.revokeAll(ctx, lines, each, &made)
			revokeCosts = append(revokeCosts, g.cost)
			return speed, err
		})
	if err != nil {
		return nil, err
	}
	aim := report.Aim{}
	if lines == 1 {
		aim.AtMost = 3
	}
	note := g.remark("time per act, wall clock ÷ acts; the aim is for one at a time")
	name := func(act string) string { return fmt.Sprintf("%s, %s, %d at a time", act, engine, lines) }
	row := func(act string, speeds []float64) report.Row {
		return report.Row{Name: name(act), Unit: "ms each", Ours: millis(speeds), Yardstick: "bare commit of 4.3 kB",
			Theirs: millis(perSecond[1]), Aim: aim, Note: note}
	}
	return []report.Row{row("grant", perSecond[0]), bareRow(name("grant"), grantCosts, bareCosts),
		row("revoke", perSecond[2]), bareRow(name("revoke"), revokeCosts, bareCosts)}, nil
}

// revokeAll revokes what the grants of the same round left, or makes grants when
// the turn comes before theirs.
func (g *givers) revokeAll(ctx context.Context, lines, each int, made *[][]api.ID) (float64, error) {
	if len(*made) == 0 {
		var err error
		if _, *made, err = g.grant(ctx, lines, each); err != nil {
			return 0, err
		}
	}
	grants := *made
	*made = nil
	return g.revoke(ctx, grants)
}

// millis turns acts a second into milliseconds an act.
func millis(perSecond []float64) []float64 {
	var out []float64
	for _, v := range perSecond {
		out = append(out, 1000/v)
	}
	return out
}
