package main

import (
	"context"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
)

func relockCommand() command {
	return command{
		name: "relock", args: "TESTIMONY PART", brief: "seal a part anew under another key",
		about: `Opens the part on this device, seals it anew and has the old one destroyed: a key
that somebody kept then opens nothing that the vault still has. Readers who are
let in now stay let in. It needs time and the line, as adding the part did. It
does not reach copies that have left the vault.`,
		make: func() action { return new(relock) },
	}
}

type relock struct{ connection }

func (a *relock) run(ctx context.Context, p *program, args []string) error {
	t, n, err := partOf(args)
	if err != nil {
		return err
	}
	return a.account(ctx, p, func(ctx context.Context, c *client.Client) error {
		carried, err := c.Relock(ctx, t, n)
		if err != nil {
			return err
		}
		answer := map[string]any{"testimony": t, "part": n, "grants": append([]api.ID{}, carried...)}
		return p.tell(answer, func(out *screen) {
			out.sayf("Part %d is sealed anew, and the old seal is destroyed.\n", n)
			for _, g := range carried {
				out.sayf("  grant %s goes on\n", g)
			}
			if len(carried) == 0 {
				out.sayf("Nobody but you can open it.\n")
			}
		})
	})
}
