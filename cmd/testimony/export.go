package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
)

// eventExport is the detail of an opening that left the vault's world.
const eventExport = "export"

func exportCommand() command {
	return command{
		name: "export", args: "GRANT DIR", brief: "take what you were granted out of the vault's world",
		about: `For a text, a data set, a broadcast: saves each part of the grant into a new folder
DIR/part-N with content, part.json, TERMS.json and PROVENANCE.json. By the terms
some of it is left out: under background and Chatham House everything that names
her or others, under a pseudonym all but that, and other people always. It is
recorded, and she sees that it left.

Only fields are left out. What a text tells and what a picture or a voice shows
stays; where it tells too much, ask her for a redacted copy. A text with a name in
it that the terms leave out is not exported at all. Neither is a part that is for
listening only, off the record, or only to be looked at: open those.`,
		make: func() action { return new(export) },
	}
}

type export struct {
	connection
	part string
}

func (a *export) flags(f *flag.FlagSet) {
	a.connection.flags(f)
	f.StringVar(&a.part, "part", "", "only part `N`")
}

func (a *export) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 2, 2); err != nil {
		return err
	}
	g, err := grantID(args[0])
	if err != nil {
		return err
	}
	var only int64
	if a.part != "" {
		if only, err = partNumber(a.part); err != nil {
			return err
		}
	}
	return a.account(ctx, p, func(ctx context.Context, c *client.Client) error {
		r, err := c.Granted(ctx, g)
		if err != nil {
			return dropOf(args[1], g, err)
		}
		numbers := r.Parts
		if only != 0 {
			numbers = []int64{only}
		}
		return p.fetching(ctx, args[1], g, exportAll(ctx, p, c, r, numbers, args[1]))
	})
}

func exportAll(ctx context.Context, p *program, c *client.Client, r *client.Received, numbers []int64, to string) error {
	if r.Terms.Exportable() {
		p.err.sayf("This export is recorded, and she will see it.\n")
	}
	if err := os.MkdirAll(to, 0o700); err != nil {
		return usage("%s", err)
	}
	done := []openedPart{}
	var failed error
	for _, n := range numbers {
		dir := filepath.Join(to, fmt.Sprintf("part-%d", n))
		if _, failed = c.Export(ctx, r.ID, n, dir, p.watch(dir)); failed != nil {
			break
		}
		done = append(done, openedPart{n, dir, derivationIn(dir)})
	}
	if len(done) == 0 {
		return failed
	}
	if err := p.exported(r, done); err != nil {
		return err
	}
	return failed
}

func (p *program) exported(r *client.Received, done []openedPart) error {
	answer := struct {
		Grant    api.ID       `json:"grant"`
		Terms    api.Terms    `json:"terms"`
		Exported []openedPart `json:"exported"`
	}{r.ID, r.Terms, done}
	return p.tell(answer, func(out *screen) {
		for _, d := range done {
			out.sayf("Part %d is in %s; what was left out is in %s\n", d.N, d.Folder, client.ProvenanceFile)
			out.tell(d.made)
		}
		out.sayf("What the words, pictures and voices in it tell, no program has left out: read it before you pass it on.\nYou promised:\n")
		for _, t := range termsInWords(r.Terms) {
			out.sayf("  %s\n", t)
		}
	})
}

// exported is the terms beside an export, which prove nothing by themselves.
type exported struct {
	file  string
	terms *client.Exported
}

var errUnproved = errors.New("an export does not say who signed its terms: name the TERMS.json of the opening too")

// checkExported looks for the opening that proves the terms of an export.
func (v *verification) checkExported(e exported) {
	err := errUnproved
	for _, k := range v.terms {
		if err = e.terms.Match(k); err == nil {
			l := v.words
			words := []string{l.Say("kept.exported", map[string]string{"n": l.Number(e.terms.Part), "grant": l.ID(string(e.terms.Grant))})}
			if !e.terms.OwnWords {
				words = append(words, l.Say("kept.words", nil))
			}
			v.found(e.file, nil, append(words, l.Terms(k.Terms)...)...)
			return
		}
	}
	v.found(e.file, err)
}
