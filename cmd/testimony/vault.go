package main

import (
	"context"
	"flag"
	"strings"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
)

func vaultCommand() command {
	return command{
		name: "vault", brief: "show what the vault says of itself, and who its stewards are",
		about: `The stewards are verified from the vault's id on. Everything else is the vault's
word. The receipt keys are for testimony verify. With --receipt-key, one that you
noted on an earlier day, this program refuses keys that do not follow from it.`,
		make: func() action { return new(vaultAction) },
	}
}

type vaultAction struct {
	connection
	receiptKey string
}

func (a *vaultAction) flags(f *flag.FlagSet) {
	a.connection.flags(f)
	f.StringVar(&a.receiptKey, "receipt-key", "", "a receipt `KEY` of the vault that you noted earlier")
}

func (a *vaultAction) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 0, 0); err != nil {
		return err
	}
	return a.nobody(ctx, p, func(ctx context.Context, c *client.Client) error {
		v, err := c.Vault(ctx)
		if err != nil {
			return err
		}
		if a.receiptKey != "" {
			var kept api.Bytes
			if err := kept.UnmarshalText([]byte(a.receiptKey)); err != nil {
				return usage("--receipt-key: this is not a key")
			}
			if v.ReceiptKeys, err = client.FollowReceiptKeys(kept, v); err != nil {
				return err
			}
		}
		roster, err := c.Roster(ctx)
		if err != nil {
			return err
		}
		canary, err := c.Canary(ctx, roster)
		if err != nil {
			return err
		}
		answer := struct {
			*api.Vault
			Threshold int              `json:"threshold"`
			Stewards  []client.Steward `json:"stewards"`
			Farewell  *client.Farewell `json:"farewell,omitempty"`
		}{v, roster.Threshold(), roster.Stewards(), roster.Farewell()}
		return p.tell(answer, func(out *screen) { showVault(out, v, roster); showCanary(out, canary) })
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

func showCanary(out *screen, s client.Canary) {
	if !s.Spoken() {
		out.sayf("  no steward says that no secret demand came; nothing follows from that\n")
		return
	}
	out.sayf("  that no demand came of which they may not speak, say:\n")
	for _, v := range s.Voices {
		if !v.Day.IsZero() {
			out.sayf("    %s, on %s, for the time before %s\n", v.Steward.Name, day(v.Day.Unix()), day(v.Until.Unix()))
		}
	}
}
