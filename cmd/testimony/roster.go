package main

import (
	"context"
	"crypto/ed25519"
	"flag"
	"os"
	"strings"

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

type admit struct {
	connection
	threshold int
	document  string
	yes       bool
}

func (a *admit) flags(f *flag.FlagSet) {
	a.connection.flags(f)
	f.IntVar(&a.threshold, "threshold", 0, "how many stewards must agree from then on, `N`; as now if you name none")
	f.StringVar(&a.document, "document", "", "write the next roster to this new `FILE`, for the other stewards")
	f.BoolVar(&a.yes, "yes", false, "do not ask")
}

func (a *admit) run(ctx context.Context, p *program, args []string) error {
	steward, err := namedKey(args)
	if err != nil {
		return err
	}
	return a.steward(ctx, p, func(limited context.Context, c *client.Client) error {
		document, effective, err := c.ProposeRoster(limited, func(now *client.Roster) (client.RosterTerms, error) {
			terms := client.RosterTerms{Threshold: now.Threshold(), Stewards: append(now.Stewards(), steward)}
			if a.threshold > 0 {
				terms.Threshold = a.threshold
			}
			p.compareRosters(now, terms)
			return terms, p.agree(ctx, a.yes, "Shall this be the next roster?")
		})
		if err != nil {
			return err
		}
		if a.document != "" {
			if err := writePrivate(a.document, document); err != nil {
				return usage("%s", err)
			}
		}
		return p.rosterChanged(document, effective)
	})
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
			p.compareRosters(now, client.RosterTerms{Threshold: next.Threshold, Stewards: next.Stewards})
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

func vaultCommand() command {
	return command{
		name: "vault", brief: "show what the vault says of itself, and who its stewards are",
		about: `The stewards are verified from the vault's id on. Everything else is the vault's
word. The receipt keys are for testimony verify.`,
		make: func() action { return new(vaultAction) },
	}
}

type vaultAction struct{ connection }

func (a *vaultAction) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 0, 0); err != nil {
		return err
	}
	return a.nobody(ctx, p, func(ctx context.Context, c *client.Client) error {
		v, err := c.Vault(ctx)
		if err != nil {
			return err
		}
		roster, err := c.Roster(ctx)
		if err != nil {
			return err
		}
		answer := struct {
			*api.Vault
			Threshold int              `json:"threshold"`
			Stewards  []client.Steward `json:"stewards"`
		}{v, roster.Threshold(), roster.Stewards()}
		return p.tell(answer, func(out *screen) { showVault(out, v, roster) })
	})
}

func showVault(out *screen, v *api.Vault, r *client.Roster) {
	out.sayf("vault %s\n  new accounts: %s\n  sealing on arrival: %s\n", v.VaultID, v.Enrolment, onOff(v.OnArrival))
	out.sayf("  a part may have %s, a testimony %d parts\n", size(v.Limits.Payload), v.Limits.Parts)
	var keys []string
	for _, k := range v.ReceiptKeys {
		keys = append(keys, k.String())
	}
	out.sayf("  receipt keys: %s\n", strings.Join(keys, " "))
	out.sayf("  stewards, of whom %d must agree:\n", r.Threshold())
	for _, s := range r.Stewards() {
		out.sayf("    %s  %s\n", s.Key, s.Name)
	}
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}
