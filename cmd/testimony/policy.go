package main

import (
	"context"
	"errors"
	"flag"
	"fmt"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
)

func policySetCommand() command {
	return command{
		name: "policy set", args: "TESTIMONY --to ACCOUNT [--trustee ACCOUNT …] [--silence DAYS]", brief: "say what has to happen before a reader is let in",
		about: `People you trust (--trustee, two or more), or your own silence (--silence), or
your silence first and then they. It lets nobody in by itself: testimony grant
with --policy does, and nothing is given out before what you say here has happened.

With trustees, the parts are sealed to a key that this program makes, cuts into
shares, one for each trustee, and forgets. So many of them as --threshold says can
make it again, and only together, for this reader; fewer of them learn nothing, and
the people who run the vault nothing at all. Each trustee finds it with testimony
trustee list and can agree or decline. Have every trustee read their account out to
you, on the telephone for example: testimony trustee offer shows it to them. If you
were told another account than theirs, somebody else holds their share.

With silence, the vault counts the days on which you sign nothing. After --silence
days your notice begins, which you see whenever you use this program; for --wait
days more you can still say no. Any act of yours counts as a word from you;
testimony check-in is one that does nothing else. The vault's clock counts, and the
vault's word: only trustees make it sure that nobody is let in while you are there.

The reader must still be vouched for when it opens, and the grant's term must reach
that far: look at both when you check in.`,
		make: func() action { return new(policySet) },
	}
}

type policyFlags struct {
	to        string
	trustees  list
	threshold int
	silence   int
	wait      int
	note      string
	yes       bool
}

func (o *policyFlags) flags(f *flag.FlagSet) {
	f.StringVar(&o.to, "to", "", "`ACCOUNT` of the reader")
	f.Var(&o.trustees, "trustee", "`ACCOUNT` of somebody you trust, as they read it out to you; can be repeated")
	f.IntVar(&o.threshold, "threshold", 2, "how many trustees must agree, `N`")
	f.IntVar(&o.silence, "silence", 0, "after so many `DAYS` without a word from you")
	f.IntVar(&o.wait, "wait", 30, "and so many `DAYS` more, in which you can say no; with --silence")
	f.StringVar(&o.note, "note", "", "`TEXT` for the trustees, sealed to them")
	f.BoolVar(&o.yes, "yes", false, "do not ask")
}

// terms reads what is to happen on a testimony.
func (o *policyFlags) terms(t api.ID) (p client.PolicyTerms, err error) {
	p = client.PolicyTerms{Testimony: t, Note: o.note}
	if o.to == "" || len(o.trustees) == 0 && o.silence == 0 {
		return p, usage("say who is let in and by what: --to ACCOUNT, and --trustee ACCOUNT (twice or more), --silence DAYS, or both")
	}
	if p.To, err = accountOf(o.to); err != nil {
		return p, err
	}
	for _, text := range o.trustees {
		who, err := accountOf(text)
		if err != nil {
			return p, err
		}
		p.Trustees = append(p.Trustees, who)
	}
	if len(p.Trustees) > 0 {
		p.Threshold = o.threshold
	}
	if p.Threshold == 1 || len(p.Trustees) < p.Threshold {
		return p, usage("at least two must agree, and at most as many as there are: name more with --trustee, or set --threshold")
	}
	if o.silence != 0 {
		p.Silence, p.Wait = o.silence, o.wait
	}
	if o.silence < 0 || p.Silence > 0 && p.Wait < 1 {
		return p, usage("--silence and --wait are numbers of days, from 1")
	}
	return p, nil
}

type policySet struct {
	connection
	policyFlags
}

func (a *policySet) flags(f *flag.FlagSet) {
	a.connection.flags(f)
	a.policyFlags.flags(f)
}

func (a *policySet) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 1, 1); err != nil {
		return err
	}
	t, err := testimonyID(args[0])
	if err != nil {
		return err
	}
	terms, err := a.terms(t)
	if err != nil {
		return err
	}
	return a.account(ctx, p, func(limited context.Context, c *client.Client) error {
		if err := p.confirmPolicy(ctx, limited, c, a.yes, terms); err != nil {
			return err
		}
		made, err := c.SetPolicy(limited, terms)
		if errors.Is(err, client.ErrNotFound) {
			return errUnknownTrustee
		}
		if err != nil {
			return err
		}
		return p.tell(policyAnswer(*made), func(out *screen) {
			out.sayf("Policy %s\nIt lets nobody in yet. To grant under it:\n  testimony grant %s --policy %s --to %s --parts …\n", made.ID, t, made.ID, made.To)
		})
	})
}

var errUnknownTrustee = mistake{exitNotFound, "there is no such testimony, or one of the trustees cannot be found: nothing was shared. Have them call testimony trustee offer, " +
	"and read the account out again"}

// confirmPolicy shows who is let in by what, and asks.
func (p *program) confirmPolicy(ctx, limited context.Context, c *client.Client, yes bool, terms client.PolicyTerms) error {
	reader, err := c.Researcher(limited, terms.To)
	if errors.Is(err, client.ErrNotFound) {
		return errUnvouched
	}
	if err != nil {
		return err
	}
	p.clocks(c)
	p.readerCard(reader)
	if opens := c.Time().Unix() + int64(terms.Silence+terms.Wait+1)*oneDay; terms.Silence > 0 && opens >= reader.Until {
		p.err.sayf("Careful: nobody vouches for them for that long. If you stay silent it will not open, unless you renew the grant once they are vouched for anew.\n")
	}
	p.err.sayf("They are let in %s.\n", conditionWords(terms.Threshold, len(terms.Trustees), terms.Silence, terms.Wait))
	for _, who := range terms.Trustees {
		p.err.sayf("  trustee %s\n", who)
	}
	if len(terms.Trustees) > 0 {
		p.err.sayf("Each trustee will see the accounts of the others and of the reader, and how long you may be silent.\n")
	}
	return p.agree(ctx, yes, "Is it right?")
}

// conditionWords says what has to happen.
func conditionWords(threshold, trustees, silence, wait int) string {
	quiet := fmt.Sprintf("when you have signed nothing for %d days, and then for %d more in which you can say no", silence, wait)
	vote := fmt.Sprintf("when %d of %d trustees let them in", threshold, trustees)
	switch {
	case threshold == 0:
		return quiet
	case silence == 0:
		return vote
	}
	return quiet + ", and then " + vote
}

func policyListCommand() command {
	return command{
		name: "policy list", args: "TESTIMONY", brief: "show what has to happen before readers are let in",
		about: `Shows each policy of a testimony, what its trustees have answered, and when your
silence would count. Who agrees or declines is the vault's word; what you said, and
to whom, was verified.`,
		make: func() action { return new(policyList) },
	}
}

type policyList struct{ connection }

func (a *policyList) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 1, 1); err != nil {
		return err
	}
	t, err := testimonyID(args[0])
	if err != nil {
		return err
	}
	return a.account(ctx, p, func(ctx context.Context, c *client.Client) error {
		all, err := c.Policies(ctx, t)
		if err != nil {
			return err
		}
		names, answer := newNames(c), []shownPolicy{}
		for _, one := range all {
			answer = append(answer, policyAnswer(one))
		}
		return p.tell(map[string]any{"policies": answer}, func(out *screen) {
			if len(all) == 0 {
				out.sayf("There is no policy on this testimony.\n")
			}
			for _, one := range all {
				showPolicy(out, one, who(names.of(ctx, one.To), one.To))
			}
		})
	})
}

func showPolicy(out *screen, p client.Policy, reader string) {
	out.sayf("policy %s\n  lets in %s,\n  %s\n", p.ID, reader, conditionWords(p.Threshold, len(p.Trustees), p.Silence, p.Wait))
	for _, t := range p.Trustees {
		out.sayf("  trustee %s %s\n", t.Account, answerWords(t))
	}
	if p.ReleaseAt > 0 {
		out.sayf("  If you sign nothing, your notice begins on %s, and your silence counts from %s.\n", moment(p.NoticeAt), moment(p.ReleaseAt))
	}
}

func answerWords(t api.Trustee) string {
	switch t.Answer {
	case api.TrusteeAgreed:
		return "has agreed"
	case api.TrusteeDeclined:
		return "has declined"
	case api.TrusteeReleased:
		return "let the reader in on " + moment(t.Released)
	}
	return "has not answered"
}

// shownPolicy is a policy as programs read it.
type shownPolicy struct {
	Policy    api.ID        `json:"policy"`
	Reader    api.Account   `json:"reader"`
	Threshold int           `json:"threshold"`
	Trustees  []api.Trustee `json:"trustees"`
	Silence   int           `json:"silence_days"`
	Wait      int           `json:"wait_days"`
	NoticeAt  int64         `json:"notice_at,omitempty"`
	ReleaseAt int64         `json:"release_at,omitempty"`
}

func policyAnswer(p client.Policy) shownPolicy {
	return shownPolicy{p.ID, p.To, p.Threshold, append([]api.Trustee{}, p.Trustees...), p.Silence, p.Wait, p.NoticeAt, p.ReleaseAt}
}

func policyReplaceCommand() command {
	return command{
		name: "policy replace", args: "TESTIMONY POLICY --to ACCOUNT …", brief: "put other trustees in the place of a policy",
		about: `Makes another policy, as policy set does, and moves the grants that stand under the
old one to it, on the same terms: a trustee can be replaced, or the silence changed,
without storing anything anew. What trustees had agreed to under the old policy is
over; the new ones are asked from the beginning, and openings are counted anew.

If it is interrupted, repeat it as it was: it goes on where it stopped.`,
		make: func() action { return new(policyReplace) },
	}
}

type policyReplace struct {
	connection
	policyFlags
}

func (a *policyReplace) flags(f *flag.FlagSet) {
	a.connection.flags(f)
	a.policyFlags.flags(f)
}

func (a *policyReplace) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 2, 2); err != nil {
		return err
	}
	t, err := testimonyID(args[0])
	if err != nil {
		return err
	}
	old, err := policyID(args[1])
	if err != nil {
		return err
	}
	terms, err := a.terms(t)
	if err != nil {
		return err
	}
	return a.account(ctx, p, func(limited context.Context, c *client.Client) error {
		if err := p.confirmPolicy(ctx, limited, c, a.yes, terms); err != nil {
			return err
		}
		made, moved, err := c.ReplacePolicy(limited, old, terms)
		if errors.Is(err, client.ErrNotFound) {
			return errUnknownTrustee
		}
		if err != nil {
			return err
		}
		return p.replaced(*made, moved)
	})
}

func (p *program) replaced(made client.Policy, moved []client.Moved) error {
	type pair struct {
		Old api.ID `json:"old"`
		New api.ID `json:"new"`
	}
	answer := struct {
		shownPolicy
		Moved []pair `json:"moved"`
	}{policyAnswer(made), []pair{}}
	for _, m := range moved {
		answer.Moved = append(answer.Moved, pair(m))
	}
	return p.tell(answer, func(out *screen) {
		out.sayf("Policy %s\n", made.ID)
		for _, m := range moved {
			out.sayf("Grant %s goes on as grant %s.\n", m.Old, m.New)
		}
	})
}
