package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"slices"
	"strings"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
)

func takeoutCommand() command {
	return command{
		name: "takeout", args: "DIR", brief: "take everything of yours along",
		about: `Writes all you own in the vault to a new folder, sealed to you as it lies there:
parts, titles, what you signed, what happened, whom you let in. Nothing is opened on
the way, so the folder may lie where you would not leave its content. README.txt
in it says how to open it with age, tar and sha256sum alone. If it breaks off, give
the same command again: it goes on.

With testimony import it goes into another vault.`,
		make: func() action { return new(takeout) },
	}
}

type takeout struct {
	connection
	lang string
}

func (a *takeout) flags(f *flag.FlagSet) {
	a.connection.flags(f)
	f.StringVar(&a.lang, "lang", "en", "language of README.txt, `"+strings.Join(client.TakeoutLanguages(), "|")+"`")
}

func (a *takeout) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 1, 1); err != nil {
		return err
	}
	if !slices.Contains(client.TakeoutLanguages(), a.lang) {
		return usage("--lang: README.txt can be had in %s", strings.Join(client.TakeoutLanguages(), ", "))
	}
	return a.account(ctx, p, func(ctx context.Context, c *client.Client) error {
		out, err := c.TakeOut(ctx, args[0], a.lang, p.partWatch)
		if errors.Is(err, client.ErrFolder) {
			return usage("%s", err)
		}
		if err != nil {
			return err
		}
		answer := map[string]any{"folder": args[0], "account": c.Account(), "testimonies": out.Testimonies, "parts": out.Parts}
		return p.tell(answer, func(s *screen) {
			s.sayf("Everything is in %s: %s of %s, sealed to you. README.txt there says how to open it.\n", args[0], parts(out.Parts), testimonies(out.Testimonies))
		})
	})
}

// partWatch shows how far a part is.
func (p *program) partWatch(t api.ID, n int64) client.Watch {
	return p.watch(fmt.Sprintf("%s part %d", t, n))
}
