package main

import (
	"context"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
)

func revokeCommand() command {
	return command{
		name: "revoke", args: "[TESTIMONY] GRANT", brief: "take a grant back, at once",
		about: `When this returns, the vault gives out not one more byte under the grant, and
downloads that were under way have been cut. It lists exactly what had been
fetched before: that cannot be called back. You need no reason and nobody's
consent, and it asks nothing, because every second may count.

Somebody who could have stolen what the vault stores, and the reader's key, is
kept out by testimony relock.`,
		make: func() action { return new(revoke) },
	}
}

type revoke struct{ connection }

func (a *revoke) run(ctx context.Context, p *program, args []string) error {
	which, err := grantOf(args)
	if err != nil {
		return err
	}
	return a.account(ctx, p, func(ctx context.Context, c *client.Client) error {
		t, g, err := which.find(ctx, c)
		if err != nil {
			return err
		}
		fetched, err := c.Revoke(ctx, t, g)
		if err != nil {
			return err
		}
		return p.revoked(t, g, fetched)
	})
}

func (p *program) revoked(t, g api.ID, fetched []api.Opening) error {
	answer := struct {
		Testimony api.ID        `json:"testimony"`
		Grant     api.ID        `json:"grant"`
		Fetched   []api.Opening `json:"fetched"`
	}{t, g, inOrder(fetched)}
	return p.tell(answer, func(out *screen) {
		out.sayf("Taken back. From now on nothing is given out under grant %s.\n", g)
		if len(fetched) == 0 {
			out.sayf("Nothing had been opened under it.\n")
			return
		}
		out.sayf("This had been fetched before, and cannot be called back:\n")
		for _, o := range answer.Fetched {
			out.sayf("  %s\n", opening(o))
		}
		out.sayf("What a reader has kept or remembers is beyond any program. They still owe you what they promised,\n" +
			"and now an answer: testimony withdrawals\n")
	})
}
