package main

import (
	"context"
	"flag"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/statement"
)

func stewardNewCommand() command {
	return command{
		name: "steward new", args: "NAME", brief: "make the words of a steward",
		about: `Makes a steward's words, which are the same for every vault, and prints the line
NAME=KEY by which testimonyd found, or testimony steward admit, takes you in.
The line is public; check with the others that they have yours. Nothing is sent.`,
		make: func() action { return new(stewardNew) },
	}
}

type stewardNew struct{ newWords }

func (a *stewardNew) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 1, 1); err != nil {
		return err
	}
	s, err := a.make(ctx, p)
	if err != nil {
		return err
	}
	defer s.Wipe()
	return p.stewardLine(args[0], s)
}

func stewardKeyCommand() command {
	return command{
		name: "steward key", args: "NAME", brief: "print a steward's public line again",
		about: `Prints NAME=KEY for the words you have. Nothing is sent.`,
		make:  func() action { return new(stewardKey) },
	}
}

type stewardKey struct{}

func (*stewardKey) flags(*flag.FlagSet) {}

func (a *stewardKey) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 1, 1); err != nil {
		return err
	}
	s, err := p.secret(ctx)
	if err != nil {
		return err
	}
	defer s.Wipe()
	return p.stewardLine(args[0], s)
}

func (p *program) stewardLine(name string, s client.Secret) error {
	keys, err := client.StewardKeys(s)
	if err != nil {
		return err
	}
	steward, err := client.NewSteward(name, publicKey(keys))
	if err != nil {
		return usage("%s", err)
	}
	answer := map[string]any{"name": steward.Name, "key": steward.Key, "account": keys.ID}
	return p.tell(answer, func(out *screen) { out.sayf("%s=%s\n", steward.Name, steward.Key) })
}

func stewardJoinCommand() command {
	return command{
		name: "steward join", brief: "open the account of a steward whose key is in the roster",
		about: `Uses the words of testimony steward new, or those that lie beside the data of a
practice vault. Joining twice is joining once.`,
		make: func() action { return new(stewardJoin) },
	}
}

type stewardJoin struct{ connection }

func (a *stewardJoin) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 0, 0); err != nil {
		return err
	}
	return a.steward(ctx, p, func(ctx context.Context, c *client.Client) error {
		if err := c.Enrol(ctx, statement.Steward, ""); err != nil {
			return err
		}
		return p.welcome(c, "", func(out *screen) {
			out.sayf("Look who waits: testimony steward applications\n")
		})
	})
}

func inviteCommand() command {
	return command{
		name: "steward invite", args: "participant|researcher|partner", brief: "make a code that lets one person enrol",
		about: `The code works once, within seven days. Whoever has it can use it.`,
		make:  func() action { return new(invite) },
	}
}

type invite struct{ connection }

func (a *invite) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 1, 1); err != nil {
		return err
	}
	role, err := oneOf("role", api.Role(args[0]), []api.Role{statement.Participant, statement.Researcher, statement.Partner})
	if err != nil {
		return err
	}
	return a.steward(ctx, p, func(ctx context.Context, c *client.Client) error {
		i, err := c.Invite(ctx, role)
		if err != nil {
			return err
		}
		return p.tell(i, func(out *screen) {
			out.sayf("%s\n", i.Invitation)
			p.err.sayf("It lets one %s enrol, until %s.\n", role, moment(i.Expires))
		})
	})
}
