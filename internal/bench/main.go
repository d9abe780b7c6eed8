// Command bench measures the vault against its yardsticks and prints the ratios,
// with every sample as JSON beside in var/bench.
//
//	go run ./internal/bench [-only chapter,chapter] [-within TIME] [-short] [-install=false] [-program FILE] [-out DIR]
//
// It takes at most about 25 minutes and 15 GiB of disk, and says what it is doing on
// standard error. What there was no time for is named; -only measures it by itself.
// An aim that is missed is no failure. Read ratios, not figures: the machine's speed drifts, so every
// yardstick is measured in turns with what it is for.
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

	"github.com/relatingfield/vault/internal/bench/suite"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run measures, prints and saves. What was measured before a failure is printed
// and saved as well.
func run(ctx context.Context, args []string, out, log io.Writer) error {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	only := flags.String("only", "", "measure these `chapters` only: "+strings.Join(suite.Chapters(), ","))
	short := flags.Bool("short", false, "tiny sizes: show that it runs")
	install := flags.Bool("install", true, "install nginx where it is missing and this is root")
	within := flags.Duration("within", 25*time.Minute, "measure nothing more after this time; 0 is no bound")
	program := flags.String("program", "", "measure this testimonyd instead of one built from this tree")
	dir := flags.String("out", filepath.Join("var", "bench"), "`folder` for the JSON and, while it runs, for large files")
	if err := flags.Parse(args); err != nil {
		return err
	}
	o := suite.Options{Short: *short, Install: *install, Within: *within, Program: *program, Dir: *dir, Log: log}
	if *only != "" {
		o.Only = strings.Split(*only, ",")
	}
	table, err := suite.Run(ctx, o)
	if len(table.Rows) == 0 {
		return err
	}
	path, saving := table.Save(*dir)
	err = errors.Join(err, table.Print(out), saving)
	if saving == nil {
		fmt.Fprintf(out, "\nEvery sample: %s\n", path)
	}
	return err
}
