package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/relatingfield/vault/internal/app"
	"github.com/relatingfield/vault/internal/config"
)

func (p program) backup(ctx context.Context, args []string) error {
	name, rest := "", args
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		name, rest = args[0], args[1:]
	}
	switch name {
	case "":
		return p.backupMake(ctx, rest)
	case "list":
		return p.backupList(rest)
	case "check":
		return p.backupCheck(ctx, rest)
	case "prune":
		return p.backupPrune(rest)
	}
	return fmt.Errorf("%w: there is no command \"backup %s\"", errUsage, name)
}

func (p program) backupMake(ctx context.Context, args []string) error {
	set, sources := p.flags("backup")
	if err := parse(set, args); err != nil {
		return err
	}
	a, err := p.load(sources)
	if err != nil {
		return err
	}
	made, pruned, err := a.Backup(ctx, p.step)
	if made.Name != "" {
		if made.Continued {
			fmt.Fprintln(p.out, "A backup that was cut off has been finished.")
		}
		fmt.Fprintf(p.out, "Backup %s is finished: %d payload objects, %d of them new, kept until %s.\n", made.Name, made.Objects, made.Fresh, day(made.Expires))
		if made.Missing > 0 {
			fmt.Fprintf(p.out, "%d payload objects had been let go of before they could be copied.\n", made.Missing)
		}
		fmt.Fprintln(p.out, "The server's keys and the journal are not in it: see docs/operate/keys.md and docs/operate/backup.md.")
	}
	p.tellPruned(pruned)
	return err
}

// step tells how far something is that takes its time.
func (p program) step(words string) { fmt.Fprintln(p.err, words) }

func day(unix int64) string { return time.Unix(unix, 0).UTC().Format(time.DateOnly) }

func (p program) tellPruned(r app.BackupPruned) {
	for _, name := range r.Backups {
		fmt.Fprintf(p.out, "Backup %s has expired and is removed.\n", name)
	}
	if r.Objects > 0 {
		fmt.Fprintf(p.out, "%d copies of payloads that no backup names any more are removed.\n", r.Objects)
	}
}

func (p program) backupList(args []string) error {
	set, sources := p.flags("backup list")
	if err := parse(set, args); err != nil {
		return err
	}
	a, err := p.load(sources)
	if err != nil {
		return err
	}
	list, err := a.Backups()
	if err != nil {
		return err
	}
	for _, k := range list {
		switch {
		case k.Err != nil:
			fmt.Fprintf(p.out, "%s  cannot be used: %v\n", k.Name, k.Err)
		case !k.Finished:
			fmt.Fprintf(p.out, "%s  unfinished: testimonyd backup goes on with it\n", k.Name)
		default:
			fmt.Fprintf(p.out, "%s  %s, payloads by %s, schema %s, until %s\n", k.Name, config.Size(k.Bytes), k.Manifest.Objects, k.Manifest.Schema, day(k.Manifest.Expires))
		}
	}
	if len(list) == 0 {
		fmt.Fprintln(p.out, "There is no backup.")
	}
	return nil
}

func (p program) backupCheck(ctx context.Context, args []string) error {
	set, sources := p.flags("backup check")
	name := set.String("name", "", "the backup, `NAME`; the newest if it is not given")
	if err := parse(set, args); err != nil {
		return err
	}
	a, err := p.load(sources)
	if err != nil {
		return err
	}
	which, _, err := a.CheckBackup(ctx, *name)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.out, "Backup %s is what was written. Whether it can be brought back, only a drill can tell: testimonyd drill.\n", which)
	return err
}

func (p program) backupPrune(args []string) error {
	set, sources := p.flags("backup prune")
	if err := parse(set, args); err != nil {
		return err
	}
	a, err := p.load(sources)
	if err != nil {
		return err
	}
	r, err := a.PruneBackups()
	p.tellPruned(r)
	if err == nil && len(r.Backups) == 0 {
		fmt.Fprintln(p.out, "No backup has expired.")
	}
	return err
}

// restoring are the flags that say which backup is meant.
func restoring(set *flag.FlagSet) (what *app.Restoring, identity *string) {
	what = &app.Restoring{}
	set.StringVar(&what.Dir, "from", "", "the folder of backups, `DIR`; backups.dir if it is not given")
	set.StringVar(&what.Name, "name", "", "the backup, `NAME`; the newest if it is not given")
	set.BoolVar(&what.Expired, "although-it-has-expired", false, "bring back what participants were told is gone")
	return what, set.String("identity", "", "the age identity `FILE` that opens it; - is standard input")
}

func (p program) identity(name string) ([]byte, error) {
	switch name {
	case "":
		return nil, fmt.Errorf("%w: give --identity FILE, the age identity that opens the backup; - is standard input", errUsage)
	case "-":
		return io.ReadAll(io.LimitReader(os.Stdin, 1<<20))
	}
	return os.ReadFile(name)
}

func (p program) restore(ctx context.Context, args []string) error {
	set, sources := p.flags("restore")
	what, identity := restoring(set)
	set.BoolVar(&what.WithoutJournal, "although-the-journal-is-lost", false, "bring back what was taken away since, and let the server refuse to serve it")
	if err := parse(set, args); err != nil {
		return err
	}
	a, err := p.load(sources)
	if err != nil {
		return err
	}
	if what.Identity, err = p.identity(*identity); err != nil {
		return err
	}
	defer clear(what.Identity)
	r, err := a.Restore(ctx, *what, p.step)
	if err != nil {
		return err
	}
	p.tellRestored(r)
	if what.WithoutJournal {
		fmt.Fprintln(p.out, "Nothing was taken away again. Read \"When a journal is lost\" in docs/operate/restore.md before you serve.")
		return nil
	}
	_, err = fmt.Fprintln(p.out, "\nNow start one node: testimonyd serve. Then have everything read: testimonyd fixity run.")
	return err
}

func (p program) tellRestored(r app.Restored) {
	fmt.Fprintf(p.out, "Backup %s, taken %s, of vault %s.\n", r.Name, r.Taken.UTC().Format(time.DateTime), r.Vault)
	fmt.Fprintf(p.out, "Database: %d rows of schema %s.\n", r.Rows, r.Schema)
	fmt.Fprintf(p.out, "Payload objects: %d brought back, %d were there, %d are missing.\n", r.Payloads.Brought, r.Payloads.There, r.Payloads.Absent+int(r.Missing))
	p.tellApplied(r.Applied)
}

func (p program) tellApplied(applied map[string]int) {
	if len(applied) == 0 {
		fmt.Fprintln(p.out, "The journal holds nothing that the backup did not know.")
		return
	}
	fmt.Fprintln(p.out, "Taken away again, because the journal says so:")
	for _, kind := range slices.Sorted(maps.Keys(applied)) {
		fmt.Fprintf(p.out, "  %-16s %d\n", kind, applied[kind])
	}
}

// errDrill ends a drill that found faults.
var errDrill = errors.New("the drill has found faults: do not rely on this backup")

func (p program) drill(ctx context.Context, args []string) error {
	set, sources := p.flags("drill")
	var what app.Drilling
	r, identity := restoring(set)
	set.StringVar(&what.At, "at", "", "make the place for it in this folder, `DIR`; data_dir if it is not given")
	set.IntVar(&what.Sample, "sample", 100, "look at `N` payloads")
	if err := parse(set, args); err != nil {
		return err
	}
	if what.Sample < 0 || what.Sample > 1<<20 {
		return fmt.Errorf("%w: --sample is 0 to 1048576", errUsage)
	}
	a, err := p.load(sources)
	if err != nil {
		return err
	}
	if r.Identity, err = p.identity(*identity); err != nil {
		return err
	}
	defer clear(r.Identity)
	what.Restoring = *r
	d, err := a.Drill(ctx, what, p.step)
	if err != nil {
		return err
	}
	return p.tellDrilled(d)
}

func (p program) tellDrilled(d app.Drilled) error {
	fmt.Fprintf(p.out, "Backup %s, taken %s, of vault %s.\n", d.Name, d.Taken.UTC().Format(time.DateTime), d.Vault)
	fmt.Fprintf(p.out, "Database: %d rows of schema %s.\n", d.Rows, d.Schema)
	p.tellApplied(d.Applied)
	if d.Served {
		fmt.Fprintln(p.out, "The restored vault was ready and answered.")
	}
	fmt.Fprintf(p.out, "Whole: the chains of %d accounts with %d statements, and %d payloads of a sample.\n", d.Accounts, d.Statements, d.Found.Payloads)
	fmt.Fprintf(p.out, "Acts of the journal that stay in force: %d.\n", d.Restricted)
	for _, f := range d.Faults {
		fmt.Fprintln(p.out, "FAULT:", f)
	}
	if len(d.Faults) > 0 {
		return errDrill
	}
	_, err := fmt.Fprintf(p.out, "It took %s. The place is destroyed.\n", d.Took.Round(time.Second))
	return err
}
