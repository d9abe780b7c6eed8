package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"github.com/relatingfield/vault/internal/app"
	"github.com/relatingfield/vault/internal/config"
	"github.com/relatingfield/vault/internal/vaulttest"
)

// serveMoved is a whole practice vault whose clock a test moves: each line on
// standard input is a number of seconds by which it goes forward, and is answered
// by a line when it has. testimonyd has no such clock.
//
//	webcoretest vault --set data_dir=… --set listen=127.0.0.1:0
func serveMoved(args []string, in io.Reader, out io.Writer) error {
	set := flag.NewFlagSet("vault", flag.ContinueOnError)
	var sources config.Sources
	sources.Flags(set)
	if err := set.Parse(args); err != nil {
		return err
	}
	cfg, err := sources.Load()
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	clock := &vaulttest.Clock{}
	a := app.New(cfg, slog.New(slog.NewTextHandler(os.Stderr, nil)))
	a.Now, a.Steady = clock.Now, nil
	if _, err := a.Found(ctx, app.Founding{Practice: true, IfMissing: true}); err != nil {
		return err
	}
	return a.Run(ctx, func(s app.Serving) {
		fmt.Fprintf(out, "The vault answers at %s\nVault id: %s\n", s.Origins[0], s.Vault)
		go move(clock, in, out)
	})
}

// move ends with its input.
func move(clock *vaulttest.Clock, in io.Reader, out io.Writer) {
	for lines := bufio.NewScanner(in); lines.Scan(); {
		seconds, err := strconv.Atoi(lines.Text())
		if err != nil || seconds < 0 {
			fmt.Fprintf(out, "not a number of seconds: %q\n", lines.Text())
			continue
		}
		clock.Forward(time.Duration(seconds) * time.Second)
		fmt.Fprintf(out, "Forward: %d\n", seconds)
	}
}
