package main

import (
	"context"
	"flag"
	"slices"
	"strings"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/statement"
)

func agreeCommand() command {
	return command{
		name: "steward agree", args: "[PARTNER]", brief: "agree with a partner organisation",
		about: `Shows the agreement and asks you. You sign exactly what you are shown: the
organisation, its officers, what its programs may do, and the term. It counts when
as many stewards as the roster demands have signed the same, and takes the place
of the partner's earlier agreements from its beginning on, for good.

A new partner, or a new agreement with one: give --name, --officer (two at least,
accounts that enrolled as a partner), --scopes and --until. With PARTNER alone you
sign what another steward has signed and waits for more. Scopes are collect,
consult, deliver, follow, hooks, register, with commas between. Officers can end a key of
their programs, and two of them together register one: hear each one's account
from them in another way.`,
		make: func() action { return new(agreeing) },
	}
}

type agreeing struct {
	connection
	name, scopes, until string
	officers            list
	yes                 bool
}

func (a *agreeing) flags(f *flag.FlagSet) {
	a.connection.flags(f)
	f.StringVar(&a.name, "name", "", "`NAME` of the organisation")
	f.Var(&a.officers, "officer", "`ACCOUNT` of an officer; give it for each")
	f.StringVar(&a.scopes, "scopes", "", "what its programs may do, `LIST`; see above")
	f.StringVar(&a.until, "until", "", "last `DATE`, at most two years away")
	f.BoolVar(&a.yes, "yes", false, "do not ask")
}

func scopeNames() (out []string) {
	for _, s := range statement.Scopes() {
		out = append(out, string(s))
	}
	return out
}

func scopesOf(text string) (out []api.Scope, err error) {
	for w := range strings.SplitSeq(text, ",") {
		s := api.Scope(strings.TrimSpace(w))
		if !slices.Contains(statement.Scopes(), s) {
			return nil, usage("--scopes: %q is none of %s", w, strings.Join(scopeNames(), ", "))
		}
		out = append(out, s)
	}
	return out, nil
}

func (a *agreeing) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 0, 1); err != nil {
		return err
	}
	proposal, err := a.proposal(p, args)
	if err != nil {
		return err
	}
	return a.steward(ctx, p, func(limited context.Context, c *client.Client) error {
		if proposal.Name == "" {
			if proposal, err = waiting(limited, c, proposal.Partner); err != nil {
				return err
			}
		} else if proposal.From, err = today(limited, c); err != nil {
			return err
		}
		p.clocks(c)
		p.introducePartner(proposal)
		if err := p.agree(ctx, a.yes, "Do you agree?"); err != nil {
			return err
		}
		result, err := c.AgreeWith(limited, proposal)
		if err != nil {
			return err
		}
		answer := struct {
			Partner api.ID `json:"partner"`
			*api.Agreement
		}{proposal.Partner, result}
		return p.tell(answer, func(out *screen) { showAgreement(out, proposal, result) })
	})
}

// proposal is what the flags say; without them only the partner.
func (a *agreeing) proposal(p *program, args []string) (client.Agreement, error) {
	var out client.Agreement
	var err error
	if len(args) == 1 {
		if out.Partner, err = partnerID(args[0]); err != nil {
			return out, err
		}
	}
	given := a.name != "" || a.scopes != "" || a.until != "" || len(a.officers) > 0
	switch {
	case !given && out.Partner == "":
		return out, usage("say with whom: --name, --officer, --scopes and --until, or the id of a partner whose agreement waits")
	case !given:
		return out, nil
	case a.name == "" || a.scopes == "" || a.until == "" || len(a.officers) < statement.MinOfficers:
		return out, usage("an agreement needs --name, two times --officer, --scopes and --until")
	case out.Partner == "":
		if out.Partner, err = client.NewID(p.rand); err != nil {
			return out, err
		}
	}
	out.Name = a.name
	for _, o := range a.officers {
		account, err := accountOf(o)
		if err != nil {
			return out, err
		}
		out.Officers = append(out.Officers, account)
	}
	if out.Scopes, err = scopesOf(a.scopes); err != nil {
		return out, err
	}
	out.Until, err = endFlag("until", a.until)
	return out, err
}

// today is the beginning of the vault's day, which is known after the first signed
// call.
func today(ctx context.Context, c *client.Client) (int64, error) {
	_, err := c.Head(ctx)
	return statement.DayOf(c.Time()), err
}

// waiting finds the agreement that others have signed and that does not count yet.
func waiting(ctx context.Context, c *client.Client, partner api.ID) (client.Agreement, error) {
	all, err := c.PartnerOf(ctx, partner)
	if err != nil {
		return client.Agreement{}, err
	}
	for _, o := range all {
		if !o.Approved && !o.Halted && c.Time().Unix() < o.Until {
			return o.Agreement, nil
		}
	}
	return client.Agreement{}, usage("no agreement of this partner waits for stewards: testimony steward partners shows them")
}

func (p *program) introducePartner(a client.Agreement) {
	p.err.sayf("You would agree with:\n  %s\n  partner %s\n  from %s to the end of %s\n  its programs may: %s\n", a.Name, a.Partner, day(a.From), lastDay(a.Until), scopeList(a.Scopes))
	for _, o := range a.Officers {
		p.err.sayf("  officer %s\n", o)
	}
	p.err.sayf("Have you spoken with its officers, and heard their accounts from them in another way?\n")
}

func scopeList(list []api.Scope) string {
	words := make([]string, len(list))
	for i, s := range list {
		words[i] = string(s)
	}
	return strings.Join(words, ", ")
}

func showAgreement(out *screen, a client.Agreement, r *api.Agreement) {
	out.sayf("Partner %s, agreement %s.\n", a.Partner, r.Agreement)
	if r.Effective {
		out.sayf("The agreement counts: %d of %d stewards have signed it.\n", r.Approvals, r.Threshold)
		return
	}
	out.sayf("Your word counts: %d of %d stewards. The others sign it with: testimony steward agree %s\n", r.Approvals, r.Threshold, a.Partner)
}

func haltCommand() command {
	return command{
		name: "steward halt", args: "PARTNER", brief: "stop a partner organisation, at once",
		about: `One steward is enough. From the next request on none of the partner's programs is
let in, and invitations that it gave are void; agreements that were signed in advance
are halted too. What it brought stays where it is. It cannot be undone: the stewards
can agree anew.`,
		make: func() action { return new(halting) },
	}
}

type halting struct{ connection }

func (a *halting) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 1, 1); err != nil {
		return err
	}
	partner, err := partnerID(args[0])
	if err != nil {
		return err
	}
	return a.steward(ctx, p, func(ctx context.Context, c *client.Client) error {
		if _, err := c.Head(ctx); err != nil {
			return err
		}
		n, err := c.HaltPartner(ctx, partner)
		if err != nil {
			return err
		}
		return p.tell(map[string]any{"partner": partner, "halted": n}, func(out *screen) {
			if n == 0 {
				out.sayf("There was nothing to halt: no agreement of this partner counts, or will.\n")
				return
			}
			out.sayf("Halted. No program of %s is let in any more.\n", partner)
		})
	})
}

func partnersCommand() command {
	return command{
		name: "steward partners", brief: "show the partner organisations and their agreements",
		about: `Each agreement has been verified: how it stands follows from the stewards'
signatures, not from what the vault says.`,
		make: func() action { return new(partners) },
	}
}

type partners struct{ connection }

type partnerShown struct {
	Partner   api.ID        `json:"partner"`
	Agreement api.Hash      `json:"agreement"`
	Name      string        `json:"name"`
	Officers  []api.Account `json:"officers"`
	Scopes    []api.Scope   `json:"scopes"`
	From      int64         `json:"from"`
	Until     int64         `json:"until"`
	State     string        `json:"state"` // in force, waiting, halted, over, to begin
	Vouched   []string      `json:"stewards"`
}

func (a *partners) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 0, 0); err != nil {
		return err
	}
	return a.steward(ctx, p, func(ctx context.Context, c *client.Client) error {
		list, err := c.Partners(ctx)
		if err != nil {
			return err
		}
		answer := []partnerShown{}
		for _, o := range list {
			answer = append(answer, partnerShown{o.Partner, o.Hash, o.Name, o.Officers, o.Scopes, o.From, o.Until, stateOf(o, c.Time().Unix()), append([]string{}, o.Vouched...)})
		}
		return p.tell(map[string]any{"agreements": answer}, func(out *screen) {
			if len(answer) == 0 {
				out.sayf("There is no partner.\n")
			}
			for _, s := range answer {
				out.sayf("%s\n  %s\n  %s, from %s to the end of %s\n  its programs may: %s\n  stewards who signed: %s\n", s.Partner, s.Name, s.State, day(s.From), lastDay(s.Until), scopeList(s.Scopes), strings.Join(s.Vouched, ", "))
			}
		})
	})
}

func stateOf(o *client.Organisation, now int64) string {
	switch {
	case o.Halted:
		return "halted"
	case now >= o.Until:
		return "over"
	case !o.Approved:
		return "waiting"
	case now < o.From:
		return "to begin"
	}
	return "in force"
}

func partnerID(text string) (api.ID, error) {
	v, err := id.Parse(text)
	if err != nil {
		return "", usage("%q is not the id of a partner: it has 26 letters and digits", text)
	}
	return v, nil
}
