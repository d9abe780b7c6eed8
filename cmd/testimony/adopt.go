package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"flag"
	"hash"
	"io"
	"os"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
)

func adoptCommand() command {
	return command{
		name: "adopt", args: "TESTIMONY PART", brief: "make a part that the vault sealed your own",
		about: `A part that the vault sealed on arrival is yours only after you have looked at
it. Say how: --compare FILE compares it with the file that you sent; --show shows
a text; -o DIR saves it for you to look at or listen to. Then you are asked.
What you adopt is exactly what you have seen.`,
		make: func() action { return new(adopt) },
	}
}

type adopt struct {
	connection
	outlet
	compare string
	yes     bool
}

func (a *adopt) flags(f *flag.FlagSet) {
	a.connection.flags(f)
	a.outlet.flags(f)
	f.StringVar(&a.compare, "compare", "", "compare it with this `FILE`, and adopt it if it is the same")
	f.BoolVar(&a.yes, "yes", false, "do not ask")
}

func (a *adopt) run(ctx context.Context, p *program, args []string) error {
	t, n, err := partOf(args)
	if err != nil {
		return err
	}
	look := a.looking
	if a.compare == "" {
		if err := a.check(); err != nil {
			return usage("say how you look at it: --compare FILE, --show or -o DIR")
		}
	} else {
		look = a.comparing
	}
	return a.account(ctx, p, func(ctx context.Context, c *client.Client) error {
		seen, err := look(ctx, p, c, t, n)
		if err != nil {
			return err
		}
		if err := c.Adopt(ctx, t, n, &sameSink{want: seen}); err != nil {
			return err
		}
		return p.tell(map[string]any{"testimony": t, "part": n}, func(out *screen) {
			out.sayf("Part %d is yours. You can let others open it now.\n", n)
		})
	})
}

// digest is the SHA-256 of a content that somebody has seen.
type digest [sha256.Size]byte

// comparing sees the file that was sent; whether the part is the same shows
// when it is adopted.
func (a *adopt) comparing(context.Context, *program, *client.Client, api.ID, int64) (digest, error) {
	f, err := os.Open(a.compare)
	if err != nil {
		return digest{}, usage("%s", err)
	}
	defer f.Close()
	return sum(f)
}

// looking shows or saves the part, and asks.
func (a *adopt) looking(ctx context.Context, p *program, c *client.Client, t api.ID, n int64) (seen digest, err error) {
	if a.show {
		seen, err = a.shown(ctx, p, c, t, n)
	} else {
		seen, err = a.kept(ctx, p, c, t, n)
	}
	if err != nil {
		return seen, err
	}
	return seen, p.agree(ctx, a.yes, "Is this what you sent, and shall it be yours?")
}

func (a *adopt) shown(ctx context.Context, p *program, c *client.Client, t api.ID, n int64) (digest, error) {
	text := new(textSink)
	if err := c.OpenArrived(ctx, t, n, text); err != nil {
		return digest{}, err
	}
	p.err.text(text.String() + "\n")
	return sha256.Sum256(text.Bytes()), nil
}

func (a *adopt) kept(ctx context.Context, p *program, c *client.Client, t api.ID, n int64) (digest, error) {
	dir, err := a.folder(n)
	if err != nil {
		return digest{}, err
	}
	if err := c.SaveArrived(ctx, t, n, dir, p.watch(dir)); err != nil {
		return digest{}, p.fetching(ctx, a.dir, t, err)
	}
	p.err.sayf("It is in %s, not sealed: delete it when you do not need it.\n", dir)
	f, err := os.Open(dir + string(os.PathSeparator) + client.ContentFile)
	if err != nil {
		return digest{}, err
	}
	defer f.Close()
	return sum(f)
}

func sum(r io.Reader) (digest, error) {
	h := sha256.New()
	_, err := io.Copy(h, r)
	return digest(h.Sum(nil)), err
}

// sameSink lets a content pass only if it is the one that was seen. It decides
// with the last byte, before anything is signed.
type sameSink struct {
	want digest
	hash hash.Hash
	left int64
}

var errOther = mistake{exitUntrusted, "this is not what you sent: it was not adopted; keep your original, and do not share this part"}

// Begin implements client.Sink.
func (s *sameSink) Begin(_ client.PartInfo, size int64) (io.Writer, error) {
	s.hash, s.left = sha256.New(), size
	if size == 0 {
		return s, s.decide()
	}
	return s, nil
}

// Write implements io.Writer.
func (s *sameSink) Write(b []byte) (int, error) {
	if s.left -= int64(len(b)); s.left < 0 {
		return 0, errors.New("there is more than there should be")
	}
	s.hash.Write(b)
	if s.left > 0 {
		return len(b), nil
	}
	return len(b), s.decide()
}

func (s *sameSink) decide() error {
	if digest(s.hash.Sum(nil)) != s.want {
		return errOther
	}
	return nil
}
