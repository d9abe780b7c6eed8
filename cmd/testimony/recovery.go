package main

import (
	"context"
	"flag"
	"strings"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/id"
)

func recoverySetCommand() command {
	return command{
		name: "recovery set", brief: "let people you trust give lost words back to you",
		about: `Off unless you do this. Your words are split among trustees: K of them together can
give them to whoever claims your account, --wait days after the claim. In that time
any command of yours that signs something stops it (testimony check-in). Fewer than K
learn nothing. Together they can become you: choose people who would not, who do not
all know each other, and none of whom runs or guards the vault. Get each account from
the person, by voice or in person (testimony trustee offer shows it to them).
Changing your words ends it: set it again then.`,
		make: func() action { return new(recoverySet) },
	}
}

type recoverySet struct {
	connection
	trustees        list
	threshold, wait int
	note            string
}

func (a *recoverySet) flags(f *flag.FlagSet) {
	a.connection.flags(f)
	f.Var(&a.trustees, "trustee", "`ACCOUNT` of a person you trust; give it several times")
	f.IntVar(&a.threshold, "threshold", 2, "how `MANY` of them it takes")
	f.IntVar(&a.wait, "wait", 30, "`DAYS` between a claim and the words, in which you can say no")
	f.StringVar(&a.note, "note", "", "what the trustees read beside their share, `TEXT`")
}

func (a *recoverySet) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 0, 0); err != nil {
		return err
	}
	terms := client.RecoveryTerms{Threshold: a.threshold, Wait: a.wait, Note: a.note}
	for _, t := range a.trustees {
		who, err := accountOf(t)
		if err != nil {
			return err
		}
		terms.Trustees = append(terms.Trustees, who)
	}
	var words client.Secret
	keys := func(s client.Secret, vault api.Hash) (*client.Keys, error) {
		words = s // the words that the command was given are those that are shared
		return client.KeysFor(s, vault)
	}
	return a.as(ctx, p, keys, func(ctx context.Context, c *client.Client) error {
		if err := c.SetRecovery(ctx, words, terms); err != nil {
			return err
		}
		return p.tell(map[string]any{"trustees": terms.Trustees, "threshold": a.threshold, "wait": a.wait}, func(out *screen) {
			out.sayf("%d of your %d trustees can give your words back, %s after a claim.\n", a.threshold, len(terms.Trustees), daysOf(a.wait))
		})
	})
}

// simple is a command of a few words that needs an account.
type simple struct {
	connection
	least int
	do    func(ctx context.Context, p *program, c *client.Client, args []string) error
}

func (a *simple) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, a.least, a.least); err != nil {
		return err
	}
	return a.account(ctx, p, func(ctx context.Context, c *client.Client) error { return a.do(ctx, p, c, args) })
}

func recoveryEndCommand() command {
	return command{name: "recovery end", brief: "end it: nobody can give your words back",
		about: "The trustees' shares are destroyed in the vault, and what they kept is worth nothing here\nafter you have changed your words as well.",
		make: func() action {
			return &simple{do: func(ctx context.Context, p *program, c *client.Client, _ []string) error {
				if err := c.EndRecovery(ctx); err != nil {
					return err
				}
				return p.tell(map[string]any{"ended": true}, func(out *screen) { out.sayf("Nobody can give your words back any more.\n") })
			}}
		}}
}

func recoveryShowCommand() command {
	return command{name: "recovery show", brief: "show your trustees, and who claims your account",
		about: "If somebody claims your account and it is not you: testimony check-in ends the claim.",
		make: func() action {
			return &simple{do: func(ctx context.Context, p *program, c *client.Client, _ []string) error {
				r, err := c.Recovery(ctx)
				if err != nil {
					return err
				}
				return p.tell(r, func(out *screen) {
					if r.Recovery == "" {
						out.sayf("Nobody can give your words back: none was asked to.\n")
					}
					for _, t := range r.Trustees {
						out.sayf("trustee %s: %s\n", t.Account, answered(t.Answer))
					}
					p.claimed(out, r.Claims)
				})
			}}
		}}
}

// answered says what a trustee of a recovery has answered so far.
func answered(a api.TrusteeAnswer) string {
	switch a {
	case api.TrusteeAgreed:
		return "agreed"
	case api.TrusteeDeclined:
		return "declined"
	case api.TrusteeReleased:
		return "gave the share"
	}
	return "no answer so far"
}

// claimed warns of claims.
func (p *program) claimed(out *screen, claims []api.Claimed) {
	for _, c := range claims {
		out.sayf("SOMEBODY CLAIMS YOUR ACCOUNT: %s, since %s. If it is not you, stop it before %s: testimony check-in\n",
			c.Claimant, day(c.Opened), moment(c.GivesAt))
	}
}

func recoveryListCommand() command {
	return command{name: "recovery list", brief: "show who has named you a trustee, and who claims their accounts",
		about: "Each share has been held against what was signed.",
		make: func() action {
			return &simple{do: func(ctx context.Context, p *program, c *client.Client, _ []string) error {
				list, err := c.NamedRecoveries(ctx)
				if err != nil {
					return err
				}
				return p.tell(map[string]any{"recoveries": namedOf(list)}, func(out *screen) { showNamed(out, list) })
			}}
		}}
}

type namedRecovery struct {
	Recovery  api.ID            `json:"recovery"`
	From      api.Account       `json:"from"`
	Threshold int               `json:"threshold"`
	Of        int               `json:"of"`
	Note      string            `json:"note"`
	Answer    api.TrusteeAnswer `json:"answer"`
	Claims    []namedClaim      `json:"claims"`
	Doubt     string            `json:"doubt,omitempty"`
}

type namedClaim struct {
	Claim    api.ID      `json:"claim"`
	Claimant api.Account `json:"claimant"`
	GivesAt  int64       `json:"gives_at"`
	Doubt    string      `json:"doubt,omitempty"`
}

func namedOf(list []*client.NamedRecovery) []namedRecovery {
	out := []namedRecovery{}
	for _, n := range list {
		one := namedRecovery{Recovery: n.ID, From: n.From, Threshold: n.Threshold, Of: n.Of, Note: n.Note, Answer: n.Answer, Claims: []namedClaim{}}
		if n.Err != nil {
			one.Doubt = n.Err.Error()
		}
		for _, c := range n.Claims {
			claim := namedClaim{Claim: c.ID, Claimant: c.Claimant, GivesAt: c.GivesAt}
			if c.Err != nil {
				claim.Doubt = c.Err.Error()
			}
			one.Claims = append(one.Claims, claim)
		}
		out = append(out, one)
	}
	return out
}

func showNamed(out *screen, list []*client.NamedRecovery) {
	if len(list) == 0 {
		out.sayf("Nobody has named you.\n")
	}
	for _, n := range list {
		if n.Err != nil {
			out.sayf("%s: %s\n", n.ID, n.Err)
			continue
		}
		out.sayf("%s  for %s, %d of %d are needed, you: %s\n", n.ID, n.From, n.Threshold, n.Of, answered(n.Answer))
		if n.Note != "" {
			out.sayf("    %s\n", strings.TrimSpace(n.Note))
		}
		for _, c := range n.Claims {
			if c.Err != nil {
				out.sayf("    claim %s: %s\n", c.ID, c.Err)
				continue
			}
			out.sayf("    claim %s by somebody new, shares leave on %s. Ask them, by voice or in person, to read out their account,\n"+
				"    and give only if you are sure who it is: testimony recovery release %s ACCOUNT\n", c.ID, moment(c.GivesAt), c.ID)
		}
	}
}

func recoveryAnswerCommand(name string, agreed bool, brief string) command {
	return command{name: name, args: "RECOVERY", brief: brief, about: "The one who named you sees your answer. You can change it.",
		make: func() action {
			return &simple{least: 1, do: func(ctx context.Context, p *program, c *client.Client, args []string) error {
				r, err := id.Parse(args[0])
				if err != nil {
					return usage("%q is not the id of a recovery: testimony recovery list shows them", args[0])
				}
				if err := c.AnswerRecovery(ctx, r, agreed); err != nil {
					return err
				}
				return p.tell(map[string]any{"recovery": r, "agreed": agreed}, func(out *screen) { out.sayf("Your answer is recorded.\n") })
			}}
		}}
}

func recoveryReleaseCommand() command {
	return command{name: "recovery release", args: "CLAIM ACCOUNT", brief: "give your share to somebody whose words are lost",
		about: `ACCOUNT is what the person read out to you, by voice or in person: never what this
program or the vault shows. If somebody else is claiming, it does not fit, and
nothing is given.`,
		make: func() action {
			return &simple{least: 2, do: func(ctx context.Context, p *program, c *client.Client, args []string) error {
				claim, err := id.Parse(args[0])
				if err != nil {
					return usage("%q is not the id of a claim: testimony recovery list shows them", args[0])
				}
				who, err := accountOf(args[1])
				if err != nil {
					return err
				}
				if err := c.ReleaseTo(ctx, claim, who); err != nil {
					return err
				}
				return p.tell(map[string]any{"claim": claim, "released": true}, func(out *screen) { out.sayf("Your share is given.\n") })
			}}
		}}
}

func recoveryClaimCommand() command {
	return command{name: "recovery claim", args: "ACCOUNT", brief: "say that an account is yours, whose words are lost",
		about: `Enrol new words first (testimony enrol). Then read your new account out to your
trustees, by voice or in person. The vault does not say whether there is such an
account.`,
		make: func() action {
			return &simple{least: 1, do: func(ctx context.Context, p *program, c *client.Client, args []string) error {
				who, err := accountOf(args[0])
				if err != nil {
					return err
				}
				claim, err := c.Claim(ctx, who)
				if err != nil {
					return err
				}
				return p.tell(map[string]any{"claim": claim, "claimant": c.Account()}, func(out *screen) {
					out.sayf("Claim %s is recorded. Read this out to your trustees: %s\n"+
						"They tell you when the waiting time is over. Then: testimony recovery finish %s %s FILE\n", claim, c.Account(), claim, who)
				})
			}}
		}}
}

func recoveryFinishCommand() command {
	return command{name: "recovery finish", args: "CLAIM ACCOUNT FILE", brief: "get the lost words back",
		about: `When the waiting period is over and enough trustees have given their shares. The
words are written to the new FILE, which only you can read. Change them at once:
whoever found the old ones has them too (testimony rekey).`,
		make: func() action {
			return &simple{least: 3, do: finishRecovery}
		}}
}

func finishRecovery(ctx context.Context, p *program, c *client.Client, args []string) error {
	claim, err := id.Parse(args[0])
	if err != nil {
		return usage("%q is not the id of a claim: testimony recovery claim printed it", args[0])
	}
	who, err := accountOf(args[1])
	if err != nil {
		return err
	}
	s, err := c.Recovered(ctx, claim, who)
	if err != nil {
		return err
	}
	defer s.Wipe()
	words, err := client.Words(s, "en")
	if err != nil {
		return err
	}
	if err := keepWords(args[2], words); err != nil {
		return err
	}
	return p.tell(map[string]any{"words_file": args[2]}, func(out *screen) {
		out.sayf("Your words are in %s. Whoever reads that file is you. Change them now: testimony rekey\n", args[2])
	})
}
