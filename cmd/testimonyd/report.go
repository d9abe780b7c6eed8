package main

import (
	"context"
	"flag"
	"fmt"
	"path/filepath"
	"time"

	"github.com/relatingfield/vault/internal/app"
	"github.com/relatingfield/vault/internal/config"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/report"
)

func (p program) report(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("%w: say report processing, demand, breach or transparency", errUsage)
	}
	switch name, rest := args[0], args[1:]; name {
	case "processing":
		return p.reportProcessing(rest)
	case "demand":
		return p.reportDemand(ctx, rest)
	case "breach":
		return p.reportBreach(ctx, rest)
	case "transparency":
		return p.reportTransparency(rest)
	default:
		return fmt.Errorf("%w: there is no command \"report %s\"", errUsage, name)
	}
}

func (p program) reportProcessing(args []string) error {
	set, sources := p.flags("report processing")
	if err := parse(set, args); err != nil {
		return err
	}
	a, err := p.load(sources)
	if err != nil {
		return err
	}
	return a.Processing(p.out)
}

func (p program) reportDemand(ctx context.Context, args []string) error {
	set, sources := p.flags("report demand")
	rows := set.Bool("rows", false, "write out everything that there is, as JSON, one object a line")
	if err := set.Parse(args); err != nil {
		return usage(err)
	}
	account, err := id.ParseThumbprint(set.Arg(0))
	if err == nil {
		err = parse(set, set.Args()[1:]) // flags may stand behind the account, too
	}
	if err != nil {
		return fmt.Errorf("%w: name one account, as it stands in what people sign: 43 letters, digits, - and _", errUsage)
	}
	a, err := p.load(sources)
	if err != nil {
		return err
	}
	d, err := a.Demand(ctx, account)
	if err != nil {
		return err
	}
	if *rows {
		return d.WriteRows(p.out)
	}
	return d.Write(p.out, a.Now(), int(a.Config.Backups.Keep))
}

func (p program) reportBreach(ctx context.Context, args []string) error {
	set, sources := p.flags("report breach")
	var b report.Breach
	what := set.String("what", "", "what came into other hands: database, objects, keys, machine or reader")
	reader := set.String("reader", "", "the account of the researcher, with --what reader")
	span := between(set)
	if err := parse(set, args); err != nil {
		return err
	}
	a, err := p.load(sources)
	if err != nil {
		return err
	}
	b.What, b.Reader = report.Lost(*what), id.Thumbprint(*reader)
	if b.From, b.Until, err = span(a.Now()); err != nil {
		return err
	}
	if err := a.Breach(ctx, b, p.out); err != nil {
		return usageIf(err, report.ErrLost)
	}
	return nil
}

func (p program) reportTransparency(args []string) error {
	set, sources := p.flags("report transparency")
	file, span := register(set), between(set)
	if err := parse(set, args); err != nil {
		return err
	}
	cfg, err := sources.Load()
	if err != nil {
		return err
	}
	from, until, err := span(app.New(cfg, logger(cfg.Log, p.err)).Now())
	if err != nil {
		return err
	}
	list, err := file(cfg).Read()
	if err != nil {
		return err
	}
	return report.Transparency(p.out, list, from, until)
}

// between are the flags of a time. Without them it is the year so far.
func between(set *flag.FlagSet) func(now time.Time) (from, until time.Time, err error) {
	first := set.String("from", "", "the first `DAY`, as in 2026-01-01")
	last := set.String("until", "", "the last `DAY`")
	return func(now time.Time) (from, until time.Time, err error) {
		now = now.UTC()
		from, until = time.Date(now.Year(), 1, 1, 0, 0, 0, 0, time.UTC), now
		if *first != "" {
			if from, err = time.Parse(time.DateOnly, *first); err != nil {
				return from, until, fmt.Errorf("%w: --from is a day like 2026-01-01", errUsage)
			}
		}
		if *last != "" {
			if until, err = time.Parse(time.DateOnly, *last); err != nil {
				return from, until, fmt.Errorf("%w: --until is a day like 2026-12-31", errUsage)
			}
			until = until.Add(24*time.Hour - time.Second)
		}
		if until.Before(from) {
			return from, until, fmt.Errorf("%w: --until is before --from", errUsage)
		}
		return from, until, nil
	}
}

// register is the flag that says where the register lies.
func register(set *flag.FlagSet) func(config.Config) report.Register {
	path := set.String("register", "", "the `FILE` of the register (default register.jsonl in data_dir)")
	return func(c config.Config) report.Register {
		if *path == "" {
			return report.Register{Path: filepath.Join(c.DataDir, "register.jsonl")}
		}
		return report.Register{Path: *path}
	}
}
