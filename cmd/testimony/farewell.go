package main

import (
	"context"
	"flag"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
)

func farewellCommand() command {
	return command{
		name: "steward farewell", args: "closing|moving|staying", brief: "say when the vault ends, or where it goes",
		about: `Signs the next roster, with the same stewards, which says how the vault ends.
From --stops on nobody enrols and nothing new begins; until --last is over everybody
can read, take back and take home what is theirs; then nothing is served. The last day
lies 30 days ahead at least. Everybody who comes is told, each time.

closing: it ends. moving: it goes on at --to; with --to-vault it is another vault, to
which people carry their own (testimony takeout, testimony import), without it this very
vault moves there with all it holds. staying: an earlier word is taken back.

Where more than one steward must agree, the others get the document (--document FILE
writes it) and sign it with testimony steward approve. See docs/operate/closing.md.`,
		make: func() action { return new(farewell) },
	}
}

type farewell struct {
	rosterChange
	stops, last, to, toVault string
}

func (a *farewell) flags(f *flag.FlagSet) {
	a.rosterChange.flags(f)
	f.StringVar(&a.stops, "stops", "", "first `DAY` on which nothing begins, like 2026-11-23 (UTC)")
	f.StringVar(&a.last, "last", "", "last `DAY` on which anything is served")
	f.StringVar(&a.to, "to", "", "where it goes on, as an `ORIGIN` like https://vault.example")
	f.StringVar(&a.toVault, "to-vault", "", "the `ID` of the other vault, if it is another one")
}

func (a *farewell) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 1, 1); err != nil {
		return err
	}
	said, err := a.said(args[0])
	if err != nil {
		return err
	}
	return a.change(ctx, p, func(t *client.RosterTerms) error { t.Farewell = said; return nil })
}

// said is the farewell that the flags describe; nil takes an earlier one back.
func (a *farewell) said(kind string) (*client.Farewell, error) {
	if kind == "staying" {
		if a.stops != "" || a.last != "" || a.to != "" || a.toVault != "" {
			return nil, usage("a vault that stays has neither days nor another address")
		}
		return nil, nil
	}
	for name, text := range map[string]string{"stops": a.stops, "last": a.last} {
		if _, err := dayFlag(name, text); err != nil {
			return nil, err
		}
	}
	f := &client.Farewell{Kind: client.FarewellKind(kind), Stops: a.stops, Last: a.last, Origin: a.to, Vault: a.toVault}
	switch {
	case kind != "closing" && kind != "moving":
		return nil, usage("say closing, moving or staying")
	case (kind == "moving") != (a.to != ""):
		return nil, usage("moving, and only that, says where to: --to https://vault.example")
	}
	return f, nil
}

// sayFarewell tells what the stewards have said of the vault's end. It stands in the
// verified roster, so no server can hide or invent it.
func (p *program) sayFarewell(out *screen, f *client.Farewell) {
	if f == nil {
		return
	}
	if f.Kind == client.Closing {
		out.sayf("THIS VAULT CLOSES. Its stewards have signed it.\n")
	} else {
		out.sayf("THIS VAULT MOVES to %s. Its stewards have signed it.\n", f.Origin)
	}
	out.sayf("  From %s on nothing new begins here. Everything can be read, taken back and taken home until the end of %s.\n", dayOf(f.Stops), dayOf(f.Last))
	switch {
	case f.Kind == client.Closing:
		out.sayf("  To keep what is yours: testimony takeout\n")
	case f.Vault != "":
		out.sayf("  There it is another vault, %s: testimony takeout here, then testimony import there.\n", f.Vault)
	default:
		out.sayf("  It is the same vault there, with the same id and your same words: TESTIMONY_SERVER=%s\n", f.Origin)
	}
}

// dayOf spells a date of a roster document, which package roster has checked.
func dayOf(text string) string {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return text
	}
	return day(t.Unix())
}

// endsNotice is what a notice of the account says of it.
func endsNotice(k api.NoticeKind) string {
	if k == api.NoticeClosing {
		return "the stewards signed that this vault closes: testimony vault says when"
	}
	return "the stewards signed that this vault moves: testimony vault says where to"
}
