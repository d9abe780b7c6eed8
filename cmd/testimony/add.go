package main

import (
	"context"
	"flag"
	"slices"
	"strings"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/envelope"
)

func addCommand() command {
	return command{
		name: "add", args: "TESTIMONY|new [FILE…]", brief: "seal files and store them",
		about: `Seals each FILE on this device, to you alone, and stores it as the next part of a
testimony, or of a new one. What is stored is complete and on a disk when this
program says so; keep your original until you have opened it from here once.

A file is stored as it is. Photos and recordings often know when, where and with
which device they were made, and whoever you let open them will know it too.

A part that was made from another says so with --kind cleaned, redacted,
voice-altered, transcript or translation, and --derived-from.

--on-arrival sends the file unsealed over the encrypted line and has the vault
seal it: for devices that cannot seal. In that moment the people who run the
vault could read it. Such a part is marked for ever, and you have to look at it
and adopt it before anybody else can be let in.`,
		make: func() action { return new(add) },
	}
}

type add struct {
	connection
	title, language  string
	warnings, labels list
	kind             string
	derivedFrom      int
	onArrival        bool
}

func (a *add) flags(f *flag.FlagSet) {
	a.connection.flags(f)
	f.StringVar(&a.title, "title", "", "`TITLE` of a new testimony; only you see it")
	f.StringVar(&a.language, "language", "", "language of a new testimony, a `TAG` such as ar or uk")
	f.Var(&a.warnings, "warning", "`TEXT` that warns of what it may stir up; can be repeated")
	f.Var(&a.labels, "label", "`TEXT` by which you know a file; repeat in the order of the files")
	f.StringVar(&a.kind, "kind", "original", "`KIND` of the files, original if you name none; see above")
	f.IntVar(&a.derivedFrom, "derived-from", 0, "number `N` of the part they were made from, unless they are original")
	f.BoolVar(&a.onArrival, "on-arrival", false, "have the vault seal it; see above")
}

func kinds() []string {
	return []string{string(envelope.Original), string(envelope.Cleaned), string(envelope.Redacted), string(envelope.VoiceAltered),
		string(envelope.Transcript), string(envelope.Translation)}
}

func (a *add) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 1, -1); err != nil {
		return err
	}
	contents, err := a.contents(p, args[1:])
	if err != nil {
		return err
	}
	if args[0] == "new" {
		return a.account(ctx, p, func(ctx context.Context, c *client.Client) error { return a.create(ctx, p, c, contents) })
	}
	t, err := testimonyID(args[0])
	if err != nil {
		return err
	}
	if len(contents) == 0 || a.title != "" || a.language != "" || len(a.warnings) > 0 {
		return usage("name files to add; title, language and warnings of a testimony that is there are changed with testimony card")
	}
	return a.account(ctx, p, func(ctx context.Context, c *client.Client) error { return a.append(ctx, p, c, t, contents) })
}

// contents looks at every file before anything is sent.
func (a *add) contents(p *program, paths []string) ([]client.Content, error) {
	if len(a.labels) > len(paths) {
		return nil, usage("there are more labels than files")
	}
	if !slices.Contains(kinds(), a.kind) || (a.kind == string(envelope.Original)) != (a.derivedFrom == 0) {
		return nil, usage("--kind is one of %s; with every kind but original, --derived-from says which part it was made from",
			strings.Join(kinds(), ", "))
	}
	var out []client.Content
	for i, path := range paths {
		content, err := client.File(path)
		if err != nil {
			return nil, usage("%s: %s", path, err)
		}
		content.Info.Kind, content.Info.DerivedFrom = envelope.Kind(a.kind), a.derivedFrom
		if i < len(a.labels) {
			content.Label = a.labels[i]
		}
		out = append(out, p.counted(content))
	}
	return out, nil
}

func (a *add) create(ctx context.Context, p *program, c *client.Client, contents []client.Content) error {
	testimony := client.Testimony{Title: a.title, Language: a.language, Warnings: a.warnings}
	if a.onArrival {
		t, err := c.Create(ctx, testimony)
		if err != nil {
			return err
		}
		return a.append(ctx, p, c, t, contents)
	}
	testimony.Parts = contents
	t, err := c.Create(ctx, testimony)
	if err != nil {
		if t != "" {
			p.err.sayf("Testimony %s is there, with the parts before this one. Go on with: testimony add %s FILE\n", t, t)
		}
		return err
	}
	numbers := make([]int64, len(contents))
	for i := range contents {
		numbers[i] = int64(i + 1)
	}
	return a.stored(p, t, contents, numbers)
}

// append adds parts one by one, and tells which are stored also when a later one
// fails.
func (a *add) append(ctx context.Context, p *program, c *client.Client, t api.ID, contents []client.Content) error {
	var numbers []int64
	for _, content := range contents {
		n, err := a.one(ctx, c, t, content)
		if n > 0 {
			numbers = append(numbers, n)
		}
		if err != nil {
			if told := a.stored(p, t, contents, numbers); told != nil {
				return told
			}
			return err
		}
	}
	return a.stored(p, t, contents, numbers)
}

func (a *add) one(ctx context.Context, c *client.Client, t api.ID, content client.Content) (int64, error) {
	if !a.onArrival {
		return c.AddPart(ctx, t, content)
	}
	n, err := c.AddOnArrival(ctx, t, content)
	if err != nil || content.Label == "" {
		return n, err
	}
	return n, relabel(ctx, c, t, map[int64]string{n: content.Label})
}

type storedPart struct {
	N         int64  `json:"n"`
	Name      string `json:"name"`
	OnArrival bool   `json:"on_arrival"`
}

func (a *add) stored(p *program, t api.ID, contents []client.Content, numbers []int64) error {
	answer := struct {
		Testimony api.ID       `json:"testimony"`
		Parts     []storedPart `json:"parts"`
	}{t, []storedPart{}}
	for i, n := range numbers {
		answer.Parts = append(answer.Parts, storedPart{n, contents[i].Info.Name, a.onArrival})
	}
	return p.tell(answer, func(out *screen) {
		out.sayf("Stored in testimony %s\n", t)
		for _, part := range answer.Parts {
			out.sayf("  part %d  %s\n", part.N, part.Name)
		}
		switch {
		case len(answer.Parts) == 0:
		case a.onArrival:
			out.sayf("The vault sealed it. Look at each part and adopt it: testimony adopt %s %d\n", t, numbers[0])
		default:
			out.sayf("Only your words open it.\n")
		}
	})
}
