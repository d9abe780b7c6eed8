package main

import (
	"context"
	"flag"
	"os"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/canonical"
)

func consultationOpenCommand() command {
	return command{
		name: "consultation open", args: "FILE", brief: "open a consultation, as an officer",
		about: `FILE is JSON: {"names":[{"language","text"}], "prompts":[{"language","texts":[]}],
"purposes":[], "terms":{"attribution","access","days"}, "support":[{"language",
"text"}]}, in the same languages throughout, sorted. Prompts are open questions.
Whoever has its number can read it before she tells anything.`,
		make: func() action { return new(consultationOpen) },
	}
}

type consultationOpen struct {
	officer
	until string
}

func (a *consultationOpen) flags(f *flag.FlagSet) {
	a.connection.flags(f)
	f.StringVar(&a.until, "until", "", "last `DATE`, within two years")
}

func (a *consultationOpen) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 1, 1); err != nil {
		return err
	}
	until, err := endFlag("until", a.until)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(args[0])
	if err != nil {
		return usage("%s", err)
	}
	call := new(client.Call)
	if err := canonical.Request(text, call); err != nil {
		return usage("%s is no consultation: testimony help consultation open", args[0])
	}
	if _, err := call.Document(); err != nil {
		return usage("%s", err)
	}
	return a.own(ctx, p, func(ctx context.Context, c *client.Client, of *client.Organisation) error {
		name, err := c.OpenConsultation(ctx, of.Partner, call, until)
		if err != nil {
			return err
		}
		return p.tell(map[string]any{"consultation": name}, func(out *screen) {
			out.sayf("Consultation %s is open until the end of %s.\n", name, lastDay(until))
		})
	})
}

func consultationShowCommand() command {
	return command{
		name: "consultation show", args: "CONSULTATION", brief: "read what a consultation asks",
		about: `What is asked, for what, on which suggested terms, and where support is, in its
languages; and how many took part: rounded, noised, the same for everybody who
asks. It needs no account.`,
		make: func() action { return new(consultationShow) },
	}
}

type consultationShow struct{ connection }

func (a *consultationShow) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 1, 1); err != nil {
		return err
	}
	name, err := nameOf("a consultation", args[0])
	if err != nil {
		return err
	}
	return a.nobody(ctx, p, func(ctx context.Context, c *client.Client) error {
		one, err := c.Consultation(ctx, name)
		if err != nil {
			return err
		}
		counts, err := c.ConsultationCounts(ctx, name)
		if err != nil {
			return err
		}
		return p.tell(map[string]any{"consultation": one.ID, "partner": one.Partner, "until": one.Until, "call": one.Call, "counts": counts},
			func(out *screen) { showCall(out, one, counts) })
	})
}

func showCall(out *screen, one *client.Consultation, counts *api.ConsultationCounts) {
	out.sayf("consultation %s of partner %s, until the end of %s\n", one.ID, one.Partner, lastDay(one.Until))
	for i, name := range one.Call.Names {
		out.sayf("%s: %s\n", name.Language, name.Text)
		for _, prompt := range one.Call.Prompts[i].Texts {
			out.sayf("  %s\n", prompt)
		}
		out.sayf("  %s\n", one.Call.Support[i].Text)
	}
	out.sayf("For: %s\n", english().Purposes(one.Call.Purposes))
	if counts.Brought == 0 {
		out.sayf("Fewer than ten took part, or nobody says how many.\n")
		return
	}
	out.sayf("About %d took part.\n", counts.Brought)
}
