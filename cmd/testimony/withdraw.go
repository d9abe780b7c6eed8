package main

import (
	"context"
	"flag"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
)

func withdrawCommand() command {
	return command{
		name: "withdraw", args: "--everything | [--testimony T [--part N]] [--reader ACCOUNT]", brief: "take back everything, or a part, a testimony, a reader",
		about: `Takes back all that you name, in one step: everything; one testimony, or one part
of it; one reader, everywhere or on one testimony. You need your words and nothing
else, no reason, and nobody's consent; it asks nothing, because every second may
count. When it returns, the vault gives out not one more byte of it, and has
signed so for each grant. It lists what had been fetched before: that cannot be
called back.

Each reader is told and owes you an answer: that they have seen it and, where they
had fetched something, that every copy is destroyed, or why not. Until they have
answered they are given nothing new. testimony withdrawals shows the answers.`,
		make: func() action { return new(withdraw) },
	}
}

type withdraw struct {
	connection
	everything              bool
	testimony, part, reader string
}

func (a *withdraw) flags(f *flag.FlagSet) {
	a.connection.flags(f)
	f.BoolVar(&a.everything, "everything", false, "all parts of all testimonies, from all readers")
	f.StringVar(&a.testimony, "testimony", "", "one `TESTIMONY`, from all readers")
	f.StringVar(&a.part, "part", "", "one `PART` of the testimony")
	f.StringVar(&a.reader, "reader", "", "one reader, by `ACCOUNT`")
}

func (a *withdraw) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 0, 0); err != nil {
		return err
	}
	scope, err := a.scope()
	if err != nil {
		return err
	}
	return a.account(ctx, p, func(ctx context.Context, c *client.Client) error {
		list, err := c.Withdraw(ctx, scope)
		if err != nil {
			return err
		}
		return p.withdrawn(ctx, c, list)
	})
}

func (a *withdraw) scope() (s client.Scope, err error) {
	some := a.testimony != "" || a.part != "" || a.reader != ""
	if some == a.everything {
		return s, usage("say what to take back: --everything, or --testimony T, --part N of it, --reader ACCOUNT")
	}
	if a.part != "" && a.testimony == "" {
		return s, usage("--part is one of a testimony: give --testimony too")
	}
	if a.testimony != "" {
		if s.Testimony, err = testimonyID(a.testimony); err != nil {
			return s, err
		}
	}
	if a.part != "" {
		if s.Part, err = partNumber(a.part); err != nil {
			return s, err
		}
	}
	if a.reader != "" {
		s.Reader, err = accountOf(a.reader)
	}
	return s, err
}

// gone is an ended grant as programs read it.
type gone struct {
	Grant     api.ID           `json:"grant"`
	Testimony api.ID           `json:"testimony"`
	Reader    api.Account      `json:"reader"`
	Name      string           `json:"name"` // empty where nobody vouches for the reader now
	Parts     []int64          `json:"parts"`
	State     api.ClosureState `json:"state"`
	Reason    string           `json:"reason,omitempty"` // of kept
	Day       int64            `json:"day"`
	Due       int64            `json:"due"`
	Fetched   []api.Opening    `json:"fetched"`
	Notes     int64            `json:"notes"` // parts about which the reader had notes in the vault: destroyed
	Known     bool             `json:"known"` // held against your own statements, which an erased testimony has none of
	Receipt   string           `json:"receipt"`
}

func (p *program) gone(ctx context.Context, c *client.Client, list []client.Withdrawal) []gone {
	out, names := []gone{}, newNames(c)
	for _, w := range list {
		g := gone{w.Grant, w.Testimony, w.Reader, names.of(ctx, w.Reader), w.Parts, w.State, "", w.Day, w.Due, []api.Opening{}, w.Notes, w.Known, w.Receipt}
		if w.Reply != nil {
			g.Reason = w.Reply.Reason
		}
		for _, f := range w.Said.Fetched {
			g.Fetched = append(g.Fetched, api.Opening(f))
		}
		out = append(out, g)
	}
	return out
}

func (p *program) withdrawn(ctx context.Context, c *client.Client, list []client.Withdrawal) error {
	answer := p.gone(ctx, c, list)
	return p.tell(map[string]any{"withdrawn": answer}, func(out *screen) {
		if len(answer) == 0 {
			out.sayf("Nobody could open anything of it. It is said now, and signed.\n")
			return
		}
		out.sayf("Taken back. From now on nothing is given out under:\n")
		for _, g := range answer {
			showGone(out, g)
		}
		out.sayf("What a reader has kept or remembers is beyond any program. They still owe you what they promised,\n" +
			"and now an answer: testimony withdrawals\n")
	})
}

func showGone(out *screen, g gone) {
	out.sayf("  grant %s: %s of testimony %s\n    to %s\n", g.Grant, partList(g.Parts), g.Testimony, who(g.Name, g.Reader))
	for _, o := range g.Fetched {
		out.sayf("    %s\n", opening(o))
	}
	if len(g.Fetched) == 0 {
		out.sayf("    nothing had been opened\n")
	}
}

func withdrawalsCommand() command {
	return command{
		name: "withdrawals", brief: "show what you have taken back, and how its readers answer",
		about: `Shows every grant that has ended by your act, also of what you have erased: to
whom, what had been fetched, and how the reader answers. An answer is signed by the
reader and verified here. That a reader says every copy is destroyed is a promise;
nobody can look into their computer, and nobody can see what they remember.`,
		make: func() action { return new(withdrawals) },
	}
}

type withdrawals struct{ connection }

func (a *withdrawals) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 0, 0); err != nil {
		return err
	}
	return a.account(ctx, p, func(ctx context.Context, c *client.Client) error {
		list, err := c.Withdrawals(ctx)
		if err != nil {
			return err
		}
		answer := p.gone(ctx, c, list)
		return p.tell(map[string]any{"withdrawals": answer}, func(out *screen) {
			if len(answer) == 0 {
				out.sayf("You have taken nothing back so far.\n")
			}
			for _, g := range answer {
				showGone(out, g)
				out.sayf("    taken back on %s: %s\n", day(g.Day), closureWords(g.State, g.Due, g.Reason))
				if g.Notes > 0 {
					out.sayf("    the reader had noted something about %d parts here: the vault has destroyed it\n", g.Notes)
				}
			}
		})
	})
}

// closureWords says how the end of a grant stands, for whoever ended it.
func closureWords(state api.ClosureState, due int64, reason string) string {
	switch state {
	case api.ClosureNotified:
		return "the reader has been told, and owes you an answer before " + day(due)
	case api.ClosureAcknowledged:
		return "the reader has seen it"
	case api.ClosureDestroyed:
		return "the reader says that every copy is destroyed"
	case api.ClosureKept:
		return "the reader has NOT destroyed it, and says: " + reason
	case api.ClosureSilent:
		return "the reader has not answered in time, and is given nothing new"
	}
	return string(state)
}

func receiptCommand() command {
	return command{
		name: "receipt", args: "GRANT", brief: "print the vault's signed word that a grant has ended",
		about: `Prints the revocation receipt: which reader, which parts, when the reader's key to
them was destroyed, whether you have sealed them anew since, and exactly what had
been fetched before. Keep it: testimony receipt GRANT > receipt.txt. It is verified
offline by testimony verify, with the key from testimony vault, and by any program
that knows Ed25519. A grant that you took back in several steps has several, one a
line.`,
		make: func() action { return new(receiptAction) },
	}
}

type receiptAction struct{ connection }

func (a *receiptAction) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 1, 1); err != nil {
		return err
	}
	g, err := grantID(args[0])
	if err != nil {
		return err
	}
	return a.account(ctx, p, func(ctx context.Context, c *client.Client) error {
		list, err := c.Withdrawn(ctx, g)
		if err != nil {
			return err
		}
		receipts := []string{}
		for _, w := range list {
			receipts = append(receipts, w.Receipt)
		}
		return p.tell(map[string]any{"grant": g, "receipts": receipts}, func(out *screen) {
			for _, r := range receipts {
				out.sayf("%s\n", r)
			}
		})
	})
}
