package main

import (
	"context"
	"errors"
	"flag"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/canonical"
	"github.com/relatingfield/vault/internal/statement"
)

// officer is what officers' commands have in common.
type officer struct{ connection }

// own gives the agreement in force of the officer who signs in.
func (a *officer) own(ctx context.Context, p *program, do func(ctx context.Context, c *client.Client, of *client.Organisation) error) error {
	return a.account(ctx, p, func(ctx context.Context, c *client.Client) error {
		if _, err := c.Head(ctx); err != nil {
			return err
		}
		list, err := c.Partners(ctx)
		if err != nil && !errors.Is(err, client.ErrNotFound) {
			return err
		}
		for _, o := range list {
			if o.Live(c.Time().Unix()) {
				return do(ctx, c, o)
			}
		}
		return usage("no agreement that counts names this account as an officer: ask the stewards")
	})
}

func partnerRegisterCommand() command {
	return command{
		name: "partner register", args: "CLIENT [PUBLIC]", brief: "sign for a program's key, as an officer",
		about: `Shows the key, what the program may do with it, and the term, and asks you. It counts
when two officers have signed the same. The first gives PUBLIC, the file that
testimony partner key wrote, with --scopes and --until; the second gives CLIENT
alone, and signs what the first has signed. Compare the key with whoever runs the
program, in another way. To rotate a key, register the next one for the same CLIENT,
change the program, and retire the old one.`,
		make: func() action { return new(partnerRegister) },
	}
}

type partnerRegister struct {
	officer
	scopes, until string
	yes           bool
}

func (a *partnerRegister) flags(f *flag.FlagSet) {
	a.connection.flags(f)
	f.StringVar(&a.scopes, "scopes", "", "what the program may do, `LIST`; all that the agreement gives if you name none")
	f.StringVar(&a.until, "until", "", "last `DATE`, at most twelve months away")
	f.BoolVar(&a.yes, "yes", false, "do not ask")
}

func (a *partnerRegister) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 1, 2); err != nil {
		return err
	}
	name, err := clientID(args[0])
	if err != nil {
		return err
	}
	if (len(args) == 2) != (a.until != "") {
		return usage("PUBLIC and --until go together: the first officer gives both, the second neither")
	}
	return a.own(ctx, p, func(limited context.Context, c *client.Client, of *client.Organisation) error {
		r, key, err := a.registration(limited, c, of, name, args[1:])
		if err != nil {
			return err
		}
		p.introduceKey(of, r, key)
		if err := p.agree(ctx, a.yes, "Do you sign for this key?"); err != nil {
			return err
		}
		result, err := c.Register(limited, r)
		if err != nil {
			return err
		}
		return p.tell(result, func(out *screen) {
			if result.Effective {
				out.sayf("The key counts: two officers have signed for it.\n")
				return
			}
			out.sayf("Your word counts: %d of %d officers. The other signs with: testimony partner register %s\n", result.Approvals, result.Threshold, name)
		})
	})
}

// registration is what the flags say, or what another officer has signed.
func (a *partnerRegister) registration(ctx context.Context, c *client.Client, of *client.Organisation, name api.ID, public []string) (client.Registration, api.Account, error) {
	if len(public) == 0 {
		return pendingKey(ctx, c, of, name)
	}
	text, err := readKeyFile(public[0])
	if err != nil {
		return client.Registration{}, "", err
	}
	var jwk api.JWK
	if err := canonical.Request(text, &jwk); err != nil {
		return client.Registration{}, "", usage("%s is not a public key: testimony partner key writes one", public[0])
	}
	key, err := jwk.Parse()
	if err != nil {
		return client.Registration{}, "", usage("%s is not a public key: %s", public[0], err)
	}
	r := client.Registration{Partner: of.Partner, Client: name, JWK: jwk, Scopes: of.Scopes, From: statement.DayOf(c.Time())}
	if a.scopes != "" {
		if r.Scopes, err = scopesOf(a.scopes); err != nil {
			return r, "", err
		}
	}
	r.Until, err = endFlag("until", a.until)
	return r, key.Thumbprint(), err
}

// pendingKey finds what one officer, and not yet this one, has signed.
func pendingKey(ctx context.Context, c *client.Client, of *client.Organisation, name api.ID) (client.Registration, api.Account, error) {
	list, err := c.Programs(ctx, of.Partner)
	if err != nil {
		return client.Registration{}, "", err
	}
	for _, k := range list {
		if k.Client == name && !k.Retired && c.Time().Unix() < k.Until && !k.SignedBy(c.Account()) && !of.Vouches(k) {
			return k.Registration, k.Key, nil
		}
	}
	return client.Registration{}, "", usage("no key of this client waits for you: testimony partner programs shows them")
}

func (p *program) introduceKey(of *client.Organisation, r client.Registration, key api.Account) {
	p.err.sayf("You would sign for a key of %s:\n  client %s\n  key    %s\n  it may %s\n  from %s to the end of %s\n", of.Name, r.Client, key, scopeList(r.Scopes), day(r.From), lastDay(r.Until))
	p.err.sayf("Have you compared the key with whoever runs the program, in another way?\n")
}

func partnerRetireCommand() command {
	return command{
		name: "partner retire", args: "CLIENT KEY", brief: "end a program's key, at once",
		about: `One officer is enough. From the next request on the key and every token that was got
with it are void. It cannot be undone: register another key.`,
		make: func() action { return new(partnerRetire) },
	}
}

type partnerRetire struct{ officer }

func (a *partnerRetire) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 2, 2); err != nil {
		return err
	}
	name, err := clientID(args[0])
	if err != nil {
		return err
	}
	key, err := accountOf(args[1])
	if err != nil {
		return usage("%q is not a key: testimony partner programs shows them", args[1])
	}
	return a.own(ctx, p, func(ctx context.Context, c *client.Client, of *client.Organisation) error {
		if err := c.Retire(ctx, of.Partner, name, key); err != nil {
			return err
		}
		return p.tell(map[string]any{"client": name, "key": key, "retired": true}, func(out *screen) { out.sayf("Retired. Nothing signed with this key is let in any more.\n") })
	})
}

func partnerProgramsCommand() command {
	return command{
		name: "partner programs", brief: "show the agreement, the programs and their keys, as an officer",
		about: `How each key stands follows from the officers' signatures, not from what the vault says.`,
		make:  func() action { return new(partnerPrograms) },
	}
}

type partnerPrograms struct{ officer }

type keyShown struct {
	Client   api.ID      `json:"client"`
	Key      api.Account `json:"key"`
	Scopes   []api.Scope `json:"scopes"`
	From     int64       `json:"from"`
	Until    int64       `json:"until"`
	State    string      `json:"state"` // in force, waiting, retired, over, to begin
	Officers int         `json:"officers"`
}

func (a *partnerPrograms) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 0, 0); err != nil {
		return err
	}
	return a.own(ctx, p, func(ctx context.Context, c *client.Client, of *client.Organisation) error {
		list, err := c.Programs(ctx, of.Partner)
		if err != nil {
			return err
		}
		answer := []keyShown{}
		for _, k := range list {
			answer = append(answer, keyShown{k.Client, k.Key, k.Scopes, k.From, k.Until, keyState(of, k, c.Time().Unix()), of.Signed(k)})
		}
		return p.tell(map[string]any{"partner": of.Partner, "name": of.Name, "scopes": of.Scopes, "until": of.Until, "keys": answer}, func(out *screen) {
			out.sayf("%s, partner %s\n  its programs may: %s\n  to the end of %s\n", of.Name, of.Partner, scopeList(of.Scopes), lastDay(of.Until))
			for _, k := range answer {
				out.sayf("Client %s\n  key %s\n  %s, from %s to the end of %s\n  it may: %s\n", k.Client, k.Key, k.State, day(k.From), lastDay(k.Until), scopeList(k.Scopes))
			}
		})
	})
}

func keyState(of *client.Organisation, k *client.ProgramKey, now int64) string {
	switch {
	case k.Retired:
		return "retired"
	case now >= k.Until:
		return "over"
	case !of.Vouches(k):
		return "waiting for a second officer"
	case now < k.From:
		return "to begin"
	}
	return "in force"
}
