package main

import (
	"context"
	"flag"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/statement"
)

func applicationsCommand() command {
	return command{
		name: "steward applications", brief: "show the researchers who wait for you",
		about: `What they say of themselves is theirs to say and yours to check: speak with them,
and with the institution they name, before you vouch.`,
		make: func() action { return new(applications) },
	}
}

type applications struct{ connection }

type applicant struct {
	Account     api.Account `json:"account"`
	Name        string      `json:"name"`
	Institution string      `json:"institution"`
	Purpose     string      `json:"purpose"`
	Voices      int         `json:"voices"`
}

func (a *applications) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 0, 0); err != nil {
		return err
	}
	return a.steward(ctx, p, func(ctx context.Context, c *client.Client) error {
		waiting, err := c.Applications(ctx)
		if err != nil {
			return err
		}
		answer := []applicant{}
		for _, w := range waiting {
			answer = append(answer, applicant(w))
		}
		return p.tell(map[string]any{"applications": answer}, func(out *screen) {
			if len(answer) == 0 {
				out.sayf("Nobody waits.\n")
			}
			for _, w := range answer {
				out.sayf("%s\n  %s\n  of %s\n  who says: %s\n  stewards who vouch so far: %d\n", w.Account, w.Name, w.Institution, w.Purpose, w.Voices)
			}
		})
	})
}

func accreditCommand() command {
	return command{
		name: "steward accredit", args: "ACCOUNT", brief: "vouch for a researcher",
		about: `Shows who it is and asks you. You sign exactly what you are shown: account, key,
name, institution, purpose and term. It counts when as many stewards as the
roster demands have signed the same. It opens nothing by itself. If another
steward has vouched already, you sign the same words and the same term.`,
		make: func() action { return new(accredit) },
	}
}

type accredit struct {
	connection
	until string
	yes   bool
}

func (a *accredit) flags(f *flag.FlagSet) {
	a.connection.flags(f)
	f.StringVar(&a.until, "until", "", "last `DATE`, at most twelve months away; twelve months if you name none")
	f.BoolVar(&a.yes, "yes", false, "do not ask")
}

func (a *accredit) run(ctx context.Context, p *program, args []string) error {
	who, err := oneAccount(args)
	if err != nil {
		return err
	}
	until := int64(0)
	if a.until != "" {
		if until, err = endFlag("until", a.until); err != nil {
			return err
		}
	}
	return a.steward(ctx, p, func(limited context.Context, c *client.Client) error {
		days, err := a.days(limited, c, until)
		if err != nil {
			return err
		}
		result, err := c.AccreditIf(limited, who, days, func(v client.Vouching) error {
			p.clocks(c)
			p.introduceApplicant(v)
			return p.agree(ctx, a.yes, "Do you vouch for them?")
		})
		if err != nil {
			return err
		}
		return p.tell(result, func(out *screen) { showVoices(out, result) })
	})
}

// days counts from the vault's day, which is known after the first signed call.
func (a *accredit) days(ctx context.Context, c *client.Client, until int64) (int, error) {
	const year = 365
	if until == 0 {
		return year, nil
	}
	if _, err := c.Head(ctx); err != nil {
		return 0, err
	}
	days := (until - statement.DayOf(c.Time())) / oneDay
	if days < 1 || days*oneDay > statement.MaxAccreditation {
		return 0, usage("--until must lie ahead, at most twelve months")
	}
	return int(days), nil
}

func (p *program) introduceApplicant(v client.Vouching) {
	p.err.sayf("You would vouch for:\n  %s\n  of %s\n  who says: %s\n  account %s\n  from %s to the end of %s\n",
		v.Name, v.Institution, v.Purpose, v.Account, day(v.From), lastDay(v.Until))
	p.err.sayf("Have you spoken with them, and heard the account from them in another way?\n")
}

func showVoices(out *screen, a *api.Accreditation) {
	if a.Effective {
		out.sayf("They are accredited: %d of %d stewards vouch for them. People can let them in now.\n", a.Approvals, a.Threshold)
		return
	}
	out.sayf("Your word counts: %d of %d stewards. They are accredited when the others have signed too.\n", a.Approvals, a.Threshold)
}

func suspendCommand() command {
	return command{
		name: "steward suspend", args: "ACCOUNT", brief: "end a researcher's accreditation, at once",
		about: `One steward is enough. Nothing is given out to this reader any more, under any
grant, until the stewards vouch for them anew.`,
		make: func() action { return new(suspend) },
	}
}

type suspend struct{ connection }

func (a *suspend) run(ctx context.Context, p *program, args []string) error {
	who, err := oneAccount(args)
	if err != nil {
		return err
	}
	return a.steward(ctx, p, func(ctx context.Context, c *client.Client) error {
		if err := c.Suspend(ctx, who); err != nil {
			return err
		}
		return p.tell(map[string]any{"account": who, "suspended": true}, func(out *screen) {
			out.sayf("Suspended. Nothing is given out to %s any more.\n", who)
		})
	})
}

func oneAccount(args []string) (api.Account, error) {
	if err := takes(args, 1, 1); err != nil {
		return "", err
	}
	return accountOf(args[0])
}
