package main

import (
	"context"
	"strings"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
)

func readersCommand() command {
	return command{
		name: "readers", brief: "show who is vouched for as a reader now",
		about: `Lists the researchers for whom enough stewards vouch today, each verified on this
device. That the vault leaves somebody out cannot be seen from here. Being on
this list opens nothing: only your grant does.`,
		make: func() action { return new(readers) },
	}
}

type readers struct{ connection }

type reader struct {
	Account     api.Account `json:"account"`
	Name        string      `json:"name"`
	Institution string      `json:"institution"`
	Purpose     string      `json:"purpose"`
	Vouched     []string    `json:"vouched_by"`
	Until       int64       `json:"until"`
}

func (a *readers) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 0, 0); err != nil {
		return err
	}
	return a.account(ctx, p, func(ctx context.Context, c *client.Client) error {
		all, err := c.Researchers(ctx)
		if err != nil {
			return err
		}
		answer := []reader{}
		for _, r := range all {
			answer = append(answer, reader{r.Account, r.Name, r.Institution, r.Purpose, r.Vouched, r.Until})
		}
		return p.tell(map[string]any{"readers": answer}, func(out *screen) {
			if len(answer) == 0 {
				out.sayf("Nobody is vouched for now.\n")
			}
			for _, r := range answer {
				out.sayf("%s\n  %s\n  of %s\n  who says: %s\n  vouched for by %s, to the end of %s\n",
					r.Account, r.Name, r.Institution, r.Purpose, strings.Join(r.Vouched, " and "), lastDay(r.Until))
			}
		})
	})
}
