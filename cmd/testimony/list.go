package main

import (
	"cmp"
	"context"
	"slices"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
)

func listCommand() command {
	return command{
		name: "list", brief: "show what is yours",
		about: `Shows your testimonies, oldest first: id, day, number of parts, title. What the
vault lists is compared with what you signed: something that you never signed, or
that is missing, is said. Uploads that are not finished are named with how much of
them is there and until when.`,
		make: func() action { return new(listAction) },
	}
}

type listAction struct{ connection }

type listed struct {
	Testimony api.ID   `json:"testimony"`
	Day       int64    `json:"day"` // Unix seconds
	Parts     int      `json:"parts"`
	Title     string   `json:"title"`
	Language  string   `json:"language"`
	Warnings  []string `json:"warnings"`
	Doubt     string   `json:"doubt,omitempty"`
	Readable  bool     `json:"partner_could_read,omitempty"` // it lies in a collection
}

func listedOf(l client.Listed) listed {
	out := listed{l.ID, l.Day, l.Parts, l.Card.Title, l.Card.Language, append([]string{}, l.Card.Warnings...), "", l.Collected}
	if l.Err != nil {
		out.Doubt = l.Err.Error()
	}
	return out
}

func (a *listAction) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 0, 0); err != nil {
		return err
	}
	return a.account(ctx, p, func(ctx context.Context, c *client.Client) error {
		list, doubts := c.List(ctx)
		if doubts != nil && len(list) == 0 {
			return doubts
		}
		answer := []listed{}
		for _, l := range list {
			answer = append(answer, listedOf(l))
		}
		halves, halfDoubts := p.unfinished(ctx, c, "")
		doubts = cmp.Or(doubts, halfDoubts)
		err := p.tell(map[string]any{"testimonies": answer, "unfinished": halves}, func(out *screen) { showList(out, answer, halves) })
		if doubts != nil {
			return doubts
		}
		return err
	})
}

func showList(out *screen, all []listed, halves []halfway) {
	if len(all) == 0 {
		out.sayf("Nothing is here yet. Store something: testimony add new FILE\n" +
			"If something should be here, check your words: other words open another, empty place.\n")
	}
	if len(all) > 0 && all[0].Readable {
		out.sayf("%s\n", couldRead)
	}
	for _, l := range all {
		out.sayf("%s  %s  %s  %s\n", l.Testimony, day(l.Day), parts(l.Parts), l.Title)
		if l.Doubt != "" {
			out.sayf("    Careful: %s\n", l.Doubt)
		}
		showHalves(out, slices.DeleteFunc(slices.Clone(halves), func(h halfway) bool { return h.Testimony != l.Testimony }))
	}
}
