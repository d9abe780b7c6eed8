package main

import (
	"context"
	"fmt"
	"time"

	"github.com/relatingfield/vault/internal/app"
)

func (p program) keys(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("%w: say keys list, rotate, export or import", errUsage)
	}
	switch name, rest := args[0], args[1:]; name {
	case "list":
		return p.keysList(rest)
	case "rotate":
		return p.keysRotate(rest)
	case "export":
		return p.keysExport(rest)
	case "import":
		return p.keysImport(ctx, rest)
	default:
		return fmt.Errorf("%w: there is no command \"keys %s\"", errUsage, name)
	}
}

func (p program) keysList(args []string) error {
	set, sources := p.flags("keys list")
	if err := parse(set, args); err != nil {
		return err
	}
	a, err := p.load(sources)
	if err != nil {
		return err
	}
	return p.tellKeys(a)
}

func (p program) tellKeys(a *app.App) error {
	list, err := a.Keys()
	if err != nil {
		return err
	}
	signs := map[string]bool{} // the kinds whose key in force was listed
	for _, k := range list {
		state := "before"
		switch {
		case k.Now:
			state = "in force"
		case !signs[k.Kind]:
			state = "from " + time.Unix(k.From, 0).UTC().Format(time.DateTime)
		}
		signs[k.Kind] = signs[k.Kind] || k.Now
		fmt.Fprintf(p.out, "%-8s %s  %s\n", k.Kind, k.ID, state)
	}
	return nil
}

// overlap is for how long a browser's tab may stay open: it knows the keys that were
// published when it asked.
const overlap = 7 * 24 * time.Hour

func (p program) keysRotate(args []string) error {
	set, sources := p.flags("keys rotate")
	what := app.KeyRotation{Token: true, Receipt: true}
	set.DurationVar(&what.Overlap, "overlap", overlap, "publish new keys for this long before they sign, `TIME`")
	set.BoolVar(&what.Stolen, "stolen", false, "somebody else has the old keys: sign with the new ones at once, end all sessions")
	set.BoolVar(&what.MAC, "mac", false, "replace the secret under journal, backups, nonces and webhooks, too; no node may run")
	if err := parse(set, args); err != nil {
		return err
	}
	if what.Overlap < time.Minute || what.Overlap > 90*24*time.Hour {
		return fmt.Errorf("%w: --overlap is 1m to 2160h: every node and client needs the time to learn of the new keys", errUsage)
	}
	a, err := p.load(sources)
	if err != nil {
		return err
	}
	if err := a.RotateKeys(what); err != nil {
		return err
	}
	if err := p.tellKeys(a); err != nil {
		return err
	}
	_, err = fmt.Fprintln(p.out, "\nThe export that you keep is older than these keys: testimonyd keys export --to FILE.")
	return err
}

func (p program) keysExport(args []string) error {
	set, sources := p.flags("keys export")
	to := set.String("to", "", "write to this `FILE`, which must not be there")
	if err := parse(set, args); err != nil {
		return err
	}
	if *to == "" {
		return fmt.Errorf("%w: give --to FILE", errUsage)
	}
	a, err := p.load(sources)
	if err != nil {
		return err
	}
	if err := a.ExportKeys(*to); err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.out, "The server's keys are in %s, sealed. Keep it in another place than the backups.\n", *to)
	return err
}

func (p program) keysImport(ctx context.Context, args []string) error {
	set, sources := p.flags("keys import")
	from := set.String("from", "", "what keys export wrote, `FILE`")
	identity := set.String("identity", "", "the age identity `FILE` that opens it; - is standard input")
	if err := parse(set, args); err != nil {
		return err
	}
	if *from == "" {
		return fmt.Errorf("%w: give --from FILE", errUsage)
	}
	a, err := p.load(sources)
	if err != nil {
		return err
	}
	b, err := p.identity(*identity)
	if err != nil {
		return err
	}
	defer clear(b)
	if err := a.ImportKeys(ctx, *from, b); err != nil {
		return err
	}
	return p.tellKeys(a)
}
