package main

import (
	"context"
	"flag"

	"github.com/relatingfield/vault/api/client"
)

func eraseCommand() command {
	return command{
		name: "erase", args: "TESTIMONY", brief: "destroy a testimony, for ever",
		about: `Destroys all parts of a testimony, its title, its readers' access and its feed.
It cannot be undone by anybody. Copies that readers have fetched stay with them.
Backups of the vault forget it in the time that the vault states; you are told
it before you confirm. That you once had a testimony remains in your chain,
without what it was.`,
		make: func() action { return new(erase) },
	}
}

type erase struct {
	connection
	yes bool
}

func (a *erase) flags(f *flag.FlagSet) {
	a.connection.flags(f)
	f.BoolVar(&a.yes, "yes", false, "do not ask")
}

func (a *erase) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 1, 1); err != nil {
		return err
	}
	t, err := testimonyID(args[0])
	if err != nil {
		return err
	}
	return a.account(ctx, p, func(limited context.Context, c *client.Client) error {
		// A doubt about the vault does not keep her from erasing.
		s, err := c.Show(limited, t)
		if s == nil {
			return err
		}
		p.warnErase(s)
		p.warnBackups(limited, c)
		if err := p.agreeByWord(ctx, a.yes, "erase"); err != nil {
			return err
		}
		left, err := c.EraseAndLook(limited, t)
		if err != nil {
			return err
		}
		return p.tell(map[string]any{"testimony": t, "erased": true, "left": left}, func(out *screen) {
			out.sayf("Testimony %s is erased: its keys and what they opened are destroyed.\n", t)
			if left {
				out.sayf("One of the places where the vault stores did not answer, so sealed bytes still lie there.\n" +
					"Nothing opens them any more; they are deleted as soon as it answers.\n")
			}
		})
	})
}

func (p *program) warnErase(s *client.Shown) {
	p.err.sayf("You are about to destroy this testimony, with %s: %s\n", parts(len(s.Details)), first(s.Card.Title, "(no title)"))
	p.err.sayf("It cannot be undone, by you or anybody. If you have no other copy, it is lost.\n")
	opened := false
	for _, g := range s.Grants {
		opened = opened || len(g.Openings) > 0
	}
	if opened {
		p.err.sayf("Readers have opened parts of it. What they kept stays with them.\n")
	}
}

// warnBackups says for how long backups hold what she erases. A vault that does
// not say so does not keep her from erasing.
func (p *program) warnBackups(ctx context.Context, c *client.Client) {
	v, err := c.Vault(ctx)
	if err != nil || v.Erasure.BackupsDays < 1 {
		p.err.sayf("The vault does not say how long its backups are kept. What is in them is sealed to you.\n")
		return
	}
	p.err.sayf("Backups of the vault may hold it, sealed to you, for up to %d days more.\n", v.Erasure.BackupsDays)
}
