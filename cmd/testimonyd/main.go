// Command testimonyd is the testimony vault's server.
//
//	testimonyd found    choose the stewards; this makes the vault
//	testimonyd serve    answer requests until SIGINT or SIGTERM
//	testimonyd ready    ask the server on this machine whether it is ready
//	testimonyd status   say how the server on this machine stands
//	testimonyd migrate  bring the database up to date
//	testimonyd backup   take a backup, list, check and expire those there are
//	testimonyd restore  bring a backup back into an empty place
//	testimonyd drill    try whether the newest backup can be brought back
//	testimonyd keys     list, rotate, export or import the server's own keys
//	testimonyd journal  show, check or give up the journal of restricting acts
//	testimonyd fixity   report whether what is stored is what was stored, or check it
//	testimonyd fsck     hold all that is stored against each other, and repair what is safe
//	testimonyd blobs    bring payloads back from the second copy, or give that up
//	testimonyd report   say what is held, by law and for whom, and what was demanded
//	testimonyd register note demands and incidents for that
//	testimonyd config   print, check or explain the configuration
//	testimonyd gateway  take what field tools send on a partner's machine
//	testimonyd version  say what this program is
//
// It exits with 0 when all is well, 1 when something failed and 2 when it was
// asked for something that there is not or configured wrongly, and 3 when the
// journal of restricting acts does not fit the database, and 4 when fsck leaves
// faults. What a person
// should read goes to standard output, the log to standard error.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/relatingfield/vault/internal/app"
	"github.com/relatingfield/vault/internal/config"
	"github.com/relatingfield/vault/internal/coredump"
)

func main() {
	if err := coredump.Forbid(); err != nil {
		fmt.Fprintln(os.Stderr, "testimonyd:", err)
		os.Exit(1)
	}
	// What libraries print by themselves may hold an address, or whatever a server
	// wrote: net/http prints the beginning of an answer that nobody asked for. Our
	// own records go through a logger of ours.
	slog.SetDefault(slog.New(slog.DiscardHandler))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	p := program{out: os.Stdout, err: os.Stderr, environ: os.Environ()}
	code := p.run(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}

// program is one call of the command.
type program struct {
	out, err io.Writer
	environ  []string
}

// errUsage marks what the caller can set right: exit code 2.
var errUsage = errors.New("see testimonyd help")

func (p program) run(ctx context.Context, args []string) int {
	err := p.command(ctx, args)
	var faults config.Faults
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return 0
	case errors.As(err, &faults), errors.Is(err, errUsage), errors.Is(err, config.ErrUsage):
		fmt.Fprintln(p.err, "testimonyd:", err)
		return 2
	}
	fmt.Fprintln(p.err, "testimonyd:", err)
	switch {
	case app.JournalRefused(err), app.ClockRefused(err):
		return 3
	case errors.Is(err, errFound):
		return 4
	}
	return 1
}

func (p program) command(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("%w: name a command", errUsage)
	}
	switch name, rest := args[0], args[1:]; name {
	case "serve":
		return p.serve(ctx, rest)
	case "found":
		return p.found(ctx, rest)
	case "ready":
		return p.ready(ctx, rest)
	case "status":
		return p.status(ctx, rest)
	case "migrate":
		return p.migrate(ctx, rest)
	case "backup":
		return p.backup(ctx, rest)
	case "restore":
		return p.restore(ctx, rest)
	case "drill":
		return p.drill(ctx, rest)
	case "keys":
		return p.keys(ctx, rest)
	case "journal":
		return p.journal(ctx, rest)
	case "fixity":
		return p.fixity(ctx, rest)
	case "fsck":
		return p.fsck(ctx, rest)
	case "blobs":
		return p.blobs(ctx, rest)
	case "report":
		return p.report(ctx, rest)
	case "register":
		return p.register(rest)
	case "config":
		return p.config(rest)
	case "gateway":
		return p.gateway(ctx, rest)
	case "version":
		return p.version()
	case "help", "-h", "-help", "--help":
		_, err := io.WriteString(p.out, help)
		return err
	default:
		return fmt.Errorf("%w: there is no command %q", errUsage, name)
	}
}

const help = `testimonyd is the testimony vault's server.

  testimonyd found --steward NAME=KEY ... --threshold N
  testimonyd found --practice [--if-missing]
        choose the stewards, which makes the vault; a practice vault has one
        steward, whose words lie beside the data: nothing real belongs there
  testimonyd serve
        answer requests until SIGINT or SIGTERM
  testimonyd ready
        ask the server that runs here whether it is ready, for supervisors
  testimonyd status
        say how the server that runs here stands, in figures that name nobody
        (needs the setting watch.socket)
  testimonyd migrate [--only-with-a-backup]
        bring the database up to date; serve does so by itself on SQLite. With the
        flag only if there is a backup to go back to
  testimonyd backup
        copy database and payloads to backups.dir, sealed to backups.recipients,
        while the server runs; finish a backup that was cut off; remove those
        whose time is over
  testimonyd backup list
  testimonyd backup check [--name NAME]
        read every file of the newest backup and compare it with its manifest
  testimonyd backup prune
        remove the backups that are older than backups.keep
  testimonyd restore --identity FILE [--from DIR] [--name NAME]
        bring a backup back into an empty place and take away again, from the
        journal, what was taken away since (docs/operate/restore.md)
  testimonyd drill --identity FILE [--at DIR] [--sample N]
        restore the newest backup into a place of its own, serve it on this
        machine, look whether it is whole, and destroy the place
  testimonyd keys list
  testimonyd keys rotate [--overlap TIME] [--stolen] [--mac]
        make new keys for tokens and receipts, which sign after TIME (168h); with
        --mac the secret under journal and nonces, too (docs/operate/keys.md)
  testimonyd keys export --to FILE
  testimonyd keys import --from FILE --identity FILE
        write the server's keys, sealed to backups.recipients, and bring them back
  testimonyd journal head
        print the newest line of each node's journal, to be kept elsewhere
  testimonyd journal check [--head FILE]
        read all journals and say whether they are whole; FILE holds kept heads
  testimonyd journal abandon --node NODE --because-it-is-lost
        go on without a journal that is lost: every grant is held until its
        owner renews it (docs/operate/restore.md)
  testimonyd fixity report
        count what is stored, what is damaged and what has a second copy
  testimonyd fixity run [--even-if-nothing-is-there]
        read everything now, compare it with what was stored, and heal it from
        the second copy; with the flag a store that seems empty is believed
  testimonyd fsck [--deep] [--repair] [--json] [--accounts]
        hold rows, objects, custody, statements, the journal and all counts
        against each other, also while the vault serves; exit code 4 when
        something does not fit (docs/operate/fsck.md)
  testimonyd blobs restore
        bring back from the second copy whatever the first store has lost
  testimonyd blobs forget-second --because-it-is-gone
        look for no second copies any more, and delete nothing there
  testimonyd report processing
        write the record of processing, from the settings in force
  testimonyd report demand [--rows] ACCOUNT
        say what there is about an account that could be handed over; with
        --rows, write it out
  testimonyd report breach --what WHAT [--reader ACCOUNT] [--from DAY] [--until DAY]
        write a worksheet, with the numbers filled in
  testimonyd report transparency [--from DAY] [--until DAY]
        write what the public is told about demands, from the register
  testimonyd register add --kind KIND ... | list
        note a demand or an incident, in fixed words, or list what was noted
  testimonyd config print | check | example
        show the settings in force, check them, or write an annotated file
  testimonyd gateway --config FILE
        run on a partner's own machine: take what field tools send, seal it and
        bring it to a vault; testimonyd gateway help says more
  testimonyd version

All but gateway take --config FILE and --set path=value. Settings also come from the
environment; testimonyd config example explains each.
`

// flags are those that every command takes.
func (p program) flags(name string) (*flag.FlagSet, *config.Sources) {
	set := flag.NewFlagSet("testimonyd "+name, flag.ContinueOnError)
	set.SetOutput(p.err)
	sources := &config.Sources{Environ: p.environ}
	sources.Flags(set)
	return set, sources
}

// parse reads the flags and refuses anything behind them.
func parse(set *flag.FlagSet, args []string) error {
	if err := set.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return err
		}
		return fmt.Errorf("%w: %w", errUsage, err)
	}
	if set.NArg() > 0 {
		return fmt.Errorf("%w: %q is one word too many", errUsage, set.Arg(0))
	}
	return nil
}

// load makes the application that the sources describe.
func (p program) load(sources *config.Sources) (*app.App, error) {
	cfg, err := sources.Load()
	if err != nil {
		return nil, err
	}
	return app.New(cfg, logger(cfg.Log, p.err)), nil
}

func logger(cfg config.Log, w io.Writer) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(cfg.Level)) // it has been validated
	options := &slog.HandlerOptions{Level: level}
	if cfg.Format == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}
