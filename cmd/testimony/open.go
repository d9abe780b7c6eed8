package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
)

// maxShown bounds a text that is shown on the terminal, in bytes.
const maxShown = 1 << 20

func openCommand() command {
	return command{
		name: "open", args: "TESTIMONY PART", brief: "open a part of your own",
		about: `Saves the content into a new folder DIR/part-PART, which appears only when
everything has been verified, or shows a text on the terminal. A saved copy is
not sealed: whoever can use this device can read it. When the line breaks, what has
come lies in a hidden file in DIR, sealed, and the same command goes on with it.`,
		make: func() action { return new(openOwn) },
	}
}

// outlet is where a part goes that is opened.
type outlet struct {
	dir  string
	show bool
}

func (o *outlet) flags(f *flag.FlagSet) {
	f.StringVar(&o.dir, "o", "", "save into `DIR`/part-PART")
	f.BoolVar(&o.show, "show", false, "show a text here, and keep nothing")
}

func (o *outlet) check() error {
	if (o.dir == "") == !o.show {
		return usage("say where it goes: -o DIR saves it, --show shows a text here")
	}
	return nil
}

// folder makes room for a part.
func (o *outlet) folder(n int64) (string, error) {
	if err := os.MkdirAll(o.dir, 0o700); err != nil {
		return "", usage("%s", err)
	}
	dir := filepath.Join(o.dir, fmt.Sprintf("part-%d", n))
	if _, err := os.Lstat(dir); err == nil {
		return "", usage("%s is there already: name another folder", dir)
	}
	return dir, nil
}

type openOwn struct {
	connection
	outlet
}

func (a *openOwn) flags(f *flag.FlagSet) {
	a.connection.flags(f)
	a.outlet.flags(f)
}

func (a *openOwn) run(ctx context.Context, p *program, args []string) error {
	t, n, err := partOf(args)
	if err != nil {
		return err
	}
	if err := a.check(); err != nil {
		return err
	}
	return a.account(ctx, p, func(ctx context.Context, c *client.Client) error {
		if a.show {
			text := new(textSink)
			if err := c.OpenOwn(ctx, t, n, text); err != nil {
				return err
			}
			return p.showText(text)
		}
		dir, err := a.folder(n)
		if err != nil {
			return err
		}
		if err := c.SaveOwn(ctx, t, n, dir, p.watch(dir)); err != nil {
			return p.fetching(ctx, a.dir, t, err)
		}
		return p.saved(dir, n)
	})
}

// partOf reads TESTIMONY PART.
func partOf(args []string) (api.ID, int64, error) {
	if err := takes(args, 2, 2); err != nil {
		return "", 0, err
	}
	t, err := testimonyID(args[0])
	if err != nil {
		return "", 0, err
	}
	n, err := partNumber(args[1])
	return t, n, err
}

func (p *program) saved(dir string, n int64) error {
	return p.tell(map[string]any{"part": n, "folder": dir}, func(out *screen) {
		out.sayf("Part %d is in %s: %s, and what it is in %s.\nIt is not sealed there. Delete it when you do not need it.\n",
			n, dir, client.ContentFile, client.InfoFile)
	})
}

// textSink holds a text until all of it has been found right.
type textSink struct {
	bytes.Buffer
	info     client.PartInfo
	lookOnly bool // it may not be saved either
}

var (
	errNotText  = mistake{exitUsage, "this program can show texts only, and this is none or too long: save it with -o DIR"}
	errNotShown = mistake{exitUsage, "this program can show texts only, and this is none or too long. You may not keep a copy: ask her whether you may, " +
		"or for the text of it"}
)

// Begin implements client.Sink.
func (t *textSink) Begin(info client.PartInfo, size int64) (io.Writer, error) {
	if !strings.HasPrefix(info.MediaType, "text/") || size > maxShown {
		if t.lookOnly {
			return nil, errNotShown
		}
		return nil, errNotText
	}
	t.info = info
	return t, nil
}

// Restart implements client.Restarter.
func (t *textSink) Restart() { t.Reset() }

func (p *program) showText(t *textSink) error {
	answer := map[string]any{"name": t.info.Name, "media_type": t.info.MediaType, "text": t.String()}
	return p.tell(answer, func(out *screen) {
		out.text(t.String())
		if !strings.HasSuffix(t.String(), "\n") {
			out.text("\n")
		}
	})
}
