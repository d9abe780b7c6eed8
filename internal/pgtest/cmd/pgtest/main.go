// Command pgtest runs a private PostgreSQL beside tests.
//
//	pgtest run COMMAND…   start one, run COMMAND with TESTIMONY_TEST_PG set, stop it
//	pgtest start DIR      start one in the new folder DIR and leave it running
//	pgtest stop DIR       stop it and remove DIR
//
// run cannot leave a server behind, whatever happens to it; prefer it to start.
// The server is not durable (fsync off) and for tests only. The exit code of
// run is COMMAND's.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"github.com/relatingfield/vault/internal/pgtest"
)

func main() {
	// The command gets Ctrl-C itself; what is left to do here is to outlive it.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:])
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		os.Exit(exit.ExitCode())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "pgtest:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	switch {
	case len(args) >= 2 && args[0] == "run":
		return beside(ctx, args[1:])
	case len(args) == 2 && args[0] == "start":
		return pgtest.StartIn(ctx, args[1])
	case len(args) == 2 && args[0] == "stop":
		return pgtest.StopIn(ctx, args[1])
	}
	return errors.New("usage: pgtest run COMMAND… | pgtest start DIR | pgtest stop DIR")
}

func beside(ctx context.Context, args []string) (err error) {
	c, err := pgtest.Start(ctx, pgtest.Options{NoFsync: true})
	if err != nil {
		return err
	}
	defer func() {
		if stopped := c.Stop(); err == nil {
			err = stopped
		}
	}()
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.Env = append(os.Environ(), pgtest.Env+"="+c.Dir())
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	return cmd.Run()
}
