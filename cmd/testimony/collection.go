package main

import (
	"context"
	"errors"
	"flag"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
)

// couldRead is said wherever something of a collection is shown.
const couldRead = "The partner could read this: it lies in a collection, and nobody can be let read it."

func collectionOpenCommand() command {
	return command{
		name: "collection open", brief: "open a collection, as an officer",
		about: `Makes words of their own for a new account that the partner keeps: for women who are not
present, for field forms, for what you have held for years. Whoever has these words
can read all of it. Nobody can be let read it, and on the day after --until it is
destroyed, unless a woman has claimed it before: testimony collection claim.`,
		make: func() action { return new(collectionOpen) },
	}
}

type collectionOpen struct {
	officer
	newWords
	until, card string
}

func (a *collectionOpen) flags(f *flag.FlagSet) {
	a.connection.flags(f)
	a.newWords.flags(f)
	f.StringVar(&a.until, "until", "", "last `DATE`, within the agreement")
	f.StringVar(&a.card, "card", "", "write the card of the collection's tray to a new `FILE`")
}

func (a *collectionOpen) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 0, 0); err != nil {
		return err
	}
	until, err := endFlag("until", a.until)
	if err != nil {
		return err
	}
	return a.own(ctx, p, func(limited context.Context, c *client.Client, of *client.Organisation) error {
		s, err := a.make(ctx, p)
		if err != nil {
			return err
		}
		defer s.Wipe()
		keys, err := client.KeysFor(s, c.VaultID())
		if err != nil {
			return err
		}
		opened, err := c.OpenCollection(limited, of.Partner, keys, until)
		if err != nil {
			return err
		}
		if a.card != "" {
			if err := writeTrayCard(a.card, trayCard{c.VaultID(), keys.Recipient, opened.Code}); err != nil {
				return err
			}
		}
		return p.tell(opened, func(out *screen) {
			out.sayf("Collection %s is open until the end of %s.\n  account %s\n  code of its tray %s\n", opened.Collection.Collection, lastDay(until), opened.Collection.Account, opened.Code)
			out.sayf("%s\n", couldRead)
		})
	})
}

func collectionListCommand() command {
	return command{name: "collection list", brief: "list your partner's collections, as an officer",
		about: `Each with its account, and when it ends. Who has its words could read all in it.`,
		make:  func() action { return new(collectionList) }}
}

type collectionList struct{ officer }

func (a *collectionList) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 0, 0); err != nil {
		return err
	}
	return a.account(ctx, p, func(ctx context.Context, c *client.Client) error {
		list, err := c.Collections(ctx)
		if err != nil {
			return err
		}
		return p.tell(append([]api.Collection{}, list...), func(out *screen) {
			for _, one := range list {
				state := "until the end of " + lastDay(one.Until)
				if one.Over {
					state = "over"
				}
				out.sayf("collection %s, account %s, %s\n", one.Collection, one.Account, state)
			}
		})
	})
}

func collectionImportCommand() command {
	return command{
		name: "collection import", args: "FOLDER", brief: "bring a folder of files into a collection",
		about: `Seals each file of FOLDER, and of the folders in it, to the collection whose words you
give, as a testimony of its own under its path as title. Give the same command again
after a crash or a broken line: it goes on where it ended, and stores nothing twice.
Nothing is written down about how far it came. With --consultation every testimony is
counted in that consultation of the collection's partner, also those that were there.`,
		make: func() action { return new(collectionImport) },
	}
}

type collectionImport struct {
	connection
	consultation string
}

func (a *collectionImport) flags(f *flag.FlagSet) {
	a.connection.flags(f)
	f.StringVar(&a.consultation, "consultation", "", "`ID` of the consultation that they belong to")
}

// collectedFiles counts what became of the files.
type collectedFiles struct {
	Stored int      `json:"stored"`
	There  int      `json:"there_already"`
	Bytes  int64    `json:"bytes"`
	Failed []string `json:"failed"`
}

func (a *collectionImport) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 1, 1); err != nil {
		return err
	}
	paths, err := filesOf(args[0])
	if err != nil {
		return err
	}
	return a.account(ctx, p, func(ctx context.Context, c *client.Client) error {
		what, err := c.Collection(ctx)
		if err != nil {
			return usage("these are not the words of a collection that stands: testimony collection open makes one")
		}
		p.err.sayf("%s It ends on %s.\n", couldRead, day(what.Until))
		done := collectedFiles{Failed: []string{}}
		for i, path := range paths {
			if err := a.one(ctx, p, c, args[0], path, &done); err != nil {
				p.err.sayf("%d of %d files are done. To go on, give the same command again.\n", i, len(paths))
				return err
			}
			p.err.sayf("%d of %d  %s\n", i+1, len(paths), path)
		}
		return p.tell(done, func(out *screen) {
			out.sayf("%d files stored, %s; %d were there already.\n", done.Stored, size(done.Bytes), done.There)
		})
	})
}

func (a *collectionImport) one(ctx context.Context, p *program, c *client.Client, folder, path string, done *collectedFiles) error {
	content, err := client.File(filepath.Join(folder, path))
	if err != nil {
		return usage("%s: %s", path, err)
	}
	content.Watch = p.watch(path)
	t, there, err := c.Collect(ctx, path, content)
	if err != nil {
		return err
	}
	if err := a.belong(ctx, c, t); err != nil {
		return err
	}
	if there {
		done.There++
		return nil
	}
	done.Stored, done.Bytes = done.Stored+1, done.Bytes+content.Size
	return nil
}

// belong says which consultation a testimony is counted in, if one was given.
func (a *collectionImport) belong(ctx context.Context, c *client.Client, t api.ID) error {
	if a.consultation == "" {
		return nil
	}
	err := c.Belong(ctx, t, api.ID(a.consultation))
	if errors.Is(err, client.ErrNotFound) {
		return usage("%s is no open consultation of this collection's partner: copy its id from testimony consultation open, or leave it out", a.consultation)
	}
	var problem *api.Problem
	if errors.As(err, &problem) && problem.Name() == api.ProblemConflict {
		return mistake{exitRefused, "a testimony of this collection belongs to another consultation already, and stays there. What was stored is safe: give the same command " +
			"again with that consultation, or without --consultation"}
	}
	return err
}

// filesOf lists the regular files of a folder, in order, by their paths in it. What is
// no file and no folder is refused: a link may lead anywhere.
func filesOf(folder string) (out []string, err error) {
	err = fs.WalkDir(os.DirFS(folder), ".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir():
			return nil
		case !d.Type().IsRegular():
			return usage("%s is neither a file nor a folder", path)
		}
		out = append(out, path)
		return nil
	})
	if err == nil && len(out) == 0 {
		err = usage("%s has no files", folder)
	}
	return out, err
}

func collectionClaimCommand() command {
	return command{
		name: "collection claim", args: "TESTIMONY", brief: "give a woman what a collection holds of her",
		about: `Seals everything of TESTIMONY anew to the key on her card and brings it to her tray,
with the collection's word that its own copy is destroyed when she has adopted all
of it.
Until then nothing is destroyed; what she refuses stays where it was. Needs the
collection's words, and the key of a program of the partner.`,
		make: func() action { return new(collectionClaim) },
	}
}

type collectionClaim struct {
	byProgram
	card string
}

func (a *collectionClaim) flags(f *flag.FlagSet) {
	a.byProgram.flags(f)
	f.StringVar(&a.card, "card", "", "her card, `FILE`")
}

func (a *collectionClaim) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 1, 1); err != nil {
		return err
	}
	t, err := testimonyID(args[0])
	if err != nil {
		return err
	}
	cfg, err := a.programConfig(ctx, p)
	if err != nil {
		return err
	}
	program, err := client.New(cfg)
	if err != nil {
		return usage("%s", err)
	}
	return a.account(ctx, p, func(ctx context.Context, c *client.Client) error {
		to, err := p.place(a.card, c.VaultID())
		if err != nil {
			return err
		}
		items, err := c.ClaimFor(ctx, program, t, to)
		if err != nil {
			return err
		}
		return p.tell(map[string]any{"testimony": t, "items": items}, func(out *screen) {
			out.sayf("%d items wait for her. When she has adopted all of them, the collection's copy is destroyed.\n", len(items))
		})
	})
}
