package main

import (
	"context"
	"flag"

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
--clean stores a second part beside each photo or recording, without what the
device wrote into it; --only-clean stores nothing but that. Let others open the
clean one. What can be seen and heard stays: a face, a voice, a street sign.

A part that was made from another says so with --kind cleaned, redacted, cut,
voice-altered, transcript or translation, and --derived-from. It has a key of its
own: whoever may open it gets nothing of the other.

--people names a JSON file with those who can be recognised in the files, so that
what leaves the vault under a pseudonym or by the Chatham House rule leaves them
out: [{"role":"speaker","name":"…","first_name":"…","initial":"…","pseudonym":"…",
"country":"…","region":"…","place":"…","affiliation":"…"}], other people with the
role participant, empty where nothing is to be said.

When the line breaks, or this machine does, give the same command again, here or on
another machine: your words and the same file are enough. It goes on where it ended,
and sends nothing of a file that is not the same. Of a file that is stored already
nothing is sent. --beside stores it as a part of its own all the same.

--on-arrival sends the file unsealed over the encrypted line and has the vault
seal it: for devices that cannot seal. In that moment the people who run the
vault could read it. Such a part is marked for ever, and you have to look at it
and adopt it before anybody else can be let in.`,
		make: func() action { return new(add) },
	}
}

type add struct {
	connection
	making
	title, language  string
	warnings, labels list
	kind             string
	derivedFrom      int
	onArrival        bool
	beside           bool
}

func (a *add) flags(f *flag.FlagSet) {
	a.connection.flags(f)
	a.making.flags(f)
	f.StringVar(&a.title, "title", "", "`TITLE` of a new testimony; only you see it")
	f.StringVar(&a.language, "language", "", "language of a new testimony, a `TAG` such as ar or uk")
	f.Var(&a.warnings, "warning", "`TEXT` that warns of what it may stir up; can be repeated")
	f.Var(&a.labels, "label", "`TEXT` by which you know a file; repeat in the order of the files")
	f.StringVar(&a.kind, "kind", "original", "`KIND` of the files, original if you name none; see above")
	f.IntVar(&a.derivedFrom, "derived-from", 0, "number `N` of the part they were made from, unless they are original")
	f.BoolVar(&a.beside, "beside", false, "store each file as a new part, whatever was stored or begun before")
	f.BoolVar(&a.onArrival, "on-arrival", false, "have the vault seal it; see above")
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
func (a *add) contents(p *program, paths []string) ([]toAdd, error) {
	if len(a.labels) > len(paths) {
		return nil, usage("there are more labels than files")
	}
	if err := a.check(a.kind, a.derivedFrom, a.onArrival); err != nil {
		return nil, err
	}
	var out []toAdd
	for i, path := range paths {
		content, err := client.File(path)
		if err != nil {
			return nil, usage("%s: %s", path, err)
		}
		content.Info.Kind, content.Info.DerivedFrom = envelope.Kind(a.kind), a.derivedFrom
		if i < len(a.labels) {
			content.Label = a.labels[i]
		}
		made, err := a.made(content)
		if err != nil {
			return nil, err
		}
		for _, m := range made {
			if m.Watch = p.watch(""); a.onArrival {
				m.Content = p.counted(m.Content)
			}
			out = append(out, m)
		}
	}
	return out, nil
}

func (a *add) create(ctx context.Context, p *program, c *client.Client, contents []toAdd) error {
	testimony := client.Testimony{Title: a.title, Language: a.language, Warnings: a.warnings}
	if a.onArrival {
		t, err := c.Create(ctx, testimony)
		if err != nil {
			return err
		}
		return a.append(ctx, p, c, t, contents)
	}
	if t, err := a.begunBefore(ctx, p, c, contents); t != "" || err != nil {
		if err != nil {
			return err
		}
		return a.append(ctx, p, c, t, contents)
	}
	numbers := make([]int64, len(contents))
	for i, content := range contents {
		testimony.Parts = append(testimony.Parts, content.after(int64(i)))
		numbers[i] = int64(i + 1)
	}
	t, err := c.Create(ctx, testimony)
	if err != nil {
		if t != "" {
			p.err.sayf("Testimony %s is there, with what has arrived. To go on, give the same files: testimony add %s FILE…\n", t, t)
		}
		return err
	}
	return a.stored(p, t, contents, numbers)
}

// append adds parts one by one, and tells which are stored also when a later one
// fails.
func (a *add) append(ctx context.Context, p *program, c *client.Client, t api.ID, contents []toAdd) error {
	var numbers []int64
	last := int64(0)
	for _, content := range contents {
		n, err := a.store(ctx, p, c, t, content.after(last))
		if n > 0 {
			numbers, last = append(numbers, n), n
		}
		if err != nil {
			return a.cutShort(p, t, contents, numbers, err)
		}
	}
	return a.stored(p, t, contents, numbers)
}

// cutShort says after a failure what is stored, and of what nobody can say so: she
// may be about to delete her files.
func (a *add) cutShort(p *program, t api.ID, contents []toAdd, numbers []int64, err error) error {
	if len(numbers) > 0 {
		if told := a.stored(p, t, contents, numbers); told != nil {
			return told
		}
	}
	for _, left := range contents[min(len(numbers), len(contents)):] {
		p.err.sayf("NOT confirmed as stored: %s\n", first(left.Info.Name, "("+string(left.Info.Kind)+", without a name)"))
	}
	p.err.sayf("Keep your files. What has arrived is kept: give the same files again, or look what is there: testimony show %s\n", t)
	return err
}

type storedPart struct {
	N         int64  `json:"n"`
	Name      string `json:"name"`
	Kind      string `json:"kind"`
	OnArrival bool   `json:"on_arrival"`
}

func (a *add) stored(p *program, t api.ID, contents []toAdd, numbers []int64) error {
	answer := struct {
		Testimony api.ID       `json:"testimony"`
		Parts     []storedPart `json:"parts"`
	}{t, []storedPart{}}
	for i, n := range numbers {
		answer.Parts = append(answer.Parts, storedPart{n, contents[i].Info.Name, string(contents[i].Info.Kind), a.onArrival})
	}
	return p.tell(answer, func(out *screen) {
		out.sayf("Stored in testimony %s\n", t)
		for _, part := range answer.Parts {
			out.sayf("  part %d  %s\n", part.N, first(part.Name, "("+part.Kind+", without a name)"))
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
