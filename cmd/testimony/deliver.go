package main

import (
	"context"
	"flag"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
)

// byProgram is what commands of a partner's programs have in common.
type byProgram struct {
	connection
	key, client string
}

func (a *byProgram) flags(f *flag.FlagSet) {
	a.connection.flags(f)
	f.StringVar(&a.key, "key", "", "private key of the program, `FILE`; else TESTIMONY_PROGRAM_KEY")
	f.StringVar(&a.client, "client", "", "`ID` of the program; else TESTIMONY_CLIENT")
}

// program signs in as the program and does something.
func (a *byProgram) program(ctx context.Context, p *program, do use) error {
	cfg, err := a.programConfig(ctx, p)
	if err != nil {
		return err
	}
	return a.with(ctx, p, cfg, do)
}

func (a *byProgram) programConfig(ctx context.Context, p *program) (client.Config, error) {
	key, name := first(a.key, p.env("TESTIMONY_PROGRAM_KEY")), first(a.client, p.env("TESTIMONY_CLIENT"))
	if key == "" || name == "" {
		return client.Config{}, usage("which program? Give --key and --client, or TESTIMONY_PROGRAM_KEY and TESTIMONY_CLIENT")
	}
	program, err := clientID(name)
	if err != nil {
		return client.Config{}, err
	}
	text, err := readKeyFile(key)
	if err != nil {
		return client.Config{}, err
	}
	signer, err := client.ParseProgramKey(text)
	if err != nil {
		return client.Config{}, usage("%s", err)
	}
	cfg, err := a.config(ctx, p)
	if err != nil {
		return cfg, err
	}
	if cfg.Program, err = client.NewProgram(program, signer); err != nil {
		return cfg, usage("%s", err)
	}
	return cfg, nil
}

func partnerInviteCommand() command {
	return command{
		name: "partner invite", brief: "invite somebody who is present, as a program",
		about: `Prints a code with which one person enrols on her own device within seven days, and the
code of the tray that she then has for this partner. Keep neither.`,
		make: func() action { return new(partnerInvite) },
	}
}

type partnerInvite struct{ byProgram }

func (a *partnerInvite) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 0, 0); err != nil {
		return err
	}
	return a.program(ctx, p, func(ctx context.Context, c *client.Client) error {
		inv, err := c.InvitePresent(ctx)
		if err != nil {
			return err
		}
		tray := client.InvitedTray(inv.Invitation)
		return p.tell(map[string]any{"invitation": inv.Invitation, "expires": inv.Expires, "tray": tray}, func(out *screen) {
			out.sayf("Invitation: %s\nIt is good until %s. Her tray will have the code %s\n", inv.Invitation, moment(inv.Expires), tray)
		})
	})
}

func deliverCommand() command {
	return command{
		name: "deliver", args: "FILE…", brief: "bring files to somebody, sealed, as a program",
		about: `Seals each FILE on this machine to the key on her card, and puts it into her tray.
--card is the file that testimony tray card wrote, or the line that her phone shows as a
square, scanned into a file. She looks at it and adopts or
refuses it; what you learn of it is its state, by the day.

--notes writes down in a file how far it has come: after a crash or a broken line the
same command goes on there, brings nothing twice, and large files do not begin again.
The file opens nothing. It is removed when everything is brought.

--plain sends the file unsealed over the encrypted line and has the vault seal it:
the people who run the vault could read it in that moment, and it says so for ever.`,
		make: func() action { return new(deliver) },
	}
}

type deliver struct {
	byProgram
	card, consultation string
	notes              string
	plain, gateway     bool
}

func (a *deliver) flags(f *flag.FlagSet) {
	a.byProgram.flags(f)
	f.StringVar(&a.card, "card", "", "her card, `FILE`")
	f.StringVar(&a.consultation, "consultation", "", "`ID` of the consultation that they belong to")
	f.StringVar(&a.notes, "notes", "", "write down in this `FILE` how far it has come, and go on from there")
	f.BoolVar(&a.plain, "plain", false, "have the vault seal it; see above")
	f.BoolVar(&a.gateway, "gateway", false, "the files came through a gateway of the partner's, which could read them")
}

func (a *deliver) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 1, -1); err != nil {
		return err
	}
	if a.card == "" || a.plain && a.gateway {
		return usage("give --card, and not both of --plain and --gateway")
	}
	notes, err := openNotes(a.notes)
	if err != nil {
		return err
	}
	contents := make([]client.Content, len(args))
	for i, path := range args {
		var err error
		if contents[i], err = client.File(path); err != nil {
			return usage("%s: %s", path, err)
		}
	}
	return a.program(ctx, p, func(ctx context.Context, c *client.Client) error {
		to, err := p.place(a.card, c.VaultID())
		if err != nil {
			return err
		}
		items := []api.ID{}
		for i, content := range contents {
			item, err := notes.bring(args[i], c, client.Delivery{To: to, Content: content, Gateway: a.gateway, Consultation: api.ID(a.consultation)},
				func(d client.Delivery) (api.ID, error) { return a.one(ctx, p, c, d) })
			if err != nil {
				p.err.sayf("%d of %d files were brought. NOT brought: %s\n", i, len(args), args[i])
				return err
			}
			items = append(items, item)
		}
		if err := notes.remove(); err != nil {
			return err
		}
		return p.tell(map[string]any{"items": items}, func(out *screen) {
			for i, item := range items {
				out.sayf("item %s  %s\n", item, args[i])
			}
			out.sayf("They wait for her. How they stand: testimony deliveries\n")
		})
	})
}

func (a *deliver) one(ctx context.Context, p *program, c *client.Client, d client.Delivery) (api.ID, error) {
	d.Content = p.counted(d.Content)
	if a.plain {
		return c.DeliverPlain(ctx, d)
	}
	return c.Deliver(ctx, d)
}

func deliveriesCommand() command {
	return command{
		name: "deliveries", brief: "list what became of what you brought, as a program",
		about: `In the order in which it changed last. --after goes on from the place that an earlier
list ended with. A withdrawal has to be acknowledged: testimony acknowledge.`,
		make: func() action { return new(deliveries) },
	}
}

type deliveries struct {
	byProgram
	after string
}

func (a *deliveries) flags(f *flag.FlagSet) {
	a.byProgram.flags(f)
	f.StringVar(&a.after, "after", "", "only what changed behind this `PLACE`")
}

func (a *deliveries) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 0, 0); err != nil {
		return err
	}
	return a.program(ctx, p, func(ctx context.Context, c *client.Client) error {
		list, next, err := c.Deliveries(ctx, a.after)
		if err != nil {
			return err
		}
		return p.tell(map[string]any{"deliveries": append([]api.Delivery{}, list...), "next": next}, func(out *screen) {
			for _, d := range list {
				out.sayf("item %s: %s since %s\n", d.Item, d.State, day(d.Changed))
				if d.State == api.DeliveryWithdrawn && d.Acknowledged == 0 {
					out.sayf("  Use nothing of it any more, and say so: testimony acknowledge %s\n", d.Item)
				}
			}
			if next != "" {
				out.sayf("To go on from here: --after %s\n", next)
			}
		})
	})
}

func acknowledgeCommand() command {
	return command{
		name: "acknowledge", args: "ITEM", brief: "say that you heard of a withdrawal, as a program",
		about: `She sees that you have answered. Whoever is late brings nothing more until it is done.`,
		make:  func() action { return new(acknowledge) },
	}
}

type acknowledge struct{ byProgram }

func (a *acknowledge) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 1, 1); err != nil {
		return err
	}
	item, err := nameOf("an item", args[0])
	if err != nil {
		return err
	}
	return a.program(ctx, p, func(ctx context.Context, c *client.Client) error {
		d, err := c.Acknowledge(ctx, item)
		if err != nil {
			return err
		}
		return p.tell(d, func(out *screen) { out.sayf("She sees that you have heard of it.\n") })
	})
}
