package main

import (
	"context"
	"crypto/sha256"
	"flag"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
)

func itemListCommand() command {
	return command{
		name: "item list", brief: "list what partners brought you",
		about: `Each is shown with who brought it, whether the partner could read it before it came
here, and until when it waits. Nothing of it is yours before you adopt it, and the
partner is not told that you looked.`,
		make: func() action { return new(itemList) },
	}
}

type itemList struct{ connection }

// shownItem is an item as programs read it.
type shownItem struct {
	Item      api.ID        `json:"item"`
	Partner   api.ID        `json:"partner"`
	Name      string        `json:"name"`
	Day       int64         `json:"day"`
	Until     int64         `json:"until"`
	Bytes     int64         `json:"bytes"`
	Assurance api.Assurance `json:"assurance"`
	Claimed   bool          `json:"claimed"`
	Readable  bool          `json:"partner_could_read"`
	Doubt     string        `json:"doubt,omitempty"`
}

func shownItemOf(i *client.Item) shownItem {
	out := shownItem{i.ID, i.Partner, i.Name, i.Day, i.Until, i.Length, i.Assurance, i.Claimed, i.Readable, ""}
	switch {
	case i.Err != nil:
		out.Doubt = i.Err.Error()
	case i.Doubted:
		out.Doubt = "the partner or its program's key has been stopped since: somebody else may have made this"
	}
	return out
}

func (a *itemList) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 0, 0); err != nil {
		return err
	}
	return a.account(ctx, p, func(ctx context.Context, c *client.Client) error {
		list, err := c.Items(ctx)
		if err != nil {
			return err
		}
		items := []shownItem{}
		for _, i := range list {
			items = append(items, shownItemOf(i))
		}
		return p.tell(items, func(out *screen) { showItems(out, items) })
	})
}

func showItems(out *screen, items []shownItem) {
	if len(items) == 0 {
		out.sayf("Nothing waits for you.\n")
	}
	for _, i := range items {
		out.sayf("item %s, %s, came on %s, waits until %s\n", i.Item, size(i.Bytes), day(i.Day), day(i.Until))
		if i.Partner != "" {
			out.sayf("  from %s (partner %s)\n  %s\n", first(i.Name, "a partner"), i.Partner, assuranceWords(i.Assurance, i.Claimed))
		}
		if i.Doubt != "" {
			out.sayf("  Careful: %s\n", i.Doubt)
		}
	}
}

// assuranceWords say who could have read or changed something before it was hers.
func assuranceWords(a api.Assurance, claimed bool) string {
	if claimed {
		return "It lay in a collection of the partner: until it was adopted the partner could read this. The vault's promises hold from then on."
	}
	switch a {
	case "partner-device":
		return "The partner's program sealed it to you on its device."
	case "gateway":
		return "The partner could read this: its gateway sealed it to you."
	case "field-form":
		return "The partner could read this: an encrypted form, which nothing authenticates."
	}
	return "The partner could read this, and so could the vault in the moment in which it sealed it."
}

// looker is how she looks at an item.
type looker struct {
	connection
	outlet
	yes bool
}

func (a *looker) flags(f *flag.FlagSet) {
	a.connection.flags(f)
	a.outlet.flags(f)
}

// look shows the item, or saves it, and gives what was seen.
func (a *looker) look(ctx context.Context, p *program, c *client.Client, item api.ID) (digest, error) {
	text := new(textSink)
	if a.show {
		if _, err := c.OpenItem(ctx, item, text); err != nil {
			return digest{}, err
		}
		p.err.text(text.String() + "\n")
		return sha256.Sum256(text.Bytes()), nil
	}
	saved, err := newSavedItem(a.dir)
	if err != nil {
		return digest{}, err
	}
	if _, err := c.OpenItem(ctx, item, saved); err != nil {
		saved.drop()
		return digest{}, err
	}
	seen, err := saved.keep()
	if err == nil {
		p.err.sayf("It is in %s, not sealed: delete it when you do not need it.\n", saved.path)
	}
	return seen, err
}

func itemOpenCommand() command {
	return command{
		name: "item open", args: "ITEM", brief: "look at something that a partner brought",
		about: `Shows a text, or saves the content to the new file that -o names, when everything has
been verified. Nothing is signed, and the partner is not told.`,
		make: func() action { return new(itemOpen) },
	}
}

type itemOpen struct{ looker }

func (a *itemOpen) run(ctx context.Context, p *program, args []string) error {
	item, err := a.item(args, 1)
	if err != nil {
		return err
	}
	return a.account(ctx, p, func(ctx context.Context, c *client.Client) error {
		if _, err := a.look(ctx, p, c, item); err != nil {
			return err
		}
		return p.tell(map[string]any{"item": item}, func(*screen) {})
	})
}

// item reads the first argument, of so many.
func (a *looker) item(args []string, n int) (api.ID, error) {
	if err := takes(args, n, n); err != nil {
		return "", err
	}
	if err := a.check(); err != nil {
		return "", err
	}
	return nameOf("an item", args[0])
}

func itemAdoptCommand() command {
	return command{
		name: "item adopt", args: "ITEM TESTIMONY|new", brief: "make something that a partner brought your own",
		about: `Look at it first: --show shows a text, -o FILE saves it. Then you are asked, and what you
adopt is exactly what you have seen. It becomes the next part of a testimony of
yours, or of a new one. How it came stays with it for ever. The partner learns
tomorrow that you took it, and nothing else.`,
		make: func() action { return new(itemAdopt) },
	}
}

type itemAdopt struct{ looker }

func (a *itemAdopt) flags(f *flag.FlagSet) {
	a.looker.flags(f)
	f.BoolVar(&a.yes, "yes", false, "do not ask")
}

func (a *itemAdopt) run(ctx context.Context, p *program, args []string) error {
	item, err := a.item(args, 2)
	if err != nil {
		return err
	}
	t := api.ID("")
	if args[1] != "new" {
		if t, err = testimonyID(args[1]); err != nil {
			return err
		}
	}
	return a.account(ctx, p, func(limited context.Context, c *client.Client) error {
		seen, err := a.look(limited, p, c, item)
		if err != nil {
			return err
		}
		if err := p.agree(ctx, a.yes, "Shall this be yours?"); err != nil {
			return err
		}
		if t == "" {
			if t, err = c.Create(limited, client.Testimony{}); err != nil {
				return err
			}
		}
		out, err := c.AdoptItem(limited, item, t, &sameSink{want: seen})
		if err != nil {
			return err
		}
		return p.tell(map[string]any{"testimony": t, "part": out.N, "destroyed": out.Destroyed}, func(s *screen) {
			s.sayf("It is part %d of testimony %s now. You can let others open it.\n", out.N, t)
			if out.Destroyed != "" {
				s.sayf("The partner's copy of it was destroyed. Before this the partner could read it.\n")
			}
		})
	})
}

func itemRefuseCommand() command {
	return command{
		name: "item refuse", args: "ITEM", brief: "destroy something that a partner brought",
		about: `It is gone at once. The partner learns tomorrow that it was refused, and nothing else.`,
		make:  func() action { return new(itemRefuse) },
	}
}

type itemRefuse struct{ connection }

func (a *itemRefuse) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 1, 1); err != nil {
		return err
	}
	item, err := nameOf("an item", args[0])
	if err != nil {
		return err
	}
	return a.account(ctx, p, func(ctx context.Context, c *client.Client) error {
		if err := c.RefuseItem(ctx, item); err != nil {
			return err
		}
		return p.tell(map[string]any{"item": item, "refused": true}, func(out *screen) { out.sayf("It is gone.\n") })
	})
}

func itemReturnsCommand() command {
	return command{
		name: "item returns", brief: "list what you took back from partners",
		about: `Erasing or withdrawing what a partner brought tells the partner at once. A partner
that does not answer in time brings nothing more, to anybody.`,
		make: func() action { return new(itemReturns) },
	}
}

type itemReturns struct{ connection }

func (a *itemReturns) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 0, 0); err != nil {
		return err
	}
	return a.account(ctx, p, func(ctx context.Context, c *client.Client) error {
		list, err := c.Returns(ctx)
		if err != nil {
			return err
		}
		return p.tell(append([]api.Returned{}, list...), func(out *screen) {
			if len(list) == 0 {
				out.sayf("You have taken nothing back.\n")
			}
			for _, r := range list {
				answer := "it has until " + day(r.Due) + " to answer"
				switch {
				case r.Acknowledged != 0:
					answer = "it answered on " + day(r.Acknowledged)
				case r.Late:
					answer = "it is late with its answer, and brings nothing more until it has"
				}
				out.sayf("item %s, taken back on %s from partner %s: %s\n", r.Item, day(r.Day), r.Partner, answer)
			}
		})
	})
}
