package main

import (
	"context"
	"flag"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
)

func pauseCommand() command {
	return command{
		name: "pause", args: "[TESTIMONY]", brief: "stop all reading, at once, until you lift it",
		about: `Stops all reading of one testimony, or of everything you have when you name none.
When this returns, nobody gets one more byte, and downloads that were under way
have been cut. Nothing is taken back for ever: testimony lift ends it. You can
read, take back and erase as before.

With --code it works without words, for whoever has the code that testimony
pause-code made: everything of the person who made it is paused within a second.
Whether a code is good, nobody learns from using it.`,
		make: func() action { return new(pause) },
	}
}

type pause struct {
	connection
	code bool
}

func (a *pause) flags(f *flag.FlagSet) {
	a.connection.flags(f)
	f.BoolVar(&a.code, "code", false, "ask for a pause code instead of words")
}

func (a *pause) run(ctx context.Context, p *program, args []string) error {
	if a.code {
		return a.byCode(ctx, p, args)
	}
	t, err := maybeTestimony(args)
	if err != nil {
		return err
	}
	return a.account(ctx, p, func(ctx context.Context, c *client.Client) error {
		if err := c.Pause(ctx, t); err != nil {
			return err
		}
		return p.tell(pauseAnswer{t, true}, func(out *screen) {
			out.sayf("Paused. Nobody but you can read %s until you lift it: testimony lift%s\n", whatOf(t), argOf(t))
		})
	})
}

func (a *pause) byCode(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 0, 0); err != nil {
		return usage("a code pauses everything: name no testimony")
	}
	return a.nobody(ctx, p, func(limited context.Context, c *client.Client) error {
		code, err := p.ask(ctx, "The pause code: ")
		if err != nil {
			return err
		}
		if err := c.PauseByCode(limited, code); err != nil {
			return err
		}
		return p.tell(map[string]bool{"heard": true}, func(out *screen) {
			out.sayf("The vault has heard it. If the code is good, everything of the person who gave it to you is\n" +
				"paused within a second. The vault tells nobody whether it was: ask her, when that is safe.\n")
		})
	})
}

// pauseAnswer is what programs are told; an empty testimony is everything.
type pauseAnswer struct {
	Testimony api.ID `json:"testimony,omitempty"`
	Paused    bool   `json:"paused"`
}

// maybeTestimony reads [TESTIMONY]; empty is everything.
func maybeTestimony(args []string) (api.ID, error) {
	if err := takes(args, 0, 1); err != nil || len(args) == 0 {
		return "", err
	}
	return testimonyID(args[0])
}

func whatOf(t api.ID) string {
	if t == "" {
		return "anything of yours"
	}
	return "testimony " + string(t)
}

func argOf(t api.ID) string {
	if t == "" {
		return ""
	}
	return " " + string(t)
}

func liftCommand() command {
	return command{
		name: "lift", args: "[TESTIMONY]", brief: "end a pause",
		about: `Ends the pause of one testimony, or the pause of everything when you name none,
also one that came by a code. Readers go on under the terms that they have: what
has ended meanwhile stays ended. Paused testimonies that you paused one by one
stay paused until you lift each.`,
		make: func() action { return new(lift) },
	}
}

type lift struct{ connection }

func (a *lift) run(ctx context.Context, p *program, args []string) error {
	t, err := maybeTestimony(args)
	if err != nil {
		return err
	}
	return a.account(ctx, p, func(ctx context.Context, c *client.Client) error {
		if err := c.Lift(ctx, t); err != nil {
			return err
		}
		s, err := c.Standing(ctx)
		if err != nil {
			return err
		}
		return p.tell(pauseAnswer{t, false}, func(out *screen) {
			out.sayf("Lifted: the terms that you gave hold again.\n")
			sayPauses(out, s.Pauses)
		})
	})
}
