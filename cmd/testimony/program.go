package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"time"
)

// program is one call of the command.
type program struct {
	in  *input
	out *screen // answers
	err *screen // everything that is said beside them

	env  func(string) string
	now  func() time.Time
	rand io.Reader

	json bool // answers are for programs
	told bool // an answer has been given
}

func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer, env func(string) string) int {
	p := &program{in: newInput(stdin), out: newScreen(stdout), err: newScreen(stderr), env: env, now: time.Now, rand: rand.Reader}
	return p.end(ctx, p.command(ctx, args))
}

// action is a command whose flags can be read and that can then be done.
type action interface {
	flags(f *flag.FlagSet)
	run(ctx context.Context, p *program, args []string) error
}

// command is an entry of the table of commands.
type command struct {
	name  string // with its group: "researcher open"
	args  string // as the help shows them
	brief string // one line
	about string // the rest of what there is to know
	make  func() action
}

func (p *program) command(ctx context.Context, args []string) error {
	if holdWords(args) {
		return errWordsTyped
	}
	if len(args) == 0 || args[0] == "help" || isHelp(args[0]) {
		return p.help(args)
	}
	c, rest, err := find(args)
	if err != nil {
		return err
	}
	a := c.make()
	f := flag.NewFlagSet(c.name, flag.ContinueOnError)
	f.SetOutput(io.Discard)
	f.Usage = func() {}
	f.BoolVar(&p.json, "json", false, "answer in JSON")
	a.flags(f)
	words, err := parse(f, rest)
	if err == flag.ErrHelp {
		p.helpOn(c)
		return nil
	}
	if err != nil {
		return usage("%s: see testimony help %s", err, c.name)
	}
	return c.spelled(a.run(ctx, p, words))
}

func isHelp(arg string) bool { return arg == "-h" || arg == "-help" || arg == "--help" }

// find looks the command up by its first two words, or its first.
func find(args []string) (command, []string, error) {
	for n := min(2, len(args)); n > 0; n-- {
		name := args[0]
		if n == 2 {
			name += " " + args[1]
		}
		for _, c := range commands() {
			if c.name == name {
				return c, args[n:], nil
			}
		}
	}
	return command{}, nil, usage("there is no such command: testimony help lists them")
}

// tell gives the answer: v to programs, words to people.
func (p *program) tell(v any, words func(out *screen)) error {
	p.told = true
	if !p.json {
		words(p.out)
		return nil
	}
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("write the answer: %w", err)
	}
	return p.out.json(text)
}
