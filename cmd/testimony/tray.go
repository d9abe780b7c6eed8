package main

import (
	"context"
	"flag"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/id"
)

func trayOpenCommand() command {
	return command{
		name: "tray open", args: "PARTNER", brief: "let a partner organisation bring you something",
		about: `Opens a tray: a place where the partner's programs can put sealed things for you. Give
them your card, or let them scan it: --card writes it to a new FILE. It has the key
that things are sealed to and the tray's code, and does not say who you are. What
they bring is not yours before you have looked at it and adopted it.`,
		make: func() action { return new(trayOpen) },
	}
}

type trayOpen struct {
	connection
	card string
}

func (a *trayOpen) flags(f *flag.FlagSet) {
	a.connection.flags(f)
	f.StringVar(&a.card, "card", "", "write your card for this tray to a new `FILE`")
}

func (a *trayOpen) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 1, 1); err != nil {
		return err
	}
	partner, err := nameOf("a partner", args[0])
	if err != nil {
		return err
	}
	return a.account(ctx, p, func(ctx context.Context, c *client.Client) error {
		opened, err := c.OpenTray(ctx, partner)
		if err != nil {
			return err
		}
		if a.card != "" {
			if err := writeTrayCard(a.card, trayCard{c.VaultID(), c.Recipient(), opened.Code}); err != nil {
				return err
			}
		}
		return p.tell(opened, func(out *screen) {
			out.sayf("Tray %s is open until %s.\n  code %s\n", opened.Tray, day(opened.Until), opened.Code)
			out.sayf("It is told only now. To end it: testimony tray close %s\n", opened.Tray)
		})
	})
}

// nameOf reads an identifier of something.
func nameOf(what, text string) (api.ID, error) {
	v, err := id.Parse(text)
	if err != nil {
		return "", usage("%q is not the id of %s", text, what)
	}
	return v, nil
}

func trayCardCommand() command {
	return command{
		name: "tray card", args: "FILE", brief: "write the card that a partner scans",
		about: `Writes your card to a new FILE: the key that things are sealed to, and the code of a
tray. Whoever enrolled with a partner's invitation has a tray for it at once: give
--invitation, the code that you were given.`,
		make: func() action { return new(trayCardOf) },
	}
}

type trayCardOf struct {
	connection
	code, invitation string
}

func (a *trayCardOf) flags(f *flag.FlagSet) {
	a.connection.flags(f)
	f.StringVar(&a.code, "code", "", "`CODE` of the tray")
	f.StringVar(&a.invitation, "invitation", "", "invitation `CODE` with which you enrolled")
}

func (a *trayCardOf) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 1, 1); err != nil {
		return err
	}
	if (a.code == "") == (a.invitation == "") {
		return usage("give --code of a tray, or --invitation")
	}
	if a.invitation != "" {
		a.code = client.InvitedTray(a.invitation)
	}
	return a.account(ctx, p, func(_ context.Context, c *client.Client) error {
		if err := writeTrayCard(args[0], trayCard{c.VaultID(), c.Recipient(), a.code}); err != nil {
			return err
		}
		return p.tell(map[string]any{"card": args[0]}, func(out *screen) {
			out.sayf("The card is in %s. Whoever has it can bring you something, and nothing else.\n", args[0])
		})
	})
}

func trayListCommand() command {
	return command{name: "tray list", brief: "list your trays",
		about: `For whom each is, until when it takes something, and how much waits in it.`,
		make:  func() action { return new(trayList) }}
}

type trayList struct{ connection }

func (a *trayList) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 0, 0); err != nil {
		return err
	}
	return a.account(ctx, p, func(ctx context.Context, c *client.Client) error {
		list, err := c.Trays(ctx)
		if err != nil {
			return err
		}
		return p.tell(append([]api.Tray{}, list...), func(out *screen) {
			if len(list) == 0 {
				out.sayf("You have no tray.\n")
			}
			for _, t := range list {
				state := "open until " + day(t.Until)
				if t.Closed {
					state = "closed"
				}
				out.sayf("tray %s\n  for partner %s, since %s, %s; %d waiting\n", t.Tray, t.Partner, day(t.Day), state, t.Items)
			}
		})
	})
}

func trayCloseCommand() command {
	return command{
		name: "tray close", args: "TRAY", brief: "let a partner bring nothing more",
		about: `From now on nothing is taken. What waits there goes on waiting for you.`,
		make:  func() action { return new(trayClose) },
	}
}

type trayClose struct{ connection }

func (a *trayClose) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 1, 1); err != nil {
		return err
	}
	tray, err := nameOf("a tray", args[0])
	if err != nil {
		return err
	}
	return a.account(ctx, p, func(ctx context.Context, c *client.Client) error {
		if err := c.CloseTray(ctx, tray); err != nil {
			return err
		}
		return p.tell(map[string]any{"tray": tray, "closed": true}, func(out *screen) { out.sayf("Closed. Nothing more is taken there.\n") })
	})
}
