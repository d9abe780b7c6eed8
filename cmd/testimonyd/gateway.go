package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/relatingfield/vault/internal/config"
	"github.com/relatingfield/vault/internal/gateway"
	"github.com/relatingfield/vault/internal/id"
)

const gatewayHelp = `testimonyd gateway runs on a partner's own machine. It takes what the partner's
field tools send, seals it there, and brings it to the vault.

  testimonyd gateway --config FILE
        take in and deliver until SIGINT or SIGTERM
  testimonyd gateway status --config FILE
        say what waits and what the vault has refused, also while it runs
  testimonyd gateway check --config FILE
        say whether the configuration is sound
  testimonyd gateway discard --config FILE --item ITEM --because-it-cannot-be-delivered
        destroy an item that was acknowledged and can never be delivered
  testimonyd gateway example
        write an annotated configuration

This machine sees plaintext in its memory: read docs/operate/gateway.md first.
`

func (p program) gateway(ctx context.Context, args []string) error {
	name, rest := "run", args
	if len(args) > 0 && args[0] != "" && args[0][0] != '-' {
		name, rest = args[0], args[1:]
	}
	switch name {
	case "run":
		return p.gatewayRun(ctx, rest)
	case "status":
		return p.gatewayStatus(rest)
	case "check":
		if _, err := p.gatewayLoad("check", rest, nil); err != nil {
			return err
		}
		_, err := fmt.Fprintln(p.out, "the configuration is sound")
		return err
	case "discard":
		return p.gatewayDiscard(rest)
	case "example":
		_, err := io.WriteString(p.out, gateway.Example)
		return err
	case "help":
		_, err := io.WriteString(p.out, gatewayHelp)
		return err
	}
	return fmt.Errorf("%w: there is no command \"gateway %s\"", errUsage, name)
}

// gatewayLoad reads the flags, to which more may add, and the configuration.
func (p program) gatewayLoad(name string, args []string, more func(*flag.FlagSet)) (gateway.Settings, error) {
	set := flag.NewFlagSet("testimonyd gateway "+name, flag.ContinueOnError)
	set.SetOutput(p.err)
	file := set.String("config", "", "the gateway's configuration `FILE`")
	if more != nil {
		more(set)
	}
	if err := parse(set, args); err != nil {
		return gateway.Settings{}, err
	}
	if *file == "" {
		return gateway.Settings{}, fmt.Errorf("%w: give --config FILE; testimonyd gateway example writes one", errUsage)
	}
	return gateway.Load(*file, p.environ)
}

func (p program) gatewayRun(ctx context.Context, args []string) error {
	s, err := p.gatewayLoad("run", args, nil)
	if err != nil {
		return err
	}
	log := logger(config.Log{Level: s.Log.Level, Format: s.Log.Format}, p.err)
	return gateway.New(s, log).Run(ctx, func(addr string) {
		fmt.Fprintf(p.out, "The gateway takes in at %s and brings what comes to %s\n", addr, s.Vault.Server)
	})
}

func (p program) gatewayStatus(args []string) error {
	s, err := p.gatewayLoad("status", args, nil)
	if err != nil {
		return err
	}
	l, err := gateway.Status(s)
	if err != nil {
		return err
	}
	total := 0
	for _, to := range slices.Sorted(maps.Keys(l.Waiting)) {
		fmt.Fprintf(p.out, "%6d wait for %s\n", l.Waiting[to], to)
		total += l.Waiting[to]
	}
	for _, i := range l.Refused {
		fmt.Fprintf(p.out, "refused, for %s: %s (item %s)\n", i.To, i.Refused, i.ID)
	}
	if total+len(l.Refused) == 0 {
		_, err := fmt.Fprintln(p.out, "Nothing waits: the vault has all that was brought.")
		return err
	}
	_, err = fmt.Fprintf(p.out, "%d wait and %d were refused, %s in all, the oldest of %s. All of it is sealed, and stays until the vault has it.\n",
		total, len(l.Refused), config.Size(l.Bytes), time.Unix(l.Oldest, 0).UTC().Format(time.DateOnly))
	return err
}

func (p program) gatewayDiscard(args []string) error {
	var item string
	var sure bool
	s, err := p.gatewayLoad("discard", args, func(set *flag.FlagSet) {
		set.StringVar(&item, "item", "", "the `ITEM`, as status names it")
		set.BoolVar(&sure, "because-it-cannot-be-delivered", false, "say that it is destroyed for ever")
	})
	if err != nil {
		return err
	}
	name, err := id.Parse(item)
	if err != nil || !sure {
		return fmt.Errorf("%w: give --item ITEM and --because-it-cannot-be-delivered; its file in the queue's folder opens with age for its recipient: it may be handed over instead", errUsage)
	}
	if err := gateway.Discard(s, name); err != nil {
		return err
	}
	_, err = fmt.Fprintln(p.out, "The item is destroyed.")
	return err
}
