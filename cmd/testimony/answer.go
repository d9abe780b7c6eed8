package main

import (
	"context"
	"flag"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/statement"
)

func answerCommand() command {
	return command{
		name: "answer", args: "[TESTIMONY] GRANT --refuse | --not-now DATE", brief: "say no, or not now, to what a reader asks",
		about: `Readers can ask you to renew what you let them into; testimony show shows what is
asked. You owe nobody an answer. No means that you are not asked about this grant
again, unless you renew it yourself. Not now means that you are not asked again
before your date. The reader sees your answer; the grant stays as it is. Yes is
testimony renew.`,
		make: func() action { return new(answer) },
	}
}

type answer struct {
	connection
	refuse bool
	notNow string
}

func (a *answer) flags(f *flag.FlagSet) {
	a.connection.flags(f)
	f.BoolVar(&a.refuse, "refuse", false, "no")
	f.StringVar(&a.notNow, "not-now", "", "do not ask me before `DATE`, such as 2027-03-01")
}

func (a *answer) run(ctx context.Context, p *program, args []string) error {
	which, err := grantOf(args)
	if err != nil {
		return err
	}
	if a.refuse == (a.notNow != "") {
		return usage("say --refuse or --not-now DATE; yes is testimony renew")
	}
	until := int64(0)
	if a.notNow != "" {
		if until, err = dayFlag("not-now", a.notNow); err != nil {
			return err
		}
	}
	return a.account(ctx, p, func(ctx context.Context, c *client.Client) error {
		t, g, err := which.find(ctx, c)
		if err != nil {
			return err
		}
		if a.refuse {
			err = c.Refuse(ctx, t, g)
		} else {
			err = c.NotNow(ctx, t, g, until)
		}
		if err != nil {
			return err
		}
		return p.answered(g, until)
	})
}

func (p *program) answered(g api.ID, until int64) error {
	said := struct {
		Grant  api.ID `json:"grant"`
		Answer string `json:"answer"`
		Until  int64  `json:"until"`
	}{g, statement.Refused, until}
	if until != 0 {
		said.Answer = statement.Deferred
	}
	return p.tell(said, func(out *screen) {
		if until == 0 {
			out.sayf("You said no. You are not asked about grant %s again, unless you renew it.\n", g)
			return
		}
		out.sayf("You said: not now. You are not asked about grant %s before %s.\n", g, day(until))
	})
}

func researcherAskCommand() command {
	return command{
		name: "researcher ask", args: "GRANT", brief: "ask the person to renew what you have been let into",
		about: `Asks for a renewal of one grant, until a date and for purposes that you name. The
person decides whether and when they are asked at all: you get the same answer from
the vault whatever they have set, and no answer from them is an answer. Of one grant
one request waits; a new one takes its place.`,
		make: func() action { return new(researcherAsk) },
	}
}

type researcherAsk struct {
	connection
	terms termFlags
}

func (a *researcherAsk) flags(f *flag.FlagSet) {
	a.connection.flags(f)
	f.Var(&a.terms.purposes, "purpose", "a `PURPOSE`; can be repeated; those of now if you name none")
	f.StringVar(&a.terms.until, "until", "", "last `DATE`; twelve months if you name none")
}

func (a *researcherAsk) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 1, 1); err != nil {
		return err
	}
	g, err := grantID(args[0])
	if err != nil {
		return err
	}
	wish, err := a.terms.over(api.Terms{})
	if err != nil {
		return err
	}
	return a.account(ctx, p, func(ctx context.Context, c *client.Client) error {
		if err := c.AskToRenew(ctx, g, wish.Purposes, wish.Until); err != nil {
			return err
		}
		return p.tell(map[string]any{"grant": g}, func(out *screen) {
			out.sayf("Your request is signed and kept. When the person sees it is theirs to decide.\n")
		})
	})
}
