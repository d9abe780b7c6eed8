package main

import (
	"context"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
)

func overdueCommand() command {
	return command{
		name: "steward overdue", brief: "show the partners that owe an answer to the end of a consent",
		about: `Somebody took back what she had let a partner have, and the partner has not said in time
that it heeds this. Nothing here says who she is, or what it was. Talk to the partner;
testimony steward halt stops it. This is the vault's word.`,
		make: func() action { return new(overdue) },
	}
}

type overdue struct{ connection }

func (a *overdue) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 0, 0); err != nil {
		return err
	}
	return a.steward(ctx, p, func(ctx context.Context, c *client.Client) error {
		late, err := c.OverdueWithdrawals(ctx)
		if err != nil {
			return err
		}
		known, err := c.Partners(ctx)
		if err != nil {
			return err
		}
		return p.tell(map[string]any{"partners": append([]api.LatePartner{}, late...)}, func(out *screen) {
			if len(late) == 0 {
				out.sayf("No partner is late.\n")
			}
			for _, l := range late {
				out.sayf("%s, partner %s\n  has not acknowledged: %d\n  the oldest is of %s\n", partnerName(known, l.Partner), l.Partner, l.Withdrawals, day(l.Since))
			}
		})
	})
}

// partnerName is a partner's name in the newest agreement that a steward of today signed.
func partnerName(known []*client.Organisation, partner api.ID) string {
	for _, o := range known {
		if o.Partner == partner && len(o.Vouched) > 0 {
			return o.Name
		}
	}
	return "a partner without an agreement"
}
