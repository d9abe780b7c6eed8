package main

import (
	"context"
	"flag"
	"maps"
	"slices"
	"strings"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
)

func cardCommand() command {
	return command{
		name: "card", args: "TESTIMONY", brief: "change title, language, labels and warnings",
		about: `What you do not name stays as it is. The card is sealed: only you can read it.`,
		make:  func() action { return new(card) },
	}
}

type card struct {
	connection
	title, language  string
	labels, warnings list
}

func (a *card) flags(f *flag.FlagSet) {
	a.connection.flags(f)
	f.StringVar(&a.title, "title", "", "`TITLE` of the testimony")
	f.StringVar(&a.language, "language", "", "its language, a `TAG` such as ar or uk")
	f.Var(&a.labels, "label", "`N=TEXT` labels part N; can be repeated; an empty text takes the label away")
	f.Var(&a.warnings, "warning", "`TEXT` that warns of what it may stir up; can be repeated; replaces those before")
}

func (a *card) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 1, 1); err != nil {
		return err
	}
	t, err := testimonyID(args[0])
	if err != nil {
		return err
	}
	labels, err := a.numbered()
	if err != nil {
		return err
	}
	return a.account(ctx, p, func(ctx context.Context, c *client.Client) error {
		if err := a.change(ctx, c, t, labels); err != nil {
			return err
		}
		return p.tell(map[string]any{"testimony": t}, func(out *screen) { out.sayf("The card of testimony %s is as you said.\n", t) })
	})
}

// numbered reads the labels as they are typed.
func (a *card) numbered() (map[int64]string, error) {
	out := map[int64]string{}
	for _, l := range a.labels {
		number, text, ok := strings.Cut(l, "=")
		n, err := partNumber(number)
		if err != nil || !ok {
			return nil, usage("--label is written as N=TEXT, such as 2=voice")
		}
		out[n] = text
	}
	return out, nil
}

func (a *card) change(ctx context.Context, c *client.Client, t api.ID, labels map[int64]string) error {
	shown, err := c.Show(ctx, t)
	if err != nil {
		return err
	}
	next := shown.Card
	next.Title, next.Language = first(a.title, next.Title), first(a.language, next.Language)
	if len(a.warnings) > 0 {
		next.Warnings = a.warnings
	}
	next.Labels = merged(next.Labels, labels)
	return c.SetCard(ctx, t, next)
}

func merged(labels []client.Label, changes map[int64]string) []client.Label {
	all := map[int]string{}
	for _, l := range labels {
		all[l.Part] = l.Text
	}
	for n, text := range changes {
		all[int(n)] = text
	}
	var out []client.Label
	for _, n := range slices.Sorted(maps.Keys(all)) {
		if all[n] != "" {
			out = append(out, client.Label{Part: n, Text: all[n]})
		}
	}
	return out
}
