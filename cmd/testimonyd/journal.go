package main

import (
	"context"
	"fmt"
	"time"

	"github.com/relatingfield/vault/internal/app"
)

func (p program) journal(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("%w: say journal head, check or abandon", errUsage)
	}
	switch name, rest := args[0], args[1:]; name {
	case "head":
		return p.journalHead(rest)
	case "check":
		return p.journalCheck(rest)
	case "abandon":
		return p.journalAbandon(ctx, rest)
	default:
		return fmt.Errorf("%w: there is no command \"journal %s\"", errUsage, name)
	}
}

// journalHead prints nothing but the heads, so that its output can be kept as a
// file for journal.at_least_from.
func (p program) journalHead(args []string) error {
	set, sources := p.flags("journal head")
	if err := parse(set, args); err != nil {
		return err
	}
	a, err := p.load(sources)
	if err != nil {
		return err
	}
	heads, err := a.JournalHeads()
	if err != nil {
		return err
	}
	for _, h := range heads {
		fmt.Fprintln(p.out, h)
	}
	return nil
}

func (p program) journalCheck(args []string) error {
	set, sources := p.flags("journal check")
	heads := set.String("head", "", "a `FILE` of heads that were kept elsewhere")
	if err := parse(set, args); err != nil {
		return err
	}
	a, err := p.load(sources)
	if err != nil {
		return err
	}
	reports, err := a.CheckJournals(*heads)
	for _, r := range reports {
		p.tellJournal(r)
	}
	if err != nil {
		return err
	}
	if *heads == "" {
		fmt.Fprintln(p.out, "Every journal is whole, in order and signed. Whether newer lines were taken away with the database, only a kept head can tell: --head FILE.")
		return nil
	}
	fmt.Fprintln(p.out, "Every journal is whole, in order and signed, and holds every head of the file.")
	return nil
}

func (p program) tellJournal(r app.JournalReport) {
	date := func(unix int64) string { return time.Unix(unix, 0).UTC().Format(time.DateOnly) }
	fmt.Fprintf(p.out, "Node %s: lines %d to %d in %d files, from %s to %s.\n", r.Head.Node, r.First, r.Head.Seq, r.Files, date(r.FirstDay), date(r.LastDay))
	for _, k := range r.Kinds() {
		fmt.Fprintf(p.out, "  %-11s %d\n", k, r.Acts[k])
	}
	if r.Torn {
		fmt.Fprintln(p.out, "  Its last line was never finished; nobody was told that it was. The next start removes it.")
	}
}

func (p program) journalAbandon(ctx context.Context, args []string) error {
	set, sources := p.flags("journal abandon")
	node := set.String("node", "", "whose journal is lost, `NODE`")
	sure := set.Bool("because-it-is-lost", false, "say that no copy of it exists")
	if err := parse(set, args); err != nil {
		return err
	}
	if *node == "" || !*sure {
		return fmt.Errorf("%w: give --node NODE and --because-it-is-lost; first look for a copy", errUsage)
	}
	a, err := p.load(sources)
	if err != nil {
		return err
	}
	held, err := a.AbandonJournal(ctx, *node)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.out, "The journal of node %s is given up. %d grants are held until their owners renew them.\n"+
		"What was erased, suspended or changed in the roster after the backup may be back: read docs/operate/restore.md before you serve.\n", *node, held)
	return err
}
