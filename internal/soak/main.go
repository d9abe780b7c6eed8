// Command soak kills a vault under load, many times, and looks whether anything
// that was acknowledged is lost, or anything that was revoked or erased is back.
//
//	go run ./internal/soak [-for TIME] [-rounds N] [-engines sqlite,postgres] [-lines N] [-programs N] [-programs-for TIME] [-seed N]
//
// First, for the time of -for, everything goes wrong in turn while people go on: kill -9,
// lines that are cut, slow or reset, full disks, databases that stop or freeze, on one
// engine after the other. Every vault ends with a look at everything that was
// acknowledged, and with testimonyd fsck --deep, which must find nothing.
//
// Then come many kills, and after each the same look. Then it lets a thousand slow lines add and read at a time, and looks at how much
// memory the server takes for it. At last fifty programs of partners work for ten
// minutes, mixed, beside the women who look through what they bring.
//
// Two hundred rounds on each engine take about ten minutes, the lines two. After a failure the
// data of the vault stays where it is, and its place is named.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/relatingfield/vault/internal/crashtest"
	"github.com/relatingfield/vault/internal/daemontest"
	"github.com/relatingfield/vault/internal/faulttest"
	"github.com/relatingfield/vault/internal/pgtest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("soak", flag.ContinueOnError)
	rounds := flags.Int("rounds", 200, "kills on each engine")
	engines := flags.String("engines", "sqlite,postgres", "`engines` to run on")
	lines := flags.Int("lines", 1000, "slow lines at a time; 0 for none")
	programs := flags.Int("programs", 50, "programs of partners at work at a time; 0 for none")
	lasts := flags.Duration("programs-for", 10*time.Minute, "how long they work")
	mixed := flags.Duration("for", 0, "how long everything goes wrong in turn; 0 for not at all")
	seed := flags.Uint64("seed", uint64(time.Now().Unix()), "where randomness begins")
	dir := flags.String("dir", filepath.Join("var", "soak"), "`folder` for the vaults")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *mixed > 0 && !alone() {
		return again(ctx, args, out)
	}
	if err := os.MkdirAll(*dir, 0o700); err != nil {
		return err
	}
	work, err := os.MkdirTemp(*dir, "run-")
	if err != nil {
		return err
	}
	program, err := daemontest.Build(work, "cmd/testimonyd")
	if err != nil {
		return err
	}
	if err := mixes(ctx, mix{program: program, dir: filepath.Join(work, "mixed"), seed: *seed, lasts: *mixed, out: out}, strings.Split(*engines, ",")); err != nil {
		return fmt.Errorf("mixed: %w\nseed %d, the vaults' data: %s", err, *seed, work)
	}
	for i, engine := range strings.Split(*engines, ",") {
		if *rounds == 0 {
			continue
		}
		cfg := crashtest.Config{Program: program, Dir: filepath.Join(work, engine), Seed: *seed + uint64(i), Log: out}
		if err := soak(ctx, engine, cfg, *rounds); err != nil {
			return fmt.Errorf("%s: %w\nthe vault's data: %s", engine, err, cfg.Dir)
		}
	}
	if err := slowLines(ctx, program, filepath.Join(work, "lines"), *lines, out); err != nil {
		return fmt.Errorf("slow lines: %w", err)
	}
	if err := partners(ctx, program, filepath.Join(work, "partners"), *programs, *lasts, out); err != nil {
		return fmt.Errorf("partners: %w", err)
	}
	return os.RemoveAll(work)
}

// What the lines carry, for how long, and what one may take.
const (
	carried  = 1 << 20
	lasting  = time.Minute
	lineMost = 256 << 10
)

// slowLines has many of them at a time.
func slowLines(ctx context.Context, program, dir string, lines int, out io.Writer) (err error) {
	if lines == 0 {
		return nil
	}
	w, err := faulttest.Begin(ctx, daemontest.Config{Program: program, Dir: dir}, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Kill()) }()
	used, err := faulttest.SlowLines(ctx, w, lines, carried, lasting)
	if err != nil {
		return err
	}
	if used.PerLine() > lineMost {
		return fmt.Errorf("%s: that is too much", used)
	}
	_, err = fmt.Fprintln(out, used)
	return err
}

// soak makes all rounds on one engine.
func soak(ctx context.Context, engine string, cfg crashtest.Config, rounds int) (err error) {
	switch engine {
	case "sqlite":
	case "postgres":
		if cfg.Cluster, err = pgtest.Start(ctx, pgtest.Options{}); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, cfg.Cluster.Stop()) }()
	default:
		return errors.New("there is no such engine: choose sqlite or postgres")
	}
	began := time.Now()
	w, err := crashtest.New(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close(ctx)) }()
	for range rounds {
		if err := w.Round(ctx); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(cfg.Log, "%s: %d kills in %s, nothing lost: %s\n", engine, rounds, time.Since(began).Round(time.Second), w.Counts())
	return err
}
