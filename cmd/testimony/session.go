package main

import (
	"context"
	"encoding/json"
	"flag"
	"io"
	"os"
	"strings"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
)

const maxFile = 16 << 20 // bytes of a session, statement or roster that is read

func tokenCommand() command {
	return command{
		name: "token", brief: "sign in for another program, such as curl",
		about: `Prints a session as JSON: access token and the key that it is bound to. Whoever
has it is you, for ten minutes: keep it in a file that only you can read.

  umask 077; testimony token > session.json`,
		make: func() action { return new(token) },
	}
}

type token struct {
	connection
	asSteward bool
}

func (a *token) flags(f *flag.FlagSet) {
	a.connection.flags(f)
	f.BoolVar(&a.asSteward, "steward", false, "the words are a steward's")
}

func (a *token) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 0, 0); err != nil {
		return err
	}
	keys := keysOf(client.KeysFor)
	if a.asSteward {
		keys = asSteward
	}
	return a.as(ctx, p, keys, func(ctx context.Context, c *client.Client) error {
		t, err := c.Token(ctx)
		if err != nil {
			return err
		}
		text, err := json.Marshal(t)
		if err != nil {
			return err
		}
		p.told = true
		p.err.sayf("Whoever has this is you, for ten minutes.\n")
		return p.out.json(text)
	})
}

func proofCommand() command {
	return command{
		name: "proof", args: "--session FILE METHOD URL", brief: "prove to the vault that a session is yours",
		about: `Prints the DPoP proof (RFC 9449) of one request; with --headers both headers that
it needs, for curl -H @FILE, which keeps the token off the command line. It works
offline.

  testimony proof --session session.json --headers GET "$URL" > headers
  curl -H @headers "$URL"`,
		make: func() action { return new(proof) },
	}
}

type proof struct {
	session, nonce string
	headers        bool
}

func (a *proof) flags(f *flag.FlagSet) {
	f.StringVar(&a.session, "session", "", "`FILE` that testimony token filled")
	f.StringVar(&a.nonce, "nonce", "", "the newest DPoP-Nonce, `TEXT`; the one from the sign-in if there is none")
	f.BoolVar(&a.headers, "headers", false, "print the Authorization and DPoP headers")
}

func (a *proof) run(_ context.Context, p *program, args []string) error {
	if err := takes(args, 2, 2); err != nil {
		return err
	}
	if a.session == "" {
		return usage("--session FILE is missing: testimony token > FILE makes one")
	}
	text, err := readBounded(a.session)
	if err != nil {
		return err
	}
	t := new(client.Token)
	if err := json.Unmarshal(text, t); err != nil {
		return usage("%s: %s", a.session, err)
	}
	made, err := t.Proof(p.rand, p.now().Unix(), strings.ToUpper(args[0]), args[1], a.nonce)
	if err != nil {
		return usage("%s", err)
	}
	return p.tell(map[string]any{"proof": made}, func(out *screen) {
		if a.headers {
			out.sayf("Authorization: %s %s\n%s: %s\n", api.SchemeDPoP, t.Access(), api.HeaderDPoP, made)
			return
		}
		out.sayf("%s\n", made)
	})
}

func signCommand() command {
	return command{
		name: "sign", args: "ACT JSON", brief: "sign a statement for another program to send",
		about: `Signs what would come next in your chain, and prints it without sending it. JSON
is the body of the act as docs/protocol.md has it; - reads it from standard input.
Send it, or throw it away, before anything else is signed.

  testimony sign revoke '{"testimony":"…","grant":"…"}'`,
		make: func() action { return new(sign) },
	}
}

type sign struct {
	connection
	asSteward bool
}

func (a *sign) flags(f *flag.FlagSet) {
	a.connection.flags(f)
	f.BoolVar(&a.asSteward, "steward", false, "the words are a steward's")
}

func (a *sign) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 2, 2); err != nil {
		return err
	}
	body := []byte(args[1])
	if args[1] == "-" {
		var err error
		if body, err = io.ReadAll(io.LimitReader(p.in.r, maxFile)); err != nil {
			return usage("%s", err)
		}
	}
	keys := keysOf(client.KeysFor)
	if a.asSteward {
		keys = asSteward
	}
	return a.as(ctx, p, keys, func(ctx context.Context, c *client.Client) error {
		signed, err := c.Sign(ctx, args[0], body)
		if err != nil {
			return err
		}
		return p.tell(api.Signed{Statement: signed}, func(out *screen) { out.sayf("%s\n", signed) })
	})
}

func identityCommand() command {
	return command{
		name: "identity", args: "FILE", brief: "write your key for the age program",
		about: `Writes the age identity of your account to a new file that only you can read:

  age -d -i FILE -o part.tar part.age && tar -xf part.tar && sha256sum -c SHA256SUMS

Whoever gets the file opens everything that is sealed to you, for ever, and no
password protects it. Delete it when you are done. Never pipe age into tar: tar
stops reading before age has verified the end. The vault is not asked.`,
		make: func() action { return new(identity) },
	}
}

type identity struct{ connection }

func (a *identity) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 1, 1); err != nil {
		return err
	}
	vault, err := a.vaultID(p)
	if err == nil && vault == (api.Hash{}) {
		err = usage("the key depends on the vault's id: give it with --vault or TESTIMONY_VAULT")
	}
	if err != nil {
		return err
	}
	s, err := p.secret(ctx)
	if err != nil {
		return err
	}
	defer s.Wipe()
	keys, err := client.KeysFor(s, vault)
	if err != nil {
		return err
	}
	file := keys.IdentityFile()
	defer file.Wipe()
	if err := writePrivate(args[0], file.Reveal()); err != nil {
		return usage("%s", err)
	}
	return p.tell(map[string]any{"file": args[0], "recipient": keys.Recipient}, func(out *screen) {
		out.sayf("WARNING: whoever gets %s opens everything that is sealed to you, for ever.\nDelete it as soon as you are done.\n", args[0])
	})
}

// readBounded reads a file that somebody names.
func readBounded(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, usage("%s", err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(b) > maxFile {
		return nil, usage("%s is too large for what it should be", path)
	}
	return b, err
}
