package main

import (
	"context"
	"flag"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/explain"
	"github.com/relatingfield/vault/internal/statement"
)

func modeCommand() command {
	return command{
		name: "mode", args: "TESTIMONY listening|evidence", brief: "only listen, or also keep when and where it was made",
		about: `Every testimony begins in listening mode: of a part the vault keeps what you gave,
sealed, and nothing that says when, where or with which device it was made.

In evidence mode testimony add can seal that in (--captured-at, --captured-with,
--captured-place). It can also be used against you. So you are shown what it
means, and asked, every time; there is no flag that answers for you. Going back
asks nothing.`,
		make: func() action { return new(mode) },
	}
}

type mode struct {
	connection
	lang string
}

func (a *mode) flags(f *flag.FlagSet) {
	a.connection.flags(f)
	f.StringVar(&a.lang, "lang", "", "language of the words, a `TAG` such as ar or uk; else that of this device")
}

func (a *mode) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 2, 2); err != nil {
		return err
	}
	t, err := testimonyID(args[0])
	if err != nil {
		return err
	}
	switch args[1] {
	case statement.Listening:
		return a.account(ctx, p, func(ctx context.Context, c *client.Client) error {
			return p.switched(t, statement.Listening, c.OnlyListen(ctx, t))
		})
	case statement.Evidence:
		return a.account(ctx, p, func(limited context.Context, c *client.Client) error {
			err := c.KeepAsEvidence(limited, t, first(a.lang, explain.Pick(p.env)), func(w client.Warning) error {
				p.err.text("\n" + w.Words + "\n")
				return p.agreeByWord(ctx, false, statement.Evidence)
			})
			return p.switched(t, statement.Evidence, err)
		})
	}
	return usage("a testimony is kept as listening or as evidence: testimony help mode")
}

func (p *program) switched(t api.ID, to string, err error) error {
	if err != nil {
		return err
	}
	return p.tell(map[string]any{"testimony": t, "mode": to}, func(out *screen) {
		if to == statement.Evidence {
			out.sayf("Testimony %s is kept as evidence from now on.\nBack to listening, at any time: testimony mode %s listening\n", t, t)
			return
		}
		out.sayf("Of testimony %s nothing is kept from now on that says when, where or with what it was made.\nParts that are there stay as they are.\n", t)
	})
}

// modeDeed is an event, after the name of whoever did it.
func modeDeed(to string) string {
	if to == statement.Evidence {
		return "chose to keep it as evidence"
	}
	return "chose that it is only listened to"
}
