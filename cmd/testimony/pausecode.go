package main

import (
	"context"

	"github.com/relatingfield/vault/api/client"
)

func pauseCodeNewCommand() command {
	return command{
		name: "pause-code new", brief: "make a code by which a friend can pause everything",
		about: `Shows a card with a code, for somebody you trust: a sister, a colleague, a lawyer.
Should something happen to you, they can stop all reading of everything you have,
by testimony pause --code, without an account and without your words. They need the
address and the id of the vault, which stand on the card as well. The code can do
nothing else: it opens, changes, erases and lifts nothing, and nobody can find out
from it whose it is. Only your words lift the pause.

It is good as often as it is used, until you make another or end it. The vault
does not keep the code: this is the only time you see it.`,
		make: func() action { return new(pauseCodeNew) },
	}
}

type pauseCodeNew struct{ connection }

func (a *pauseCodeNew) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 0, 0); err != nil {
		return err
	}
	return a.account(ctx, p, func(ctx context.Context, c *client.Client) error {
		code, err := c.NewPauseCode(ctx)
		if err != nil {
			return err
		}
		return p.tell(map[string]string{"code": code}, func(out *screen) {
			showCode(out, code, first(a.server, p.env("TESTIMONY_SERVER")), first(a.vault, p.env("TESTIMONY_VAULT")))
		})
	})
}

// showCode is the card. It names neither her nor what she has.
func showCode(out *screen, code, server, vault string) {
	out.sayf("Write this on a card for somebody you trust. It is shown once.\n\n"+
		"    PAUSE CODE   %s\n\n"+
		"    This code stops all reading, until the person who gave it to you lifts\n"+
		"    it. It can do nothing else, and it does not say whose it is.\n"+
		"    To use it: testimony pause --code --server %s \\\n"+
		"      --vault %s\n\n"+
		"A code you made before is worthless now. You see in testimony account when this one was\n"+
		"used, and lift the pause with testimony lift.\n", code, server, vault)
}

func pauseCodeEndCommand() command {
	return command{
		name: "pause-code end", brief: "make your pause code worthless",
		about: `From now on nobody can pause with the code. A pause that stands stays until you
lift it.`,
		make: func() action { return new(pauseCodeEnd) },
	}
}

type pauseCodeEnd struct{ connection }

func (a *pauseCodeEnd) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 0, 0); err != nil {
		return err
	}
	return a.account(ctx, p, func(ctx context.Context, c *client.Client) error {
		if err := c.EndPauseCode(ctx); err != nil {
			return err
		}
		return p.tell(map[string]bool{"pause_code": false}, func(out *screen) { out.sayf("Your pause code is worthless now.\n") })
	})
}
