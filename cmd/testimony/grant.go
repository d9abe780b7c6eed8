package main

import (
	"context"
	"errors"
	"flag"
	"slices"
	"strings"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/statement"
)

func grantCommand() command {
	return command{
		name: "grant", args: "TESTIMONY --to ACCOUNT --parts 1,2", brief: "let a reader open some parts",
		about: `Shows you who the reader is, who vouches for them, and what they promise, and
asks you. Nothing is shared before you have said yes, and nothing but the parts
that you name. What you leave open is decided to protect you: twelve months from
today, listening only, no copy, no place, everything forbidden that can be. You can
narrow a grant or take it back at any time; what has been opened until then stays
with the reader.

Readers and their accounts: testimony readers. Ask the reader in another way, by
telephone for example, to read out the account: the vault's stewards vouch for
the name, and only you can know whom you mean.

Of what a partner brought you, the reader always sees how it came. Which organisation
it was, and when, is seen only with --name-partner: it can tell where you have been.

With --holds you can tell the reader, and only the reader, before anything is opened
what is in it: violence, sexual-violence, death, torture, self-harm, children-harmed,
with commas between. Readers are people too. Without it nothing is said.

testimony help terms explains purposes, attribution and what is forbidden.`,
		make: func() action { return new(grant) },
	}
}

type grant struct {
	connection
	termFlags
	to, parts string
	policy    string
	holds     string
	name      bool
	yes       bool
}

func (a *grant) flags(f *flag.FlagSet) {
	a.connection.flags(f)
	f.StringVar(&a.to, "to", "", "`ACCOUNT` of the reader")
	f.StringVar(&a.parts, "parts", "", "the `PARTS` to open, such as 1,2")
	a.termFlags.flags(f)
	f.Var(&a.lift, "lift", "allow one `USE` that is forbidden otherwise; can be repeated")
	f.StringVar(&a.policy, "policy", "", "not before this `POLICY` is fulfilled: see testimony help policy set")
	f.StringVar(&a.holds, "holds", "", "`WORDS` for what is in it, told to the reader before opening, such as violence,death")
	f.BoolVar(&a.name, "name-partner", false, "let them see which organisation brought it to you, and when")
	f.BoolVar(&a.yes, "yes", false, "do not ask")
}

func (a *grant) run(ctx context.Context, p *program, args []string) error {
	offer, err := a.offer(args)
	if err != nil {
		return err
	}
	return a.account(ctx, p, func(limited context.Context, c *client.Client) error {
		known := false
		offer.Agree = func(r *client.Researcher, terms api.Terms) error {
			known = true
			p.clocks(c)
			p.introduce(r, offer.Parts, terms)
			if offer.Policy != "" {
				p.err.sayf("They are not let in before policy %s is fulfilled: testimony policy list shows it.\n", offer.Policy)
			}
			if len(offer.Labels) > 0 {
				p.err.sayf("Before they open it, they see that it holds: %s.\n", sayLabels(offer.Labels))
			}
			p.bringers(limited, c, offer)
			p.safer(limited, c, offer.Testimony, offer.Parts)
			return p.agree(ctx, a.yes, "Let them open it?")
		}
		g, err := c.Grant(limited, offer)
		if errors.Is(err, client.ErrNotFound) && !known {
			return errUnvouched
		}
		if errors.Is(err, client.ErrNotFound) {
			return mistake{exitNotFound, err.Error() + ". Nothing was shared: testimony show " + string(offer.Testimony) + " lists the parts"}
		}
		if err != nil {
			return err
		}
		return p.granted(g, offer)
	})
}

var errUnvouched = mistake{exitNotFound, "no steward vouches for that account: nothing was shared. Look whether it is right: testimony readers"}

func (a *grant) offer(args []string) (o client.Offer, err error) {
	if err := takes(args, 1, 1); err != nil {
		return o, err
	}
	if a.to == "" || a.parts == "" {
		return o, usage("say who and what: --to ACCOUNT --parts 1,2")
	}
	if o.Testimony, err = testimonyID(args[0]); err != nil {
		return o, err
	}
	if o.To, err = accountOf(a.to); err != nil {
		return o, err
	}
	if o.Parts, err = partNumbers(a.parts); err != nil {
		return o, err
	}
	if a.policy != "" {
		if o.Policy, err = policyID(a.policy); err != nil {
			return o, err
		}
	}
	if o.Labels, err = contentLabels(a.holds); err != nil {
		return o, err
	}
	o.NamePartner = a.name
	o.Terms, err = a.over(api.Terms{Prohibited: statement.Prohibitions()})
	return o, err
}

// bringers says what the reader is told of parts that a partner brought. What does not
// hold is for Grant to refuse.
func (p *program) bringers(ctx context.Context, c *client.Client, o client.Offer) {
	shown, err := c.Show(ctx, o.Testimony)
	if err != nil {
		return
	}
	for _, d := range shown.Details {
		if d.Brought == nil || !slices.Contains(o.Parts, d.N) {
			continue
		}
		who := "and not which organisation brought it; --name-partner shows that too"
		if o.NamePartner {
			who = "and that partner " + string(d.Brought.Partner) + " brought it, and when"
		}
		p.err.sayf("Part %d was brought to you. They see how it came, %s.\n  %s\n", d.N, who, assuranceWords(d.Brought.Assurance, d.Brought.Claimed))
	}
}

// introduce is the card of a reader: who, from where, why, who vouches, until
// when, and what they promise. What no steward signed is not on it.
func (p *program) introduce(r *client.Researcher, parts []int64, terms api.Terms) {
	out := p.err
	p.readerCard(r)
	out.sayf("You would let them open %s of this testimony. They promise:\n", partList(parts))
	p.termLines(out, terms)
	out.sayf("You see every opening, and can take it back at any time. What they have opened until then stays with them.\n")
}

func (p *program) readerCard(r *client.Researcher) {
	p.err.sayf("This is who asks:\n  %s\n  of %s\n  who says: %s\n", r.Name, r.Institution, r.Purpose)
	p.err.sayf("  account %s\n", r.Account)
	p.err.sayf("  vouched for by %s, to the end of %s\n", strings.Join(r.Vouched, " and "), lastDay(r.Until))
}

// termLines shows terms, a line each.
func (p *program) termLines(out *screen, terms api.Terms) {
	for _, t := range termsInWords(terms) {
		out.sayf("  %s\n", t)
	}
}

func (p *program) granted(g *client.Grant, o client.Offer) error {
	answer := struct {
		Grant  api.ID      `json:"grant"`
		Reader api.Account `json:"reader"`
		Name   string      `json:"name"`
		Parts  []int64     `json:"parts"`
		Terms  api.Terms   `json:"terms"`
	}{g.ID, g.Reader.Account, g.Reader.Name, o.Parts, g.Terms}
	return p.tell(answer, func(out *screen) {
		out.sayf("%s (%s) can open %s until the end of %s.\nGrant %s\n",
			g.Reader.Name, g.Reader.Institution, partList(o.Parts), lastDay(g.Terms.Until), g.ID)
		if o.Policy != "" {
			out.sayf("But not before policy %s is fulfilled.\n", o.Policy)
		}
		out.sayf("To take it back: testimony revoke %s\n", g.ID)
	})
}
