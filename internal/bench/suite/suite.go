// Package suite measures the vault against its yardsticks.
//
// What is measured is the real server: a testimonyd process of its own, reached
// over loopback, durable, with callers who are signed in and prove it. Each row
// stands on a vault founded for it, on the disk that Options.Dir is on, and is
// measured beside its yardstick in turns (package report says why). Everything is
// removed afterwards; at no time is more than 20 GiB of disk in use.
//
// The load comes from this process, which shares the cores with the server. So
// the load is made before the clock starts, as far as it can be (packages crowd
// and wire), and the yardsticks get the same load from the same process.
package suite

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/relatingfield/vault/internal/bench/report"
	"github.com/relatingfield/vault/internal/bench/yard"
	"github.com/relatingfield/vault/internal/daemontest"
	"github.com/relatingfield/vault/internal/pgtest"
	"github.com/relatingfield/vault/internal/stockagetest"
)

// Options choose what is measured.
type Options struct {
	Only    []string      // names of chapters; none is all
	Short   bool          // tiny sizes: shows that everything runs
	Install bool          // install nginx where it is missing and this is root
	Program string        // a testimonyd to measure; empty: built from this tree
	Slow    int           // uploads over slow lines at a time; 0: 200
	Within  time.Duration // after which nothing more is measured; 0: no bound
	Dir     string        // a folder for what is large; what is put there is removed
	Log     io.Writer     // says what is going on
}

// chapter measures some rows that belong together.
type chapter struct {
	name    string
	measure func(*bench, context.Context) ([]report.Row, error)
}

func chapters() []chapter {
	return []chapter{
		{"arrival", (*bench).arrival},
		{"upload", (*bench).upload},
		{"tus", (*bench).tus},
		{"small", (*bench).small},
		{"grants", (*bench).grants},
		{"download", (*bench).download},
		{"bucket", (*bench).bucket},
		{"memory", (*bench).memory},
		{"slow", (*bench).slow},
		{"crowded", (*bench).crowded},
		{"mixed", (*bench).mixed},
		{"growth", (*bench).growth},
		{"release", (*bench).release},
		{"withdraw", (*bench).withdraw},
		{"web", (*bench).web},
	}
}

// Chapters names what Options.Only can choose.
func Chapters() []string {
	var out []string
	for _, c := range chapters() {
		out = append(out, c.name)
	}
	return out
}

// bench is one run.
type bench struct {
	Options
	size     sizes
	dir      string // Dir's own subfolder of this run
	vault    string // program testimonyd
	measurer string // program yardstick
	age      yard.Age
	cluster  *pgtest.Cluster
	serial   int // of names
}

// Run measures and returns the table. A chapter that fails says why in a row of its
// own and in the error, and the others are measured all the same.
func Run(ctx context.Context, o Options) (table report.Table, err error) {
	for _, name := range o.Only {
		if !slices.Contains(Chapters(), name) {
			return table, fmt.Errorf("bench: there is no chapter %q, only %v", name, Chapters())
		}
	}
	table = report.Table{Date: time.Now(), Short: o.Short, Machine: fmt.Sprintf("%d cores, %s, %s/%s", runtime.NumCPU(), runtime.Version(), runtime.GOOS, runtime.GOARCH)}
	b, err := prepare(ctx, o)
	if err != nil {
		return table, fmt.Errorf("bench: %w", err)
	}
	defer func() { err = errors.Join(err, b.close()) }()
	bounded := ctx
	if o.Within > 0 {
		var cancel context.CancelFunc
		bounded, cancel = context.WithTimeout(ctx, o.Within)
		defer cancel()
	}
	for _, c := range chapters() {
		if len(o.Only) > 0 && !slices.Contains(o.Only, c.name) {
			continue
		}
		rows, failure := b.chapter(bounded, c)
		table.Rows = append(table.Rows, rows...)
		err = errors.Join(err, failure)
		if ctx.Err() != nil {
			return table, err
		}
	}
	return table, err
}

// chapter measures c as far as time allows. After a failure the others can still be
// measured; that time is over is none.
func (b *bench) chapter(ctx context.Context, c chapter) ([]report.Row, error) {
	var rows []report.Row
	failure := ctx.Err()
	if failure == nil {
		b.say("measuring %s", c.name)
		rows, failure = c.measure(b, ctx)
	}
	switch {
	case failure == nil:
		return rows, nil
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return append(rows, report.Row{Name: c.name, Absent: "no time was left; measure it by itself with -only " + c.name}), nil
	}
	return append(rows, report.Row{Name: c.name, Absent: failure.Error()}), fmt.Errorf("bench: %s: %w", c.name, failure)
}

// prepare builds the programs and starts the database server.
func prepare(ctx context.Context, o Options) (b *bench, err error) {
	b = &bench{Options: o, size: full()}
	if o.Short {
		b.size = tiny()
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, err
	}
	if b.dir, err = os.MkdirTemp(o.Dir, "run-"); err != nil {
		return nil, err
	}
	if b.dir, err = filepath.Abs(b.dir); err == nil {
		err = b.build(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, b.close())
	}
	return b, nil
}

func (b *bench) build(ctx context.Context) (err error) {
	b.say("building")
	b.vault = b.Program
	if b.vault == "" {
		if b.vault, err = daemontest.Build(b.dir, "cmd/testimonyd"); err != nil {
			return err
		}
	}
	if b.measurer, err = daemontest.Build(b.dir, "internal/bench/cmd/yardstick"); err != nil {
		return err
	}
	if b.age.Program, err = stockagetest.Build("age"); err != nil {
		return err
	}
	if b.age.Recipient, err = recipient(); err != nil {
		return err
	}
	b.cluster, err = pgtest.Start(ctx, pgtest.Options{})
	return err
}

func (b *bench) close() error {
	var err error
	if b.cluster != nil {
		err = b.cluster.Stop()
	}
	return errors.Join(err, os.RemoveAll(b.dir))
}

func (b *bench) say(format string, args ...any) {
	fmt.Fprintf(b.Log, "%s  %s\n", time.Now().Format("15:04:05"), fmt.Sprintf(format, args...))
}

// fresh is a name nothing else in this run has.
func (b *bench) fresh(what string) string {
	b.serial++
	return fmt.Sprintf("%s%d", what, b.serial)
}
