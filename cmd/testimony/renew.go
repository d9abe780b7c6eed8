package main

import (
	"context"
	"flag"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
)

func renewCommand() command {
	return command{
		name: "renew", args: "[TESTIMONY] GRANT", brief: "let a reader go on, on the same terms or others",
		about: `Shows you who the reader is and what they would promise from now on, and asks you.
What you do not name stays as it is, but for the end: twelve months from today, if
that is later. It is also how you say yes to what a reader asks. The stewards must
vouch for the reader now. A grant that is over already is made anew, of the same
parts.

testimony help terms explains purposes, attribution and what is forbidden.`,
		make: func() action { return new(renew) },
	}
}

type renew struct {
	connection
	termFlags
	yes bool
}

func (a *renew) flags(f *flag.FlagSet) {
	a.connection.flags(f)
	a.termFlags.flags(f)
	f.Var(&a.lift, "lift", "allow one `USE` that is forbidden otherwise; can be repeated")
	f.BoolVar(&a.yes, "yes", false, "do not ask")
}

func (a *renew) run(ctx context.Context, p *program, args []string) error {
	which, err := grantOf(args)
	if err != nil {
		return err
	}
	return a.account(ctx, p, func(limited context.Context, c *client.Client) error {
		t, g, err := which.find(limited, c)
		if err != nil {
			return err
		}
		next, err := c.Renew(limited, client.Renewal{Testimony: t, Grant: g, Terms: a.over,
			Agree: func(r *client.Researcher, _, after api.Terms) error {
				p.clocks(c)
				p.introduceAgain(r, after)
				return p.agree(ctx, a.yes, "Let them go on?")
			}})
		if err != nil {
			return err
		}
		return p.renewed(g, next)
	})
}

func (p *program) introduceAgain(r *client.Researcher, terms api.Terms) {
	p.readerCard(r)
	p.err.sayf("From now on they would promise:\n")
	p.termLines(p.err, terms)
	p.err.sayf("You see every opening, and can take it back at any time. What they have opened until then stays with them.\n")
}

func (p *program) renewed(old api.ID, g *client.Grant) error {
	answer := struct {
		Grant  api.ID      `json:"grant"`
		Reader api.Account `json:"reader"`
		Name   string      `json:"name"`
		Terms  api.Terms   `json:"terms"`
	}{g.ID, g.Reader.Account, g.Reader.Name, g.Terms}
	return p.tell(answer, func(out *screen) {
		out.sayf("%s (%s) can go on until the end of %s.\n", g.Reader.Name, g.Reader.Institution, lastDay(g.Terms.Until))
		if g.ID != old {
			out.sayf("The old grant was over, so this is a new one.\n")
		}
		out.sayf("Grant %s\nTo take it back: testimony revoke %s\n", g.ID, g.ID)
	})
}

func narrowCommand() command {
	return command{
		name: "narrow", args: "[TESTIMONY] GRANT", brief: "take back part of what a grant allows, at once",
		about: `Names what is no longer allowed; everything else stays. It needs no reason and
nobody's consent, and it asks nothing. When this returns, the vault gives out
nothing that the new terms do not allow; downloads that were under way have been
cut. What has been opened before stays with the reader, on the new terms. Allowing
more is testimony renew.

  testimony narrow GRANT --attribution off-the-record --until 2026-12-31`,
		make: func() action { return new(narrow) },
	}
}

type narrow struct {
	connection
	termFlags
}

func (a *narrow) flags(f *flag.FlagSet) {
	a.connection.flags(f)
	a.termFlags.flags(f)
}

// less is over, for somebody who named something.
func (a *narrow) less(now api.Terms) (api.Terms, error) {
	next, err := a.over(now)
	if err == nil && next.Equal(now) {
		err = usage("nothing changes by that: name what is no longer allowed, such as --attribution off-the-record")
	}
	return next, err
}

func (a *narrow) run(ctx context.Context, p *program, args []string) error {
	which, err := grantOf(args)
	if err != nil {
		return err
	}
	return a.account(ctx, p, func(ctx context.Context, c *client.Client) error {
		t, g, err := which.find(ctx, c)
		if err != nil {
			return err
		}
		terms, err := c.Narrow(ctx, t, g, a.less)
		if err != nil {
			return err
		}
		answer := struct {
			Grant api.ID    `json:"grant"`
			Terms api.Terms `json:"terms"`
		}{g, terms}
		return p.tell(answer, func(out *screen) {
			out.sayf("From now on the reader of grant %s promises:\n", g)
			p.termLines(out, terms)
		})
	})
}
