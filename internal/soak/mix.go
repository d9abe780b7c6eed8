package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/relatingfield/vault/internal/crashtest"
	"github.com/relatingfield/vault/internal/daemontest"
	"github.com/relatingfield/vault/internal/linetest"
	"github.com/relatingfield/vault/internal/pgtest"
	"github.com/relatingfield/vault/internal/realserver"
)

// mix is vaults to which everything happens in turn.
type mix struct {
	program string
	dir     string
	seed    uint64
	lasts   time.Duration
	out     io.Writer
}

// generation is how long one vault lasts at most: its disk is small.
const generation = 10 * time.Minute

// mixes lets each engine have its share of the time.
func mixes(ctx context.Context, m mix, engines []string) error {
	if m.lasts == 0 {
		return nil
	}
	toxic, err := realserver.Build(realserver.Toxic)
	if err != nil {
		return err
	}
	share := m.lasts / time.Duration(len(engines))
	for _, engine := range engines {
		ends := time.Now().Add(share)
		for n := 1; n == 1 || time.Until(ends) > generation/2; n++ {
			until := time.Now().Add(min(time.Until(ends), generation))
			if err := m.vault(ctx, engine, toxic, n, until); err != nil {
				return fmt.Errorf("%s, vault %d: %w", engine, n, err)
			}
		}
	}
	return nil
}

// mixed is one of the vaults, with what can go wrong around it.
type mixed struct {
	mix
	daemon  *daemontest.Daemon
	cluster *pgtest.Cluster // nil on SQLite
	line    *linetest.Line
	crowd   *crashtest.Crowd
	disk    string
	dice    *rand.Rand
	done    map[string]int
}

// vault begins one, disturbs it until its time is over, and looks at what is left.
func (m mix) vault(ctx context.Context, engine, toxic string, n int, until time.Time) (err error) {
	v := &mixed{mix: m, disk: filepath.Join(m.dir, fmt.Sprintf("%s-%d", engine, n)), dice: rand.New(rand.NewPCG(m.seed, uint64(n))), done: map[string]int{}}
	if err := mount(v.disk); err != nil {
		return err
	}
	cfg := daemontest.Config{Program: m.program, Dir: filepath.Join(v.disk, "vault")}
	if engine != "sqlite" {
		if v.cluster, err = pgtest.Start(ctx, pgtest.Options{}); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, v.cluster.Stop()) }()
		if err := v.cluster.Create(ctx, "mixed", ""); err != nil {
			return err
		}
		cfg.URL = v.cluster.URL("mixed")
	}
	proxy, err := linetest.Start(ctx, toxic)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, proxy.Stop()) }()
	if v.daemon, err = daemontest.New(cfg); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, v.daemon.Kill()) }()
	if err := v.daemon.Start(ctx); err != nil {
		return err
	}
	if v.line, err = proxy.Line(ctx, v.daemon.Addr()); err != nil {
		return err
	}
	if err := v.run(ctx, until); err != nil {
		return err
	}
	_, err = fmt.Fprintf(m.out, "%s, vault %d: %v; done: %s; nothing acknowledged was lost, fsck finds nothing\n", engine, n, v.done, v.crowd.Counts())
	return errors.Join(err, unmount(v.disk))
}

// run gathers people who come over the line, and disturbs them.
func (v *mixed) run(ctx context.Context, until time.Time) (err error) {
	way := v.daemon.Way()
	way.HTTP = &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, v.line.Addr)
	}}}
	if v.crowd, err = crashtest.Gather(ctx, way, filepath.Join(v.daemon.Dir(), "journal"), v.seed); err != nil {
		return err
	}
	for round := 1; time.Now().Before(until); round++ {
		name, disturb := v.pick()
		if err := v.crowd.ThroughOutage(ctx, disturb); err != nil {
			return fmt.Errorf("round %d, %s: %w", round, name, err)
		}
		if err := v.crowd.Look(ctx); err != nil {
			return fmt.Errorf("round %d, after %s: %w", round, name, err)
		}
		v.done[name]++
		if round%10 == 0 { // beside a vault that serves, and for other women
			if err := errors.Join(v.fsck(ctx), v.crowd.Renew(ctx)); err != nil {
				return fmt.Errorf("round %d: %w", round, err)
			}
		}
	}
	if err := v.fsck(ctx, "--deep"); err != nil {
		return err
	}
	if err := v.daemon.Stop(ctx); err != nil {
		return err
	}
	return v.fsck(ctx, "--deep")
}

// fsck wants the vault to fit together.
func (v *mixed) fsck(ctx context.Context, more ...string) error {
	out, err := v.daemon.Run(ctx, append([]string{"fsck"}, more...)...)
	if err != nil {
		return fmt.Errorf("fsck: %w\n%s", err, out)
	}
	return nil
}

// pick draws what goes wrong next.
func (v *mixed) pick() (string, func(context.Context) error) {
	all := []struct {
		name string
		do   func(context.Context) error
	}{
		{"kill -9", func(ctx context.Context) error { return errors.Join(v.daemon.Kill(), v.daemon.Start(ctx)) }},
		{"a full disk", v.full},
		{"a line cut", func(ctx context.Context) error {
			return v.broken(ctx, func() error { return v.line.Cut(ctx) })
		}},
		{"a line slow", func(ctx context.Context) error {
			return v.broken(ctx, func() error {
				return v.line.Spoil(ctx, linetest.Latency(linetest.Down, 50*time.Millisecond, 50*time.Millisecond), linetest.Crumble(linetest.Up, 700, time.Millisecond))
			})
		}},
		{"a line reset", func(ctx context.Context) error {
			return v.broken(ctx, func() error {
				return v.line.Spoil(ctx, linetest.CutAfter(linetest.Up, 300+v.dice.IntN(20000)))
			})
		}},
	}
	if v.cluster != nil {
		all = append(all, []struct {
			name string
			do   func(context.Context) error
		}{
			{"database killed", func(ctx context.Context) error { return errors.Join(v.cluster.Kill(), v.cluster.Restart(ctx)) }},
			{"database frozen", func(ctx context.Context) error {
				return errors.Join(v.cluster.Freeze(), v.lasting(ctx), v.cluster.Thaw())
			}},
		}...)
	}
	d := all[v.dice.IntN(len(all))]
	return d.name, d.do
}

// broken lets a line be bad for a while.
func (v *mixed) broken(ctx context.Context, spoil func() error) error {
	err := errors.Join(spoil(), v.lasting(ctx))
	return errors.Join(err, v.line.Mend(context.WithoutCancel(ctx)))
}

// lasting is for how long something is wrong.
func (v *mixed) lasting(ctx context.Context) error {
	t := time.NewTimer(100*time.Millisecond + time.Duration(v.dice.IntN(900))*time.Millisecond)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// full leaves no room on the vault's disk for a while; half of the times it is killed
// meanwhile. Where even the room that was kept for it has been used up by then, it does
// not start again before there is room: that is counted.
func (v *mixed) full(ctx context.Context) error {
	ballast := filepath.Join(v.disk, "others")
	if err := fill(ballast); err != nil {
		return err
	}
	err := v.lasting(ctx)
	if v.dice.IntN(2) == 0 {
		return errors.Join(err, os.Remove(ballast))
	}
	if err := errors.Join(err, v.daemon.Kill()); err != nil {
		return err
	}
	if v.daemon.Start(ctx) == nil {
		v.done["started on a full disk"]++
		return os.Remove(ballast)
	}
	v.done["did not start on a full disk"]++
	return errors.Join(os.Remove(ballast), v.daemon.Start(ctx))
}
