// Command testimony is the vault's client: it seals, grants, opens, takes back
// and verifies from a terminal.
//
//	testimony help           all commands
//	testimony help COMMAND   one of them
//	testimony help codes     what the exit codes mean
//
// It believes nothing that it cannot verify (package client) and says so in plain
// words, with what is safe and what to do next. Answers go to standard output,
// with --json as one JSON value; everything else goes to standard error.
//
// It keeps nothing between two calls, except a head of her chain where --keep
// asks for it. The words of an account come from a prompt, a file or the
// environment, never from the command line, where every other program of the
// machine could read them. Nothing that a vault or another person sent reaches
// the terminal before it has been made harmless (see screen).
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/relatingfield/vault/internal/coredump"
)

func main() {
	if err := coredump.Forbid(); err != nil {
		fmt.Fprintln(os.Stderr, "testimony:", err)
		os.Exit(exitInternal)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Getenv)
	stop()
	os.Exit(code)
}
