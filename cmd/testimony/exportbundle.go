package main

import (
	"context"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
)

func exportBundleCommand() command {
	return command{
		name: "export bundle", args: "GRANT[:PARTS] … DIR", brief: "a bundle that others can check without you",
		about: `Makes the new folder DIR: a BagIt bag that is an RO-Crate, with what you were granted,
her terms in words and as far as they name her as she signed them, what was done with
it, and what proves it. It is signed with your key and names you: you answer for it.
README.txt in it says how others check it with their own programs.

It is sealed: the content is age files that open with your key alone, which is not in
it. With --open the content is there to be read. That is refused, whole, where her
terms do not let others see or hear it as it is: background, quotes that she wants to
see first, a form she did not allow, a text with a name her terms leave out, a photo
that may hold a place.

Each part is opened for it: that is recorded, she sees that it left, and it counts as
a read. Whoever you give it to owes what you owe: where her terms do not let you pass
it on, bag-info.txt says so. Have its date proved with testimony export stamp.`,
		make: func() action { return new(exportBundle) },
	}
}

type exportBundle struct {
	connection
	open bool
}

func (a *exportBundle) flags(f *flag.FlagSet) {
	a.connection.flags(f)
	f.BoolVar(&a.open, "open", false, "with content that everybody can read who gets the folder")
}

func (a *exportBundle) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 2, -1); err != nil {
		return err
	}
	chosen, dir, err := choices(args)
	if err != nil {
		return err
	}
	return a.account(ctx, p, func(ctx context.Context, c *client.Client) error {
		p.sayRecorded()
		out, err := c.ExportBundle(ctx, chosen, dir, !a.open, p.partWatch)
		if err != nil {
			return p.exporting(ctx, dir, chosen, err)
		}
		answer := map[string]any{"folder": dir, "items": out.Items, "sealed": !a.open, "signer": out.Signer, "tagmanifest_sha512": out.SHA512}
		return p.tell(answer, func(s *screen) {
			s.sayf("%s: %s, signed by you. README.txt there says how others check it.\n", dir, parts(out.Items))
			if a.open {
				s.sayf("Everybody who gets the folder can read what is in it.\n")
			}
		})
	})
}

func exportOwnCommand() command {
	return command{
		name: "export own", args: "TESTIMONY[:PARTS] DIR", brief: "a bundle of a testimony of yours, for others to check",
		about: `Makes the new folder DIR, as testimony export bundle does, of a testimony of your own:
with what you signed when you stored it, what happened to it, by the day and without
who read it, and what the vault signed when you took something back. It is signed
with your key and says which account is yours, not who you are.

It is made only of a testimony for which you chose to keep when and where it was
made: testimony mode shows what that can do to you, and asks. It is opened: everybody
who gets the folder reads what is in it, so name the parts that they are to see.
With --sealed the content opens with your words alone: for keeping, not for others,
because whoever gets your key opens everything of yours.`,
		make: func() action { return new(exportOwn) },
	}
}

type exportOwn struct {
	connection
	sealed bool
}

func (a *exportOwn) flags(f *flag.FlagSet) {
	a.connection.flags(f)
	f.BoolVar(&a.sealed, "sealed", false, "leave the content sealed to you")
}

func (a *exportOwn) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 2, 2); err != nil {
		return err
	}
	text, numbers, some := strings.Cut(args[0], ":")
	t, err := testimonyID(text)
	if err != nil {
		return err
	}
	var only []int64
	if some {
		if only, err = partNumbers(numbers); err != nil {
			return err
		}
	}
	return a.account(ctx, p, func(ctx context.Context, c *client.Client) error {
		out, err := c.ExportOwnBundle(ctx, t, only, args[1], a.sealed, p.partWatch)
		if err != nil {
			return p.fetching(ctx, filepath.Dir(args[1]), t, err)
		}
		answer := map[string]any{"folder": args[1], "items": out.Items, "sealed": a.sealed, "signer": out.Signer, "tagmanifest_sha512": out.SHA512}
		return p.tell(answer, func(s *screen) {
			s.sayf("%s: %s, signed by you. README.txt there says how others check it.\n", args[1], parts(out.Items))
			if !a.sealed {
				s.sayf("Everybody who gets the folder can read what is in it.\n")
			}
		})
	})
}

func exportCheckCommand() command {
	return command{
		name: "export check", args: "DIR", brief: "check a bundle, without a vault",
		about: `Checks offline that the bundle in DIR is whole, that its signature is over it, and that
the stewards of the vault it names vouched for whoever signed it, on that day (of one's
own testimony, that the account signed which it is of). With
--vault, or TESTIMONY_VAULT, also that it is that vault: without it anybody can have
founded one. A time stamp is compared with the bundle; whether its authority is one to
trust, openssl ts -verify says (README.txt in the bundle).

It cannot say whether she has taken back since what the bundle holds: ask its signer.`,
		make: func() action { return new(exportCheck) },
	}
}

type exportCheck struct{ vault string }

func (a *exportCheck) flags(f *flag.FlagSet) {
	f.StringVar(&a.vault, "vault", "", "the vault's `ID`, from a card; else TESTIMONY_VAULT")
}

func (a *exportCheck) run(_ context.Context, p *program, args []string) error {
	if err := takes(args, 1, 1); err != nil {
		return err
	}
	if _, err := os.Stat(args[0]); err != nil {
		return usage("%s", err)
	}
	r, err := client.CheckBundle(os.DirFS(args[0]))
	if err != nil {
		return err
	}
	if vault := first(a.vault, p.env("TESTIMONY_VAULT")); vault != "" && vault != r.Vault.String() {
		return mistake{exitUntrusted, errOtherVault.Error()}
	}
	return p.checked(args[0], r)
}

func (p *program) checked(dir string, r *client.BundleReport) error {
	answer := struct {
		Folder      string      `json:"folder"`
		Vault       api.Hash    `json:"vault"`
		Signer      api.Account `json:"signer"`
		Own         bool        `json:"own"`                   // of the signer's own testimony
		Name        string      `json:"name,omitempty"`        // by the stewards' word
		Institution string      `json:"institution,omitempty"` // likewise
		Day         int64       `json:"day"`
		Stamped     int64       `json:"stamped,omitzero"` // by an authority that was not checked
		SHA512      string      `json:"tagmanifest_sha512"`
	}{dir, r.Vault, r.Signer, r.Own, r.Name, r.Institution, r.Day, 0, r.SHA512}
	if !r.Stamped.IsZero() {
		answer.Stamped = r.Stamped.Unix()
	}
	return p.tell(answer, func(s *screen) {
		s.sayf("%s is whole.\n", dir)
		if r.Own {
			s.sayf("Signed on %s by account %s of vault %s, which it is a testimony of. Who that is, nobody vouches for.\n", day(r.Day), r.Signer, r.Vault)
		} else {
			s.sayf("Signed on %s by %s, %s (account %s), for whom the stewards of vault %s vouched.\n", day(r.Day), r.Name, r.Institution, r.Signer, r.Vault)
		}
		if answer.Stamped != 0 {
			s.sayf("It bears a time stamp of %s. Whose it is was not checked: README.txt in it says how.\n", moment(answer.Stamped))
		}
		s.sayf("Whether she has taken it back since, only the vault can say.\n")
	})
}

func exportStampCommand() command {
	return command{
		name: "export stamp", args: "DIR REPLY", brief: "put a time stamp into a bundle",
		about: `Puts the REPLY of a time stamping authority (RFC 3161) into the bundle in DIR, if it is
over its tagmanifest-sha512.txt. The request is made with openssl:

  openssl ts -query -data DIR/tagmanifest-sha512.txt -sha512 -cert -out request.tsq

and sent as your authority says. It learns a digest and the time, not what it is of.
Do not have every testimony stamped as it comes: such times link people.`,
		make: func() action { return new(exportStamp) },
	}
}

type exportStamp struct{}

func (*exportStamp) flags(*flag.FlagSet) {}

// maxStamp bounds what is read of a reply, in bytes.
const maxStamp = 1 << 20

func (*exportStamp) run(_ context.Context, p *program, args []string) error {
	if err := takes(args, 2, 2); err != nil {
		return err
	}
	f, err := os.Open(args[1])
	if err != nil {
		return usage("%s", err)
	}
	reply, err := io.ReadAll(io.LimitReader(f, maxStamp))
	if err = errors.Join(err, f.Close()); err != nil {
		return usage("%s", err)
	}
	if _, err := os.Stat(args[0]); err != nil {
		return usage("%s", err)
	}
	r, err := client.StampBundle(args[0], reply)
	if err != nil {
		return err
	}
	return p.checked(args[0], r)
}
