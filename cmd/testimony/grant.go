package main

import (
	"context"
	"errors"
	"flag"
	"strings"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
)

func grantCommand() command {
	return command{
		name: "grant", args: "TESTIMONY --to ACCOUNT --parts 1,2", brief: "let a reader open some parts",
		about: `Shows you who the reader is, who vouches for them, and what they promise, and
asks you. Nothing is shared before you have said yes, and nothing but the parts
that you name. What you leave open is decided to protect you: twelve months,
listening only, no copy, everything forbidden that can be. You can take a grant
back at any time; what has been opened until then stays with the reader.

Readers and their accounts: testimony readers. Ask the reader in another way, by
telephone for example, to read out the account: the vault's stewards vouch for
the name, and only you can know whom you mean.

testimony help terms explains purposes, attribution and what is forbidden.`,
		make: func() action { return new(grant) },
	}
}

type grant struct {
	connection
	termFlags
	to, parts string
	yes       bool
}

func (a *grant) flags(f *flag.FlagSet) {
	a.connection.flags(f)
	f.StringVar(&a.to, "to", "", "`ACCOUNT` of the reader")
	f.StringVar(&a.parts, "parts", "", "the `PARTS` to open, such as 1,2")
	f.Var(&a.purposes, "purpose", "a `PURPOSE`; can be repeated; BeingHeard if you name none")
	f.StringVar(&a.attribution, "attribution", "listen-only", "how it may be repeated, a `WORD`; listen-only if you name none")
	f.StringVar(&a.access, "access", "view", "may they only look, or keep a copy: `view|download`")
	f.StringVar(&a.from, "from", "", "first `DATE`, such as 2026-11-23; today if you name none")
	f.StringVar(&a.until, "until", "", "last `DATE`; twelve months if you name none")
	f.Var(&a.lift, "lift", "allow one `USE` that is forbidden otherwise; can be repeated")
	f.Int64Var(&a.maxReads, "max-reads", 0, "how often each part may be opened, a `NUMBER`; as often as needed if you name none")
	f.BoolVar(&a.onward, "onward", false, "the reader may pass it on, for the same purposes")
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
			return p.agree(ctx, a.yes, "Let them open it?")
		}
		g, err := c.Grant(limited, offer)
		if errors.Is(err, client.ErrNotFound) && !known {
			return errUnvouched
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
	o.Terms, err = a.terms()
	return o, err
}

// introduce is the card of a reader: who, from where, why, who vouches, until
// when, and what they promise. What no steward signed is not on it.
func (p *program) introduce(r *client.Researcher, parts []int64, terms api.Terms) {
	out := p.err
	out.sayf("This is who asks:\n  %s\n  of %s\n  who says: %s\n", r.Name, r.Institution, r.Purpose)
	out.sayf("  account %s\n", r.Account)
	out.sayf("  vouched for by %s, to the end of %s\n", strings.Join(r.Vouched, " and "), lastDay(r.Until))
	out.sayf("You would let them open %s of this testimony. They promise:\n", partList(parts))
	for _, t := range termsInWords(terms) {
		out.sayf("  %s\n", t)
	}
	out.sayf("You see every opening, and can take it back at any time. What they have opened until then stays with them.\n")
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
		out.sayf("To take it back: testimony revoke %s\n", g.ID)
	})
}
