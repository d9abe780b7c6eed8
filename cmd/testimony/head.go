package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"strings"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
)

const unheld = "No noted head was given, so this program cannot see whether the vault hides your newest acts (testimony help head).\n"

// headCommand shows the end of her chain.
func headCommand() command {
	return command{
		name: "head", brief: "show the head of your chain, to note beside your words",
		about: `Everything you sign is one chain, and the head is its end. Note it beside your
words. When you give it back later, with --head SEQ:HASH, this program sees
whether the vault hides anything that you signed before you noted it: a
withdrawal, for example. With --keep FILE it notes the head for you after each
command; FILE holds no secret, but shows that you have an account.`,
		make: func() action { return new(headAction) },
	}
}

type headAction struct{ connection }

func (a *headAction) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 0, 0); err != nil {
		return err
	}
	return a.account(ctx, p, func(ctx context.Context, c *client.Client) error {
		head, err := c.Head(ctx)
		if err != nil {
			return err
		}
		if head.Seq == 0 {
			return client.ErrNotEnrolled
		}
		return p.tell(map[string]any{"account": c.Account(), "head": head.String(), "compared": c.KnowsHead()}, func(out *screen) {
			out.sayf("%s\n", head)
			p.err.sayf("Note it beside your words, with today's date.\n")
		})
	})
}

// kept is the head to compare with: the one given, or the one in the file. The
// file names the account, because another account's head would look like a
// forgery.
func (o *connection) kept(who api.Account) (api.Head, error) {
	switch {
	case o.head != "" && o.keep != "":
		return api.Head{}, usage("give --head or --keep, not both")
	case o.head != "":
		head, err := api.ParseHead(o.head)
		if err != nil {
			return api.Head{}, usage("--head: %s", err)
		}
		return head, nil
	case o.keep == "":
		return api.Head{}, nil
	}
	return readKept(o.keep, who)
}

func readKept(path string, who api.Account) (api.Head, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return api.Head{}, nil
	}
	if err != nil {
		return api.Head{}, usage("read the kept head: %s", err)
	}
	account, head, _ := strings.Cut(strings.TrimSpace(string(text)), " ")
	if account != string(who) {
		return api.Head{}, usage("%s holds the head of another account: name another file, or check your words", path)
	}
	kept, err := api.ParseHead(head)
	if err != nil {
		return api.Head{}, usage("%s: %s", path, err)
	}
	return kept, nil
}

// note writes the head beside its place and renames it there, so that a crash
// leaves the old one.
func (o *connection) note(who api.Account, head api.Head) error {
	next := o.keep + ".new"
	if err := os.Remove(next); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := writePrivate(next, []byte(string(who)+" "+head.String()+"\n")); err != nil {
		return err
	}
	return os.Rename(next, o.keep)
}
