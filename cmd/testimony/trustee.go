package main

import (
	"context"
	"errors"
	"flag"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
)

func trusteeOfferCommand() command {
	return command{
		name: "trustee offer", brief: "let those who know your account name you a trustee",
		about: `Shows your account, for you to read out to whoever wants to trust you, and lets
whoever knows it ask the vault for your key, which takes part in that. Until you do
so, nobody learns from the vault that your account is there. --end ends it; those who
have named you already are not affected.`,
		make: func() action { return new(trusteeOffer) },
	}
}

type trusteeOffer struct {
	connection
	end bool
}

func (a *trusteeOffer) flags(f *flag.FlagSet) {
	a.connection.flags(f)
	f.BoolVar(&a.end, "end", false, "nobody can name you from now on")
}

func (a *trusteeOffer) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 0, 0); err != nil {
		return err
	}
	return a.account(ctx, p, func(ctx context.Context, c *client.Client) error {
		if err := c.Introduce(ctx, !a.end); err != nil {
			return err
		}
		return p.tell(map[string]any{"account": c.Account(), "open": !a.end}, func(out *screen) {
			if a.end {
				out.sayf("Nobody can name you from now on.\n")
				return
			}
			out.sayf("Read this account out to whoever wants to trust you, and to nobody else:\n  %s\nWhen they have named you: testimony trustee offer --end\n", c.Account())
		})
	})
}

func trusteeListCommand() command {
	return command{
		name: "trustee list", brief: "show who trusts you with what",
		about: `Shows what you have been entrusted with: who trusts you, whom you would let in, how
many of you it takes, and what they wrote to you. Each has been verified: signed by the account it
names, with a share that is the one they signed for. You do not see what it opens.`,
		make: func() action { return new(trusteeList) },
	}
}

type trusteeList struct{ connection }

// shownTrust is a policy as a trustee's programs read it.
type shownTrust struct {
	Policy    api.ID            `json:"policy"`
	From      api.Account       `json:"from"`
	Reader    api.Account       `json:"reader"`
	Threshold int               `json:"threshold"`
	Trustees  []api.Account     `json:"trustees"`
	Silence   int               `json:"silence_days"`
	Wait      int               `json:"wait_days"`
	Note      string            `json:"note"`
	Answer    api.TrusteeAnswer `json:"answer"`
	Open      bool              `json:"open"`
	ReleaseAt int64             `json:"release_at,omitempty"`
	Doubt     string            `json:"doubt,omitempty"`
}

func trustAnswer(t *client.Trust) shownTrust {
	out := shownTrust{Policy: t.ID, From: t.From, Reader: t.Reader, Threshold: t.Threshold, Trustees: t.Trustees, Silence: t.Silence, Wait: t.Wait,
		Note: t.Note, Answer: t.Answer, Open: t.Open, ReleaseAt: t.ReleaseAt}
	if t.Err != nil {
		out.Doubt = t.Err.Error()
	}
	return out
}

func (a *trusteeList) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 0, 0); err != nil {
		return err
	}
	return a.account(ctx, p, func(ctx context.Context, c *client.Client) error {
		all, err := c.Trusts(ctx)
		if err != nil {
			return err
		}
		answer, names := []shownTrust{}, newNames(c)
		var doubts error
		for _, t := range all {
			answer, doubts = append(answer, trustAnswer(t)), errors.Join(doubts, t.Err)
		}
		err = p.tell(map[string]any{"trusts": answer}, func(out *screen) {
			if len(all) == 0 {
				out.sayf("Nobody has entrusted you with anything so far. To let somebody do so: testimony trustee offer\n")
			}
			for _, t := range all {
				showTrust(ctx, out, t, names)
			}
		})
		return errors.Join(doubts, err)
	})
}

func showTrust(ctx context.Context, out *screen, t *client.Trust, names *names) {
	if t.Err != nil {
		out.sayf("policy %s\n  Careful: %s\n", t.ID, t.Err)
		return
	}
	out.sayf("policy %s\n  from %s\n", t.ID, t.From)
	if t.Note != "" {
		out.sayf("  who writes: %s\n", t.Note)
	}
	out.sayf("  would let in %s\n  %d of %d trustees are needed\n", who(names.of(ctx, t.Reader), t.Reader), t.Threshold, len(t.Trustees))
	if t.Silence > 0 {
		out.sayf("  after %d days without a word from them, and %d more\n", t.Silence, t.Wait)
	}
	out.sayf("  %s\n", standingWords(t))
}

func standingWords(t *client.Trust) string {
	switch {
	case t.Answer == api.TrusteeReleased:
		return "You have let the reader in. To take that back: testimony trustee decline " + string(t.ID)
	case t.Answer == api.TrusteeDeclined:
		return "You have declined."
	case t.Open:
		return "You can let the reader in now: testimony trustee release " + string(t.ID)
	case t.ReleaseAt > 0:
		return "You can let the reader in from " + moment(t.ReleaseAt) + ", if they say nothing until then."
	}
	return "You cannot let the reader in now."
}

func trusteeAgreeCommand() command {
	return command{
		name: "trustee agree", args: "POLICY", brief: "agree to be a trustee",
		about: `Tells whoever trusts you that you will act when it is time. The share that you
hold has been found right.`,
		make: func() action { return &trusteeAnswer{agree: true} },
	}
}

func trusteeDeclineCommand() command {
	return command{
		name: "trustee decline", args: "POLICY", brief: "decline to be a trustee, also later",
		about: `Tells whoever trusts you that you will not, so that they can name somebody else. If
you had let the reader in already, that is taken back; what was opened until then
stays opened.`,
		make: func() action { return new(trusteeAnswer) },
	}
}

type trusteeAnswer struct {
	connection
	agree bool
}

func (a *trusteeAnswer) run(ctx context.Context, p *program, args []string) error {
	policy, err := onePolicy(args)
	if err != nil {
		return err
	}
	return a.account(ctx, p, func(ctx context.Context, c *client.Client) error {
		answer, said, do := api.TrusteeDeclined, "You have declined. They will see it.\n", c.Decline
		if a.agree {
			answer, said, do = api.TrusteeAgreed, "You have agreed. They will see it.\n", c.Agree
		}
		if err := do(ctx, policy); err != nil {
			return err
		}
		return p.tell(map[string]any{"policy": policy, "answer": answer}, func(out *screen) { out.sayf("%s", said) })
	})
}

func trusteeReleaseCommand() command {
	return command{
		name: "trustee release", args: "POLICY", brief: "let the reader in, as one of the trustees",
		about: `Gives your share to the reader and to nobody else, sealed to the key of the account
that was named to you. When as many trustees as are needed have done so, the reader
can open what was meant for them. Whoever trusts you sees that you did, and when.

It is possible only while the vote is open: where they set a time of silence, not
before it has passed. Before you say yes, try to reach them, and think of whether
somebody could want you to believe that they are gone.`,
		make: func() action { return new(trusteeRelease) },
	}
}

type trusteeRelease struct {
	connection
	yes bool
}

func (a *trusteeRelease) flags(f *flag.FlagSet) {
	a.connection.flags(f)
	f.BoolVar(&a.yes, "yes", false, "do not ask")
}

func (a *trusteeRelease) run(ctx context.Context, p *program, args []string) error {
	policy, err := onePolicy(args)
	if err != nil {
		return err
	}
	return a.account(ctx, p, func(limited context.Context, c *client.Client) error {
		names := newNames(c)
		err := c.Release(limited, policy, func(t *client.Trust) error {
			showTrust(limited, p.err, t, names)
			p.err.sayf("You can decline later, but not take back what the reader has opened until then.\n")
			return p.agree(ctx, a.yes, "Let the reader in?")
		})
		if err != nil {
			return err
		}
		return p.tell(map[string]any{"policy": policy, "answer": api.TrusteeReleased}, func(out *screen) {
			out.sayf("Your share is with the reader.\n")
		})
	})
}

// onePolicy reads POLICY.
func onePolicy(args []string) (api.ID, error) {
	if err := takes(args, 1, 1); err != nil {
		return "", err
	}
	return policyID(args[0])
}
