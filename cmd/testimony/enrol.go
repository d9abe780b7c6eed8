package main

import (
	"context"

	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/statement"
)

func enrolCommand() command {
	return command{
		name: "enrol", brief: "make your words and open an account",
		about: `Makes twelve words, shows them once, has you type three of them again from your
paper, and opens an account for them. There is no name, address or password.
The words are the account: with them you reach it from any device, and nobody
can reach it without them.`,
		make: func() action { return new(enrol) },
	}
}

type enrol struct{ newcomer }

func (a *enrol) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 0, 0); err != nil {
		return err
	}
	return a.enrol(ctx, p, func(ctx context.Context, c *client.Client) error {
		if err := c.Enrol(ctx, statement.Participant, a.invitation); err != nil {
			return err
		}
		return p.welcome(c, a.out, func(out *screen) {
			out.sayf("It is empty, and only your words open it. Store something: testimony add new FILE\n")
		})
	})
}

// welcome says that an account is there.
func (p *program) welcome(c *client.Client, wordsFile string, next func(*screen)) error {
	answer := struct {
		Account string `json:"account"`
		Words   string `json:"words_file,omitempty"`
	}{string(c.Account()), wordsFile}
	return p.tell(answer, func(out *screen) {
		out.sayf("Your account is open: %s\n", c.Account())
		if wordsFile != "" {
			out.sayf("Its words are in %s. Whoever reads that file is you.\n", wordsFile)
		}
		next(out)
	})
}
