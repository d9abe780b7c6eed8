package main

import (
	"context"

	"github.com/relatingfield/vault/api/client"
)

func sharedKeyCommand() command {
	return command{
		name: "researcher key", args: "GRANT FILE", brief: "write the key that trustees have given you, for the age program",
		about: `Where trustees let you in, the parts are sealed to a key that their shares make.
testimony researcher open does that by itself. This writes the key to a new file
that only you can read, for a part that was saved with --age:

  age -d -i FILE -o part.tar part.age && tar -xf part.tar && sha256sum -c SHA256SUMS

A trustee whose share is not the one they had been given is named. Whoever gets the
file opens what you were let into, and no password protects it: delete it when you
are done.`,
		make: func() action { return new(sharedKey) },
	}
}

type sharedKey struct{ connection }

func (a *sharedKey) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 2, 2); err != nil {
		return err
	}
	g, err := grantID(args[0])
	if err != nil {
		return err
	}
	return a.account(ctx, p, func(ctx context.Context, c *client.Client) error {
		s, err := c.SharedKey(ctx, g)
		if err != nil {
			return err
		}
		defer s.Key.Wipe()
		file := s.Key.IdentityFile()
		defer file.Wipe()
		if err := writePrivate(args[1], file.Reveal()); err != nil {
			return usage("%s", err)
		}
		answer := map[string]any{"file": args[1], "recipient": s.Key.Recipient, "trustees": s.Trustees, "false": s.False}
		return p.tell(answer, func(out *screen) {
			for _, t := range s.False {
				out.sayf("What trustee %s gave is not the share they were given: tell them, and whoever trusts them.\n", t)
			}
			out.sayf("WARNING: whoever gets %s opens what you were let into.\nDelete it as soon as you are done.\n", args[1])
		})
	})
}
