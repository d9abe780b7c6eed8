package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/relatingfield/vault/internal/app"
)

// errDamaged ends a run that found what it could not heal.
var errDamaged = errors.New("not everything is what was stored, and there is no good copy of it; its owners see it in their feeds")

func (p program) fixity(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("%w: say fixity report or run", errUsage)
	}
	switch name, rest := args[0], args[1:]; name {
	case "report":
		return p.fixityReport(ctx, rest)
	case "run":
		return p.fixityRun(ctx, rest)
	default:
		return fmt.Errorf("%w: there is no command \"fixity %s\"", errUsage, name)
	}
}

func (p program) blobs(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("%w: say blobs restore or forget-second", errUsage)
	}
	switch name, rest := args[0], args[1:]; name {
	case "restore":
		return p.check(ctx, "blobs restore", rest, app.FixityRun{MissingOnly: true, Absent: true})
	case "forget-second":
		return p.forgetSecond(ctx, rest)
	default:
		return fmt.Errorf("%w: there is no command \"blobs %s\"", errUsage, name)
	}
}

func (p program) fixityReport(ctx context.Context, args []string) error {
	set, sources := p.flags("fixity report")
	if err := parse(set, args); err != nil {
		return err
	}
	a, err := p.load(sources)
	if err != nil {
		return err
	}
	r, err := a.Fixity(ctx)
	if err != nil {
		return err
	}
	p.tellFixity(r)
	return nil
}

func (p program) tellFixity(r app.FixityReport) {
	fmt.Fprintf(p.out, "Payloads in the object store: %d pieces, %d bytes, %d with a second copy; oldest check: %s.\n", r.Pieces, r.Bytes, r.Copied, checked(r.Pieces, r.Oldest))
	fmt.Fprintf(p.out, "Parts in the database: %d; oldest check: %s.\n", r.Parts, checked(r.Parts, r.OldestRow))
	for _, kind := range slices.Sorted(maps.Keys(r.Bad)) {
		fmt.Fprintf(p.out, "  %-8s %d pieces\n", kind, r.Bad[kind])
	}
	if r.BadRows > 0 {
		fmt.Fprintf(p.out, "  %d parts are damaged in the database itself; only a backup of it has them.\n", r.BadRows)
	}
	if r.Damaged() == 0 && r.BadRows == 0 {
		fmt.Fprintln(p.out, "Nothing is known to be damaged.")
	}
	if r.Doomed+r.DoomedSecond > 0 {
		fmt.Fprintf(p.out, "Still to be deleted: %d objects, and %d in the second store.\n", r.Doomed, r.DoomedSecond)
	}
}

func checked(n, day int64) string {
	switch {
	case n == 0:
		return "there is nothing to check"
	case day == 0:
		return "some were never checked"
	}
	return time.Unix(day, 0).UTC().Format(time.DateOnly)
}

func (p program) fixityRun(ctx context.Context, args []string) error {
	return p.check(ctx, "fixity run", args, app.FixityRun{})
}

// check goes through everything and says what came of it.
func (p program) check(ctx context.Context, name string, args []string, what app.FixityRun) error {
	set, sources := p.flags(name)
	if !what.Absent {
		set.BoolVar(&what.Absent, "even-if-nothing-is-there", false, "believe a store in which nothing is found")
	}
	if err := parse(set, args); err != nil {
		return err
	}
	a, err := p.load(sources)
	if err != nil {
		return err
	}
	r, err := a.CheckFixity(ctx, what, func(app.FixityResult) {})
	fmt.Fprintf(p.out, "Looked at %d pieces: %d good, %d healed, %d damaged without a good copy.\n", r.Looked, r.Good, r.Healed, r.Bad)
	if err == nil && r.Bad > 0 {
		err = errDamaged
	}
	return err
}

func (p program) forgetSecond(ctx context.Context, args []string) error {
	set, sources := p.flags("blobs forget-second")
	sure := set.Bool("because-it-is-gone", false, "say that the second store is empty or destroyed")
	if err := parse(set, args); err != nil {
		return err
	}
	if !*sure {
		return fmt.Errorf("%w: give --because-it-is-gone; what is still in it will never be deleted by the vault", errUsage)
	}
	a, err := p.load(sources)
	if err != nil {
		return err
	}
	copies, deletions, err := a.ForgetSecond(ctx)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.out, "%d copies and %d deletions are forgotten.\n", copies, deletions)
	return err
}
