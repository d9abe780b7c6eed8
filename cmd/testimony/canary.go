package main

import (
	"context"
	"flag"

	"github.com/relatingfield/vault/api/client"
)

func canaryCommand() command {
	return command{
		name: "steward canary", brief: "say that no demand came of which you may not speak",
		about: `Prints a line that you have signed, for the operator to add to canary_file. It says,
for some days, that nobody made a demand of which you may not speak; nothing is sent.
Say it anew before it ends, of your own free will, and never under pressure: everybody
who uses the vault is warned when it has ended. Nobody can sign it for you, and it
cannot be taken back before its end, so let it be short.`,
		make: func() action { return new(canaryAction) },
	}
}

type canaryAction struct {
	connection
	days int
}

func (a *canaryAction) flags(f *flag.FlagSet) {
	a.connection.flags(f)
	f.IntVar(&a.days, "days", 30, "how many days it lasts, 1 to 366")
}

func (a *canaryAction) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 0, 0); err != nil {
		return err
	}
	return a.steward(ctx, p, func(_ context.Context, c *client.Client) error {
		word, until, err := c.SayCanary(a.days)
		if err != nil {
			return usage("%s", err)
		}
		answer := map[string]any{"word": word, "until": until.Unix()}
		return p.tell(answer, func(out *screen) { out.sayf("%s\n", word) })
	})
}

// warnOfSilence says when stewards who used to say that no secret demand came have
// stopped saying it. That the vault does not answer is no reason to stop.
func (p *program) warnOfSilence(ctx context.Context, c *client.Client, r *client.Roster) {
	s, err := c.Canary(ctx, r)
	if err != nil || s.Stale+s.Refused == 0 {
		return
	}
	for _, v := range s.Voices {
		if v.Ended {
			p.err.sayf("The steward %s said until %s that no demand came of which they may not speak, and has not said it again.\n", v.Steward.Name, day(v.Until.Unix()))
		}
	}
	if s.Refused > 0 {
		p.err.sayf("Of what the vault shows as stewards' words, %d are none.\n", s.Refused)
	}
	p.err.sayf("What was sealed stays sealed. Before you store or grant anything new, ask a steward in person why.\n")
}
