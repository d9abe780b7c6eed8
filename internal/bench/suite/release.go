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
	"github.com/relatingfield/vault/internal/bench/wire"
	"github.com/relatingfield/vault/internal/release"
	"github.com/relatingfield/vault/internal/store"
)

// clearing is a vault in which one person's testimony may have very many grants,
// among very many more, and its only reader may have had very many that are over.
type clearing struct {
	*stage
	givers *givers
	line   *wire.Conn
}

// asked is how long each thing took, in milliseconds.
type asked struct{ open, inbox, list, account, checkIn float64 }

// release measures what deciding costs in the company of a million grants. Nothing
// sweeps what has expired, and nothing counts the days of silence: both are found
// out when somebody asks, so what is measured is the asking.
func (b *bench) release(ctx context.Context) ([]report.Row, error) {
	rows, err := b.decision(ctx)
	if err != nil {
		return nil, err
	}
	for _, engine := range engines() {
		more, err := b.releaseOn(ctx, engine)
		rows = append(rows, more...)
		if err != nil {
			return rows, fmt.Errorf("%s: %w", engine, err)
		}
	}
	return rows, nil
}

func (b *bench) releaseOn(ctx context.Context, engine store.Engine) (rows []report.Row, err error) {
	few, err := b.clearing(ctx, engine)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, few.close(ctx)) }()
	many, err := b.clearing(ctx, engine)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, many.close(ctx)) }()
	b.say("filling up to %d grants, %s", b.size.grants, engine)
	if err := many.fill(ctx, b.size); err != nil {
		return nil, err
	}
	if err := few.connect(); err != nil { // the server gives up those that were silent for too long
		return nil, err
	}
	b.say("deciding among %d grants, %s", b.size.grants, engine)
	got, err := report.Contest(ctx, b.size.openings, many.ask, few.ask)
	if err != nil {
		return nil, err
	}
	return b.releaseRows(engine, got[0], got[1]), nil
}

func (b *bench) clearing(ctx context.Context, engine store.Engine) (*clearing, error) {
	s, err := b.stage(ctx, engine)
	if err != nil {
		return nil, err
	}
	c := &clearing{stage: s}
	if c.givers, err = s.givers(ctx, 1); err == nil {
		err = c.connect()
	}
	if err != nil {
		return nil, errors.Join(err, s.end(ctx))
	}
	return c, nil
}

func (c *clearing) connect() (err error) {
	if err := c.givers.connect(1); err != nil {
		return err
	}
	if c.line != nil {
		_ = c.line.Close() // the server may have done so before
	}
	c.line, err = wire.Dial(c.Addr())
	return err
}

// fill stops the vault, puts everybody else's grants in, and starts it again.
func (c *clearing) fill(ctx context.Context, size sizes) (err error) {
	if err := errors.Join(c.givers.close(), c.Stop(ctx)); err != nil {
		return err
	}
	db, err := store.Open(ctx, c.cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	err = c.fillIn(ctx, db, size)
	if err = errors.Join(err, db.Close()); err != nil {
		return err
	}
	if err := c.Start(ctx); err != nil {
		return err
	}
	return c.connect()
}

func (c *clearing) fillIn(ctx context.Context, db *store.DB, size sizes) error {
	on := fixture.On{Now: time.Now().Unix()}
	if err := fixture.Fill(ctx, db, 0, fixture.Spread(size.grants)); err != nil {
		return err
	}
	if err := fixture.Grants(ctx, db, on, 0, size.grants); err != nil {
		return err
	}
	over := on
	over.Ended = string(c.givers.reader.Client.Account())
	if err := fixture.Grants(ctx, db, over, 0, min(size.many, size.grants)); err != nil {
		return err
	}
	on.Testimony, on.Owner = string(c.givers.gifts[0].Testimony()), string(c.givers.persons[0].Client.Account())
	return fixture.Grants(ctx, db, on, 0, size.many)
}

// ask grants the part once more and asks everybody's questions about it; then the
// grant is taken back.
func (c *clearing) ask(ctx context.Context) (a asked, err error) {
	g := c.givers
	if err := errors.Join(g.persons[0].Renew(ctx), g.reader.Renew(ctx)); err != nil {
		return a, err
	}
	r, grant, err := g.gifts[0].Grant()
	if err != nil {
		return a, err
	}
	if _, err := send(g.conns[0], r); err != nil {
		return a, err
	}
	opening, err := g.reader.Opening(grant, 1)
	if err != nil {
		return a, err
	}
	f, err := c.line.Fetch(opening.Pieces[0], 0, make([]byte, 64<<10))
	if err = errors.Join(err, f.OK()); err != nil {
		return a, err
	}
	a.open = float64(f.Elapsed.Microseconds()) / 1000
	for _, q := range []struct {
		who  *crowd.Person
		path string
		took *float64
	}{{g.reader, "/v1/inbox", &a.inbox}, {g.reader, "/v1/inbox/" + string(grant), &a.list}, {g.persons[0], "/v1/account", &a.account}} {
		if *q.took, err = c.get(q.who, q.path); err != nil {
			return a, fmt.Errorf("%s: %w", q.path, err)
		}
	}
	if a.checkIn, err = c.time(g.persons[0].CheckIn); err != nil {
		return a, err
	}
	return a, g.takeBack(0, grant)
}

// get times one request, in milliseconds.
func (c *clearing) get(who *crowd.Person, path string) (float64, error) {
	return c.time(func() (crowd.Request, error) { return who.Get(path) })
}

// time is how long a request takes that is made before.
func (c *clearing) time(request func() (crowd.Request, error)) (float64, error) {
	r, err := request()
	if err != nil {
		return 0, err
	}
	began := time.Now()
	_, err = send(c.line, r)
	return float64(time.Since(began).Microseconds()) / 1000, err
}

func (c *clearing) close(ctx context.Context) error {
	var err error
	if c.line != nil {
		err = c.line.Close()
	}
	return errors.Join(err, c.givers.close(), c.stage.end(ctx))
}

func (b *bench) releaseRows(engine store.Engine, many, few []asked) []report.Row {
	var rows []report.Row
	among := fmt.Sprintf("among %d grants, %d of them on the testimony", b.size.grants, b.size.many)
	for _, what := range []struct {
		name, note string
		of         func(asked) float64
		most       float64
	}{
		{"opening " + among, "a small part, from the request to its last byte; the first opening of a new grant", func(a asked) float64 { return a.open }, 1.1},
		{fmt.Sprintf("inbox of a reader with %d grants that are over", b.size.many), "nothing sweeps grants that are over: the list leaves them out; one is live", func(a asked) float64 { return a.inbox }, 2},
		{"how one grant stands " + among, "as its reader is shown it", func(a asked) float64 { return a.list }, 1.1},
		{"her pauses and notices " + among, "nothing counts the days of silence: her list says what is noticed", func(a asked) float64 { return a.account }, 1.1},
		{"check-in " + among, "with what follows it: no stream is left that goes on her silence", func(a asked) float64 { return a.checkIn }, 1.1},
	} {
		row := report.Row{Name: what.name + ", " + string(engine), Unit: "ms", Yardstick: "the only grant", Aim: report.Aim{AtMost: what.most}, Note: what.note}
		for i := range many {
			row.Ours, row.Theirs = append(row.Ours, what.of(many[i])), append(row.Theirs, what.of(few[i]))
		}
		rows = append(rows, row)
	}
	return rows
}

// decision measures the pure function.
func (b *bench) decision(ctx context.Context) ([]report.Row, error) {
	policy := &release.Policy{Threshold: 2, Released: 2, Silence: 30 * release.Day, Wait: release.Day, LastDay: 1_700_000_000}
	facts := release.Facts{Accredited: true, From: 1, Until: 1 << 40, MaxReads: 3, Policy: policy}
	live, now := 0, int64(1_800_000_000)
	got, err := report.Contest(ctx, b.size.rounds,
		b.nanos(func(i int) {
			facts.Reads = int64(i & 3)
			if release.Decide(facts, now) == release.Live {
				live++
			}
		}),
		b.nanos(func(int) { now = max(now, time.Now().Unix()) }))
	if err != nil {
		return nil, err
	}
	if want := b.size.rounds * b.size.decided * 3 / 4; live != want {
		return nil, fmt.Errorf("%d decisions were live, want %d", live, want)
	}
	return []report.Row{{Name: "one decision", Unit: "ns", Ours: got[0], Yardstick: "asking what time it is", Theirs: got[1], Aim: report.Aim{AtMost: 1},
		Note: "release.Decide with everything that there is to look at: reads, trustees and silence"}}, nil
}

// nanos is how long f takes, in nanoseconds.
func (b *bench) nanos(f func(i int)) func(context.Context) (float64, error) {
	return func(context.Context) (float64, error) {
		began := time.Now()
		for i := range b.size.decided {
			f(i)
		}
		return float64(time.Since(began).Nanoseconds()) / float64(b.size.decided), nil
	}
}
