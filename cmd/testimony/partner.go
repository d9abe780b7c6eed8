package main

import (
	"context"
	"flag"
	"io"
	"os"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/canonical"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/statement"
)

func partnerEnrolCommand() command {
	return command{
		name: "partner enrol", args: "--invitation CODE", brief: "make the words of an officer, and open an account",
		about: `For a person who will be an officer of a partner organisation. A steward gives the
invitation. Tell the stewards your account in another way: they write it into the
agreement. An organisation needs two officers at least, each with words of their own.`,
		make: func() action { return new(partnerEnrol) },
	}
}

type partnerEnrol struct{ newcomer }

func (a *partnerEnrol) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 0, 0); err != nil {
		return err
	}
	return a.enrol(ctx, p, func(ctx context.Context, c *client.Client) error {
		if err := c.Enrol(ctx, statement.Partner, a.invitation); err != nil {
			return err
		}
		return p.welcome(c, a.out, func(out *screen) { out.sayf("Tell the stewards this account in another way too.\n") })
	})
}

func partnerKeyCommand() command {
	return command{
		name: "partner key", args: "FILE", brief: "make a key for a partner's program",
		about: `Writes an Ed25519 private key (PKCS #8, PEM) to the new FILE, which only you can read,
and its public half (JWK) to FILE.pub. Make it on the machine where the program runs;
FILE never leaves it. FILE.pub goes to the officers, with the client id that is
printed: two of them register it. For a further key of a client that there is
already, give --client. Nothing is sent.`,
		make: func() action { return new(partnerKey) },
	}
}

type partnerKey struct{ client string }

func (a *partnerKey) flags(f *flag.FlagSet) {
	f.StringVar(&a.client, "client", "", "`ID` of the client; a new one if you name none")
}

func (a *partnerKey) run(_ context.Context, p *program, args []string) error {
	if err := takes(args, 1, 1); err != nil {
		return err
	}
	name, err := a.name(p)
	if err != nil {
		return err
	}
	key, err := client.NewProgramKey(p.rand)
	if err != nil {
		return err
	}
	jwk, thumbprint, err := client.PublicJWK(key)
	if err != nil {
		return err
	}
	public, err := canonical.Encode(jwk)
	if err != nil {
		return err
	}
	private, err := client.MarshalProgramKey(key)
	if err != nil {
		return err
	}
	if err := writePrivate(args[0], private); err != nil {
		return usage("write the key: %s", err)
	}
	if err := writePrivate(args[0]+".pub", append(public, '\n')); err != nil {
		return usage("write the public key: %s", err)
	}
	answer := map[string]any{"client": name, "key": thumbprint, "jwk": jwk, "file": args[0]}
	return p.tell(answer, func(out *screen) {
		out.sayf("Client: %s\nKey:    %s\nIn %s is the private key: it stays here. %s.pub goes to the officers, who compare the\nsecond line with you in another way before they sign.\n", name, thumbprint, args[0], args[0])
	})
}

func (a *partnerKey) name(p *program) (api.ID, error) {
	if a.client == "" {
		return client.NewID(p.rand)
	}
	return clientID(a.client)
}

func clientID(text string) (api.ID, error) {
	v, err := id.Parse(text)
	if err != nil {
		return "", usage("%q is not the id of a client: it has 26 letters and digits", text)
	}
	return v, nil
}

// maxKeyFile bounds the file of a key, in bytes.
const maxKeyFile = 16 << 10

func readKeyFile(path string) ([]byte, error) { return readSome(path, maxKeyFile) }

// readSome reads a file of at most so many bytes.
func readSome(path string, most int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, usage("%s", err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, most+1))
	if err != nil || int64(len(b)) > most {
		return nil, usage("%s cannot be read, or is larger than what belongs there", path)
	}
	return b, nil
}

func partnerCheckCommand() command {
	return command{
		name: "partner check", args: "FILE CLIENT", brief: "sign in as a program, and show what it may do",
		about: `FILE is the private key of the program. Shows what the agreement and the key allow at
this moment, and until when.`,
		make: func() action { return new(partnerCheck) },
	}
}

type partnerCheck struct{ connection }

func (a *partnerCheck) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 2, 2); err != nil {
		return err
	}
	name, err := clientID(args[1])
	if err != nil {
		return err
	}
	text, err := readKeyFile(args[0])
	if err != nil {
		return err
	}
	key, err := client.ParseProgramKey(text)
	if err != nil {
		return usage("%s", err)
	}
	cfg, err := a.config(ctx, p)
	if err != nil {
		return err
	}
	if cfg.Program, err = client.NewProgram(name, key); err != nil {
		return usage("%s", err)
	}
	return a.with(ctx, p, cfg, func(ctx context.Context, c *client.Client) error {
		s, err := c.Partner(ctx)
		if err != nil {
			return err
		}
		return p.tell(s, func(out *screen) {
			out.sayf("The vault lets this program in, for partner %s.\nIt may: %s\nUntil the end of %s\n", s.Partner, scopeList(s.Scopes), lastDay(s.Until))
		})
	})
}
