package main

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/relatingfield/vault/internal/app"
	"github.com/relatingfield/vault/internal/config"
)

// threads run Go code for each core. What computes for large recordings never has
// more than one for each core, so there is always one left that sees a small
// request come, and the system's scheduler, which is fair to whoever has slept,
// gives it a core at once. With as many threads as cores, three uploads at full
// speed let everybody else wait for a second.
const threads = 4

// ballast is memory that is never touched, so the system never provides it. The
// garbage collector counts it: it waits until a quarter of it (percent) has been
// used, where it would else collect a vault's few megabytes of state sixty times a
// second, which took a fifth of the work. What a thousand uploads hold is allowed
// a quarter more for garbage, where it would else be as much again.
const (
	ballast = 64 << 20
	percent = 25
)

func (p program) serve(ctx context.Context, args []string) error {
	set, sources := p.flags("serve")
	if err := parse(set, args); err != nil {
		return err
	}
	a, err := p.load(sources)
	if err != nil {
		return err
	}
	runtime.GOMAXPROCS(threads * a.Cores)
	idle := make([]byte, ballast)
	debug.SetGCPercent(percent)
	defer runtime.KeepAlive(idle)
	return a.Run(ctx, func(s app.Serving) { p.announce(s) })
}

func (p program) found(ctx context.Context, args []string) error {
	var f app.Founding
	set, sources := p.flags("found")
	set.Func("steward", "one steward as `NAME=KEY`; repeat for each", func(text string) error {
		f.Stewards = append(f.Stewards, text)
		return nil
	})
	set.IntVar(&f.Threshold, "threshold", 0, "how many stewards must agree, `N`")
	set.BoolVar(&f.Practice, "practice", false, "found a practice vault: nothing real belongs there")
	set.BoolVar(&f.IfMissing, "if-missing", false, "leave a vault that has been founded as it is")
	if err := parse(set, args); err != nil {
		return err
	}
	if f.Practice == (len(f.Stewards) > 0) || f.Practice && f.Threshold != 0 {
		return fmt.Errorf("%w: give --steward NAME=KEY and --threshold N, or --practice alone", errUsage)
	}
	a, err := p.load(sources)
	if err != nil {
		return err
	}
	out, err := a.Found(ctx, f)
	if err != nil {
		return err
	}
	p.announceFounding(out)
	return nil
}

func (p program) ready(ctx context.Context, args []string) error {
	set, sources := p.flags("ready")
	if err := parse(set, args); err != nil {
		return err
	}
	a, err := p.load(sources)
	if err != nil {
		return err
	}
	return a.AskReady(ctx)
}

func (p program) migrate(ctx context.Context, args []string) error {
	set, sources := p.flags("migrate")
	careful := set.Bool("only-with-a-backup", false, "do nothing unless there is a backup of the schema that the database has now")
	if err := parse(set, args); err != nil {
		return err
	}
	a, err := p.load(sources)
	if err != nil {
		return err
	}
	if *careful {
		if err := a.KeepsAWayBack(ctx); err != nil {
			return err
		}
	}
	m, err := a.Migrate(ctx)
	if err != nil {
		return err
	}
	if m.From != "" && m.From != m.To {
		p.tellWayBack(a, m)
	}
	_, err = fmt.Fprintln(p.out, "The database is up to date.")
	return err
}

// tellWayBack says how to go back, which no program does by itself.
func (p program) tellWayBack(a *app.App, m app.Migrated) {
	fmt.Fprintf(p.out, "The database was of schema %s and is of schema %s now, which older programs refuse.\n", m.From, m.To)
	if name := a.WayBack(m.From); name != "" {
		fmt.Fprintf(p.out, "To go back: the program of before, and testimonyd restore --name %s into an empty place.\n", name)
		return
	}
	fmt.Fprintln(p.out, "There is no backup of the schema before: there is no way back. Take one before the next upgrade: testimonyd backup.")
}

func (p program) status(ctx context.Context, args []string) error {
	set, sources := p.flags("status")
	if err := parse(set, args); err != nil {
		return err
	}
	a, err := p.load(sources)
	if err != nil {
		return err
	}
	return a.Status(ctx, p.out)
}

func (p program) config(args []string) error {
	if len(args) == 0 || strings.HasPrefix(args[0], "-") {
		return config.ErrUsage
	}
	set, sources := p.flags("config")
	if err := parse(set, args[1:]); err != nil {
		return err
	}
	return config.Command(args[0], *sources, p.out)
}

func (p program) version() error {
	_, err := fmt.Fprintf(p.out, "testimonyd %s (%s, %s/%s)\n", app.Version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}
