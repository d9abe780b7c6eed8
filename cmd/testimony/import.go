package main

import (
	"context"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
)

const envOldWordsFile = "TESTIMONY_OLD_WORDS_FILE"

func importCommand() command {
	return command{
		name: "import", args: "DIR", brief: "bring in what you took along from another vault",
		about: `Opens each part in a folder that testimony takeout made and seals it to the account
of this vault, under a new key, without writing any of it to a disk. If it breaks
off, give the same command again: it goes on where it was. Whom you let in there is
not let in here. Parts that you had not adopted there stay behind.

You are asked for your words here, and then for those of the other vault if they
are others. For programs, TESTIMONY_OLD_WORDS_FILE holds those.`,
		make: func() action { return new(importAction) },
	}
}

type importAction struct{ connection }

type imported struct {
	From   api.ID  `json:"from"`
	To     api.ID  `json:"to"`
	Added  []int64 `json:"added"`
	There  []int64 `json:"there"`
	Left   []int64 `json:"left"`
	Erased bool    `json:"erased"`
}

func (a *importAction) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 1, 1); err != nil {
		return err
	}
	vault, err := client.TakeoutVault(args[0])
	if err != nil {
		return usage("%s", err)
	}
	cfg, err := a.config(ctx, p)
	if err != nil {
		return err
	}
	s, err := p.secret(ctx)
	if err != nil {
		return err
	}
	defer s.Wipe()
	if cfg.Keys, err = client.KeysFor(s, cfg.Vault); err != nil {
		return err
	}
	if cfg.Kept, err = a.kept(cfg.Keys.ID); err != nil {
		return err
	}
	from, err := p.openTakeout(ctx, args[0], vault, s)
	if err != nil {
		return err
	}
	return a.with(ctx, p, cfg, func(ctx context.Context, c *client.Client) error {
		list, err := c.Import(ctx, from, p.partWatch)
		if said := p.tellImported(list, err); err == nil {
			err = said
		}
		return err
	})
}

// openTakeout tries the words that are known, and asks for others only when those
// are not the folder's.
func (p *program) openTakeout(ctx context.Context, dir string, vault api.Hash, known client.Secret) (*client.Takeout, error) {
	keys, err := client.KeysFor(known, vault)
	if err != nil {
		return nil, err
	}
	if from, err := client.OpenTakeout(dir, keys); err == nil {
		return from, nil
	}
	s, err := p.oldWords(ctx)
	if err != nil {
		return nil, err
	}
	defer s.Wipe()
	if keys, err = client.KeysFor(s, vault); err != nil {
		return nil, err
	}
	from, err := client.OpenTakeout(dir, keys)
	if err != nil {
		return nil, mistake{exitWords, err.Error()}
	}
	return from, nil
}

func (p *program) oldWords(ctx context.Context) (client.Secret, error) {
	if path := p.env(envOldWordsFile); path != "" {
		return p.secretIn(path)
	}
	if p.in.terminal == nil {
		return client.Secret{}, usage("this needs the words of the folder: set %s to a file that holds them, or call it from a terminal to be asked", envOldWordsFile)
	}
	p.err.sayf("Now the words of the vault that the folder is from.\n")
	return p.askWords(ctx)
}

// tellImported says what was brought in, also when something then failed.
func (p *program) tellImported(list []client.Imported, failure error) error {
	if failure != nil && p.json {
		return nil // the failure is the answer
	}
	answer := []imported{}
	for _, i := range list {
		answer = append(answer, imported{i.From, i.To, append([]int64{}, i.Added...), append([]int64{}, i.There...), append([]int64{}, i.Left...), i.Erased})
	}
	return p.tell(map[string]any{"testimonies": answer}, func(out *screen) {
		for _, i := range answer {
			if i.Erased {
				out.sayf("%s stays out: you erased it here.\n", i.From)
				continue
			}
			out.sayf("%s is here as %s: %s brought in, %d were here\n", i.From, i.To, parts(len(i.Added)), len(i.There))
			for _, n := range i.Left {
				out.sayf("    part %d stays behind: you had not adopted it there\n", n)
			}
		}
	})
}
