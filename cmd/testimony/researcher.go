package main

import (
	"context"
	"errors"
	"flag"

	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/statement"
)

func researcherEnrolCommand() command {
	return command{
		name: "researcher enrol", args: "--name … --institution … --purpose …", brief: "make your words, open an account and apply",
		about: `Opens a researcher's account and applies to the vault's stewards with your name,
institution and purpose, which are signed over your key and shown to everybody
whom you ask for access. Tell the stewards your account in another way too. Until
enough of them have vouched for you, nobody can let you in.

To apply anew, after a change of name, institution or purpose: the same with
--existing. It voids what was vouched for before.`,
		make: func() action { return new(researcherEnrol) },
	}
}

type researcherEnrol struct {
	newcomer
	name, institution, purpose string
}

func (a *researcherEnrol) flags(f *flag.FlagSet) {
	a.newcomer.flags(f)
	f.StringVar(&a.name, "name", "", "your `NAME`")
	f.StringVar(&a.institution, "institution", "", "where you work, `TEXT`")
	f.StringVar(&a.purpose, "purpose", "", "what you want to read for, `TEXT`")
}

func (a *researcherEnrol) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 0, 0); err != nil {
		return err
	}
	if a.name == "" || a.institution == "" || a.purpose == "" {
		return usage("say who you are: --name, --institution and --purpose")
	}
	return a.enrol(ctx, p, func(ctx context.Context, c *client.Client) error {
		if err := c.Enrol(ctx, statement.Researcher, a.invitation); err != nil {
			return err
		}
		if err := c.Apply(ctx, a.name, a.institution, a.purpose); err != nil {
			p.err.sayf("The account %s is open. Apply again with --existing.\n", c.Account())
			return err
		}
		return p.welcome(c, a.out, func(out *screen) {
			out.sayf("The stewards have your application. Give them this account by another way too.\n")
		})
	})
}

func inboxCommand() command {
	return command{
		name: "researcher inbox", brief: "show what you have been let into",
		about: `Shows each grant, with the promises that come with it. Every grant has been
verified: signed by the person it names, for you and your key. Looking here is no
opening and is not recorded as one.`,
		make: func() action { return new(inbox) },
	}
}

type inbox struct{ connection }

func (a *inbox) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 0, 0); err != nil {
		return err
	}
	return a.account(ctx, p, func(ctx context.Context, c *client.Client) error {
		all, err := c.Inbox(ctx)
		if err != nil {
			return err
		}
		answer := []received{}
		var doubts error
		for _, r := range all {
			if r.Err != nil {
				doubts = errors.Join(doubts, r.Err)
			}
			one := receivedOf(r)
			nameBringers(ctx, c, r, one.Brought)
			answer = append(answer, one)
		}
		err = p.tell(map[string]any{"grants": answer}, func(out *screen) { showInbox(out, all, answer) })
		return errors.Join(doubts, err)
	})
}

func showInbox(out *screen, all []*client.Received, shown []received) {
	if len(all) == 0 {
		out.sayf("Nobody has let you in so far.\n")
	}
	for i, r := range all {
		if r.Err != nil {
			out.sayf("grant %s\n  Careful: %s\n", r.ID, r.Err)
			continue
		}
		out.sayf("grant %s: %s, %s\n  from %s\n  You promise:\n", r.ID, partList(r.Parts), stateWords(r.State, r.Terms), r.From)
		for _, t := range termsInWords(r.Terms) {
			out.sayf("    %s\n", t)
		}
		if len(r.Labels) > 0 {
			out.sayf("  She says that it holds: %s.\n", sayLabels(r.Labels))
		}
		showCame(out, shown[i].Brought)
		if a := r.Answer; a != nil && a.Answer == statement.Refused {
			out.sayf("  To your request they said no.\n")
		} else if a != nil {
			out.sayf("  To your request they said: not before %s.\n", day(a.Until))
		}
	}
}
