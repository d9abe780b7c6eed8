package main

import (
	"context"
	"crypto/ed25519"
	"flag"
	"os"
	"slices"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
)

func admitCommand() command {
	return command{
		name: "steward admit", args: "NAME KEY", brief: "take one more steward into the roster",
		about: `Signs the next roster, which has one steward more. Where more than one steward
must agree, the others get the document (--document FILE writes it) and sign it
with testimony steward approve. The new steward then joins.`,
		make: func() action { return new(admit) },
	}
}

type admit struct{ rosterChange }

func (a *admit) run(ctx context.Context, p *program, args []string) error {
	steward, err := namedKey(args)
	if err != nil {
		return err
	}
	return a.propose(ctx, p, func(now []client.Steward) ([]client.Steward, error) { return append(now, steward), nil })
}

func removeCommand() command {
	return command{
		name: "steward remove", args: "KEY", brief: "take a steward out of the roster",
		about: `Signs the next roster, which has one steward less: as admit does, with the same
rules. What only this steward vouched for stops counting at once.`,
		make: func() action { return new(remove) },
	}
}

type remove struct{ rosterChange }

func (a *remove) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 1, 1); err != nil {
		return err
	}
	return a.propose(ctx, p, func(now []client.Steward) ([]client.Steward, error) {
		rest := slices.DeleteFunc(now, func(s client.Steward) bool { return s.Key == args[0] })
		if len(rest) == len(now) {
			return nil, usage("no steward has this key: testimony vault shows them")
		}
		return rest, nil
	})
}

// rosterChange is what all changes of the roster have in common.
type rosterChange struct {
	connection
	threshold int
	document  string
	yes       bool
}

func (a *rosterChange) flags(f *flag.FlagSet) {
	a.connection.flags(f)
	f.IntVar(&a.threshold, "threshold", 0, "how many stewards must agree from then on, `N`; as now if you name none")
	f.StringVar(&a.document, "document", "", "write the next roster to this new `FILE`, for the other stewards")
	f.BoolVar(&a.yes, "yes", false, "do not ask")
}

// propose writes and signs the next roster, once somebody has seen it beside
// today's.
func (a *rosterChange) propose(ctx context.Context, p *program, change func([]client.Steward) ([]client.Steward, error)) error {
	return a.change(ctx, p, func(t *client.RosterTerms) (err error) {
		t.Stewards, err = change(t.Stewards)
		return err
	})
}

// change is propose for whatever a roster says.
func (a *rosterChange) change(ctx context.Context, p *program, change func(*client.RosterTerms) error) error {
	return a.steward(ctx, p, func(limited context.Context, c *client.Client) error {
		document, effective, err := c.ProposeRoster(limited, func(now *client.Roster) (client.RosterTerms, error) {
			terms := now.Terms()
			if err := change(&terms); err != nil {
				return client.RosterTerms{}, err
			}
			if a.threshold > 0 {
				terms.Threshold = a.threshold
			}
			if n := len(terms.Stewards); terms.Threshold > n {
				return terms, usage("%d stewards could not be %d who agree: give another --threshold", n, terms.Threshold)
			}
			p.compareRosters(now, terms)
			return terms, p.agree(ctx, a.yes, "Shall this be the next roster?")
		})
		if err != nil {
			return err
		}
		if err := a.write(document); err != nil {
			return err
		}
		return p.rosterChanged(document, effective)
	})
}

func (a *rosterChange) write(document []byte) error {
	if a.document == "" {
		return nil
	}
	if err := writePrivate(a.document, document); err != nil {
		return usage("%s", err)
	}
	return nil
}

func namedKey(args []string) (client.Steward, error) {
	if err := takes(args, 2, 2); err != nil {
		return client.Steward{}, err
	}
	var key api.Bytes
	if err := key.UnmarshalText([]byte(args[1])); err != nil {
		return client.Steward{}, usage("this is not a steward's key: it is what stands behind = in their line")
	}
	s, err := client.NewSteward(args[0], key)
	if err != nil {
		return s, usage("%s", err)
	}
	return s, nil
}

// compareRosters shows the roster of today beside the next.
func (p *program) compareRosters(now *client.Roster, next client.RosterTerms) {
	p.err.sayf("The stewards today, of whom %d must agree:\n", now.Threshold())
	p.stewards(now.Stewards())
	p.err.sayf("The stewards then, of whom %d must agree:\n", next.Threshold)
	p.stewards(next.Stewards)
	if next.Farewell == nil && now.Farewell() != nil {
		p.err.sayf("The vault then stays: what was said of its end is taken back.\n")
	}
	if next.Farewell != nil {
		p.err.sayf("And everybody is then told:\n")
		p.sayFarewell(p.err, next.Farewell)
	}
}

func (p *program) stewards(all []client.Steward) {
	for _, s := range all {
		p.err.sayf("  %s  %s\n", s.Key, s.Name)
	}
}

func (p *program) rosterChanged(document []byte, effective bool) error {
	answer := struct {
		Document  api.Bytes `json:"document"`
		Effective bool      `json:"effective"`
	}{document, effective}
	return p.tell(answer, func(out *screen) {
		if effective {
			out.sayf("The new roster is in force.\n")
			return
		}
		out.sayf("Your word counts. The roster changes when enough of the others have approved the same document.\n")
	})
}

func approveCommand() command {
	return command{
		name: "steward approve", args: "FILE", brief: "agree to a roster that another steward wrote",
		about: `FILE is the document that testimony steward admit wrote for them.`,
		make:  func() action { return new(approve) },
	}
}

type approve struct {
	connection
	yes bool
}

func (a *approve) flags(f *flag.FlagSet) {
	a.connection.flags(f)
	f.BoolVar(&a.yes, "yes", false, "do not ask")
}

func (a *approve) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 1, 1); err != nil {
		return err
	}
	document, err := os.ReadFile(args[0])
	if err != nil {
		return usage("%s", err)
	}
	return a.steward(ctx, p, func(limited context.Context, c *client.Client) error {
		effective, err := c.ApproveRoster(limited, document, func(now *client.Roster, next *client.RosterDocument) error {
			p.compareRosters(now, client.RosterTerms{Threshold: next.Threshold, Stewards: next.Stewards, Farewell: next.Farewell})
			return p.agree(ctx, a.yes, "Shall this be the next roster?")
		})
		if err != nil {
			return err
		}
		return p.rosterChanged(document, effective)
	})
}

func publicKey(keys *client.Keys) api.Bytes {
	public, _ := keys.Public().(ed25519.PublicKey)
	return api.Bytes(public)
}
