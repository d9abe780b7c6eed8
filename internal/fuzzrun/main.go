// Command fuzzrun runs every fuzz target of the module for a short time each, or for a
// long time together, two at a time.
//
//	go run ./internal/fuzzrun [-each 1s] [-for 2h] [-only REGEXP] [-keep N] [-corpus FOLDER] [-race]
//
// It finds the targets by reading the sources, so a new one cannot be forgotten, and it
// fails when one of them fails, or cannot be run. An input that breaks something is
// written to the package's testdata/fuzz, where go test meets it from then on. -keep
// copies so many of the longest inputs, up to a kibibyte, that reached new code there, to be committed.
//
// Inputs are made from those that reached new code, but where a SQLite driver is inside:
// to build that so that it can be told what is reached takes minutes. There they are
// made from the committed ones, unless -for gives it the time.
//
// With -for the time is shared out among all targets, and what was found to be
// interesting is kept in -corpus for the next run. -race looks for races, too, where
// no SQLite driver is inside, which would be slow, and needs a C compiler.
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
	"regexp"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"
)

// atATime is how many targets run at a time: as many as there are cores where this is
// tested.
const atATime = 2

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "fuzzrun:", err)
		os.Exit(1)
	}
}

// settings are what a run is asked for.
type settings struct {
	each   time.Duration
	whole  time.Duration
	only   *regexp.Regexp
	keep   int
	corpus string
	race   bool
}

func parse(args []string) (s settings, err error) {
	flags := flag.NewFlagSet("fuzzrun", flag.ContinueOnError)
	flags.DurationVar(&s.each, "each", time.Second, "how long each target runs")
	flags.DurationVar(&s.whole, "for", 0, "how long all of them together run, instead of -each")
	only := flags.String("only", "", "a `REGEXP` of targets, as PACKAGE.FUNCTION")
	flags.IntVar(&s.keep, "keep", 0, "how many inputs of each target to copy to testdata")
	flags.StringVar(&s.corpus, "corpus", "", "`folder` for interesting inputs; empty: a temporary one")
	flags.BoolVar(&s.race, "race", false, "look for races where no SQLite driver is inside")
	if err := flags.Parse(args); err != nil {
		return s, err
	}
	s.only, err = regexp.Compile(*only)
	return s, err
}

func run(ctx context.Context, args []string, out io.Writer) error {
	s, err := parse(args)
	if err != nil {
		return err
	}
	root, err := moduleRoot()
	if err != nil {
		return err
	}
	packages, err := find(root, s.only)
	if err != nil {
		return err
	}
	targets := 0
	for _, p := range packages {
		targets += len(p.targets)
	}
	if targets == 0 {
		return errors.New("there is no such target")
	}
	if s.whole > 0 {
		s.each = max(s.whole*atATime/time.Duration(targets), time.Second)
	}
	folder := filepath.Join(root, "var", "fuzz")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	work, err := os.MkdirTemp(folder, "run-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	if s.corpus == "" {
		s.corpus = filepath.Join(work, "corpus")
	}
	if s.corpus, err = filepath.Abs(s.corpus); err != nil {
		return err
	}
	began := time.Now()
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(atATime)
	for i, p := range packages {
		g.Go(func() error { return p.fuzz(ctx, s, filepath.Join(work, fmt.Sprintf("%d.test", i))) })
	}
	if err := g.Wait(); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%d fuzz targets in %d packages, %s each, in %s: nothing broke\n", targets, len(packages), s.each, time.Since(began).Round(time.Second))
	return err
}
