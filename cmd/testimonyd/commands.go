package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/relatingfield/vault/internal/app"
	"github.com/relatingfield/vault/internal/config"
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
	if err := parse(set, args); err != nil {
		return err
	}
	a, err := p.load(sources)
	if err != nil {
		return err
	}
	if err := a.Migrate(ctx); err != nil {
		return err
	}
	_, err = fmt.Fprintln(p.out, "The database is up to date.")
	return err
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
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return errors.New("this program was built without its own description")
	}
	_, err := fmt.Fprintf(p.out, "testimonyd %s (%s, %s/%s)\n", info.Main.Version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}
