package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/relatingfield/vault/internal/app"
)

// errFound ends a check that leaves faults: exit code 4.
var errFound = errors.New("not everything fits together; what to do next stands beside each finding, and in docs/operate/fsck.md")

func (p program) fsck(ctx context.Context, args []string) error {
	var how app.FsckHow
	set, sources := p.flags("fsck")
	set.BoolVar(&how.Deep, "deep", false, "read every stored byte and compare digests, too")
	set.BoolVar(&how.Repair, "repair", false, "put right what is safe to put right")
	asJSON := set.Bool("json", false, "say it as JSON")
	who := set.Bool("accounts", false, "name accounts, too, not only count them")
	if err := parse(set, args); err != nil {
		return err
	}
	a, err := p.load(sources)
	if err != nil {
		return err
	}
	report, err := a.Fsck(ctx, how)
	if report == nil {
		return err
	}
	if !*who {
		report = report.WithoutAccounts()
	}
	if e := p.tellFsck(report, *asJSON, err == nil); e != nil || err != nil {
		return errors.Join(err, e)
	}
	if report.Left() > 0 {
		return errFound
	}
	return nil
}

func (p program) tellFsck(r *app.FsckReport, asJSON, whole bool) error {
	if asJSON {
		e := json.NewEncoder(p.out)
		e.SetIndent("", "  ")
		return e.Encode(r)
	}
	for _, what := range slices.Sorted(maps.Keys(r.Looked)) {
		fmt.Fprintf(p.out, "%10d %s\n", r.Looked[what], what)
	}
	for _, what := range slices.Sorted(maps.Keys(r.InFlight)) {
		fmt.Fprintf(p.out, "On its way, and no fault: %d %s.\n", r.InFlight[what], what)
	}
	if !r.Deep {
		fmt.Fprintln(p.out, "Bytes were not read: --deep compares their digests, too.")
	}
	if !r.Structure {
		fmt.Fprintln(p.out, "The database's own structure was not read: see docs/operate/fsck.md.")
	}
	for _, f := range r.Findings {
		fmt.Fprintf(p.out, "\n%s: %s\n  %d found, %d repaired\n", f.Fault, f.What, f.Count, f.Repaired)
		for _, s := range f.Subjects {
			fmt.Fprintf(p.out, "  %s\n", s)
		}
		if f.Accounts && len(f.Subjects) == 0 {
			fmt.Fprintln(p.out, "  --accounts names the accounts")
		}
		if f.Count > f.Repaired {
			fmt.Fprintf(p.out, "  Next: %s.\n", f.Next)
		}
	}
	if whole && len(r.Findings) == 0 {
		fmt.Fprintln(p.out, "Everything fits together.")
	}
	return nil
}
