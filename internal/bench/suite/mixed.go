package suite

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/relatingfield/vault/internal/bench/crowd"
	"github.com/relatingfield/vault/internal/bench/report"
	"github.com/relatingfield/vault/internal/bench/wire"
	"github.com/relatingfield/vault/internal/bench/yard"
	"github.com/relatingfield/vault/internal/store"
)

const (
	mixedLines = 16 // connections that small requests come on
	uploaders  = 3
)

// waits are how long small requests took, in milliseconds, from the moment each
// was due, not from the moment it could be sent: a server that stalls makes
// everybody wait who comes meanwhile.
type waits struct{ p50, p99 float64 }

// contender is a server under a mixed load.
type contender struct {
	// pools are small requests by connection.
	pools func(ctx context.Context, each int) ([][]crowd.Request, error)
	addr  string
	// upload sends one large thing and gives what removes it again.
	upload func(ctx context.Context, who int) (remove func() error, err error)
}

// mixed measures small requests beside uploads at full speed.
func (b *bench) mixed(ctx context.Context) (rows []report.Row, err error) {
	plain, err := b.file("plain-mixed", b.size.mixedBig)
	if err != nil {
		return nil, err
	}
	s, err := b.stage(ctx, store.SQLite)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.end(ctx)) }()
	ours, err := b.mixedVault(ctx, s, plain)
	if err != nil {
		return nil, err
	}
	y, err := b.yardstick()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, y.Stop()) }()
	naive, err := b.mixedNaive(y, plain)
	if err != nil {
		return nil, err
	}
	load := func(c *contender, uploads int) func(context.Context) (waits, error) {
		return func(ctx context.Context) (waits, error) { return b.load(ctx, c, uploads) }
	}
	got, err := report.Contest(ctx, b.size.rounds, load(ours, 0), load(naive, 0), load(ours, uploaders), load(naive, uploaders))
	if err != nil {
		return nil, err
	}
	row := func(name string, ours, theirs []waits, pick func(waits) float64, aim report.Aim) report.Row {
		return report.Row{Name: name, Unit: "ms", Ours: each(ours, pick), Yardstick: "naive server", Theirs: each(theirs, pick), Aim: aim,
			Note: fmt.Sprintf("%d small testimonies a second, from when each was due; the naive server commits a row and seals in one goroutine without early write-back", b.size.mixedRate)}
	}
	p50, p99 := func(w waits) float64 { return w.p50 }, func(w waits) float64 { return w.p99 }
	return []report.Row{
		row("small requests alone, p50", got[0], got[1], p50, report.Aim{}),
		row("small requests alone, p99", got[0], got[1], p99, report.Aim{}),
		row("beside 3 uploads, p50", got[2], got[3], p50, report.Aim{}),
		row("beside 3 uploads, p99", got[2], got[3], p99, report.Aim{AtMost: 0.5}),
	}, nil
}

func each(list []waits, pick func(waits) float64) []float64 {
	var out []float64
	for _, w := range list {
		out = append(out, pick(w))
	}
	return out
}

// mixedVault loads the vault: small testimonies and sealing on arrival.
func (b *bench) mixedVault(ctx context.Context, s *stage, plain string) (*contender, error) {
	t, err := s.tellers(ctx, mixedLines)
	if err != nil {
		return nil, err
	}
	var senders [uploaders]*large
	for i := range senders {
		if senders[i], err = s.sender(ctx); err != nil {
			return nil, err
		}
	}
	c := &contender{addr: s.Addr()}
	c.pools = func(ctx context.Context, each int) ([][]crowd.Request, error) { return t.pools(ctx, mixedLines, each) }
	c.upload = func(ctx context.Context, who int) (func() error, error) {
		l := senders[who]
		t, err := l.testimony(ctx)
		if err != nil {
			return nil, err
		}
		head, err := t.Arrive(1, b.size.mixedBig)
		if err != nil {
			return nil, err
		}
		_, err = sendFile(l.conn, head, plain, b.size.mixedBig)
		return func() error { return errors.Join(l.dial(), l.erase(t)) }, err
	}
	return c, nil
}

// mixedNaive loads the naive server with as much.
func (b *bench) mixedNaive(y *yard.Server, plain string) (*contender, error) {
	body, err := randomBytes(24 << 10)
	if err != nil {
		return nil, err
	}
	small := plainRequest(wire.Head("POST", y.Addr, "/small", int64(len(body))), body)
	c := &contender{addr: y.Addr}
	c.pools = func(_ context.Context, each int) ([][]crowd.Request, error) {
		out := make([][]crowd.Request, mixedLines)
		for i := range out {
			for range each {
				out[i] = append(out[i], small)
			}
		}
		return out, nil
	}
	var uploads atomic.Int64
	c.upload = func(context.Context, int) (func() error, error) {
		name := fmt.Sprintf("/naive/%d", uploads.Add(1))
		line, err := wire.Dial(y.Addr)
		if err != nil {
			return nil, err
		}
		_, err = sendFile(line, wire.Head("POST", y.Addr, name, b.size.mixedBig), plain, b.size.mixedBig)
		return func() error {
			_, err := send(line, plainRequest(wire.Head("DELETE", y.Addr, name, -1)))
			return errors.Join(err, line.Close())
		}, err
	}
	return c, nil
}

// load sends small requests at a steady rate while so many upload, and waits for
// all of them.
func (b *bench) load(ctx context.Context, c *contender, uploads int) (_ waits, err error) {
	count := int(b.size.mixed.Seconds() * float64(b.size.mixedRate) / mixedLines)
	pools, err := c.pools(ctx, max(1, count))
	if err != nil {
		return waits{}, err
	}
	b.settle()
	conns, err := dial(c.addr, mixedLines)
	if err != nil {
		return waits{}, err
	}
	defer func() { err = errors.Join(err, hangUp(conns)) }()
	var over atomic.Bool
	removes := make([][]func() error, uploads)
	g, ctx := errgroup.WithContext(ctx)
	for who := range uploads {
		g.Go(func() error {
			for !over.Load() {
				remove, err := c.upload(ctx, who)
				if err != nil {
					return err
				}
				removes[who] = append(removes[who], remove)
			}
			return nil
		})
	}
	took, err := steady(ctx, conns, pools, time.Second*mixedLines/time.Duration(b.size.mixedRate))
	over.Store(true)
	if err = errors.Join(err, g.Wait()); err != nil {
		return waits{}, err
	}
	for _, list := range removes {
		for _, remove := range list {
			if err := remove(); err != nil {
				return waits{}, err
			}
		}
	}
	return waits{report.Quantile(took, 0.5), report.Quantile(took, 0.99)}, nil
}

// steady sends on every connection one request each interval and gives how long
// each took from when it was due.
func steady(ctx context.Context, conns []*wire.Conn, pools [][]crowd.Request, interval time.Duration) ([]float64, error) {
	took := make([][]float64, len(pools))
	began := time.Now()
	g, ctx := errgroup.WithContext(ctx)
	for i, pool := range pools {
		g.Go(func() error {
			due := began.Add(interval * time.Duration(i) / time.Duration(len(pools)))
			for _, r := range pool {
				if err := until(ctx, due); err != nil {
					return err
				}
				if _, err := send(conns[i], r); err != nil {
					return err
				}
				took[i] = append(took[i], float64(time.Since(due).Microseconds())/1000)
				due = due.Add(interval)
			}
			return nil
		})
	}
	err := g.Wait()
	var all []float64
	for _, list := range took {
		all = append(all, list...)
	}
	return all, err
}

func until(ctx context.Context, due time.Time) error {
	t := time.NewTimer(time.Until(due))
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
