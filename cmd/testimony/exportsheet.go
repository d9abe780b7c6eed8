package main

import (
	"context"
	"flag"
	"path/filepath"
	"strings"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
)

func exportMetadataCommand() command {
	return command{
		name: "export metadata", args: "[GRANT[:PARTS] …] FILE", brief: "what may be told of exported parts, as CSV or JSON",
		about: `Writes one row for each part into the new FILE: its kind, the terms it is under, and
of her what they let be told. FILE ends in .csv, for spreadsheets, or in .json, for
programs. No content leaves.

Without a GRANT it is everything you were granted that may be exported. What may be
told is sealed in the parts, so each is opened for it: that is recorded, she sees
that it left, and it counts as a read. PARTS are numbers, such as 1,2.`,
		make: func() action { return new(exportMetadata) },
	}
}

type exportMetadata struct{ connection }

func (a *exportMetadata) run(ctx context.Context, p *program, args []string) error {
	chosen, file, err := choices(args)
	if err != nil {
		return err
	}
	as := client.Sheet(strings.TrimPrefix(strings.ToLower(filepath.Ext(file)), "."))
	if as != client.SheetCSV && as != client.SheetJSON {
		return usage("%s: its name ends in .csv or in .json", file)
	}
	return a.account(ctx, p, func(ctx context.Context, c *client.Client) error {
		p.sayRecorded()
		items, err := c.ExportSheet(ctx, chosen, file, as, p.partWatch)
		if err != nil {
			return p.exporting(ctx, file, chosen, err)
		}
		return p.tell(map[string]any{"file": file, "items": items}, func(out *screen) {
			out.sayf("%s: %s\n", file, parts(items))
		})
	})
}

func exportUwaziCommand() command {
	return command{
		name: "export uwazi", args: "[GRANT[:PARTS] …] FILE", brief: "a zip that Uwazi imports, with what may be shown",
		about: `Writes the new zip FILE, with import.csv and files, for the import of Uwazi. Each
part has a row, with her terms, and with of her what they let be told. Its content
goes along only where her terms let others see or hear it as it is: testimony help
terms, and docs/exports.md, say when. The template in Uwazi needs the columns as
properties: docs/exports.md lists them.

Without a GRANT it is everything you were granted that may be exported. Each part is
opened for it: that is recorded, she sees that it left, and it counts as a read.

Who can see the collection in Uwazi sees what you import. When she takes it back, the
vault cannot reach it there: delete it, and answer with testimony reply.`,
		make: func() action { return new(exportUwazi) },
	}
}

type exportUwazi struct {
	connection
	languages string
}

func (a *exportUwazi) flags(f *flag.FlagSet) {
	a.connection.flags(f)
	f.StringVar(&a.languages, "languages", "en", "languages of the collection, its default first: some of `en,fr,ar,uk,ckb`")
}

func (a *exportUwazi) run(ctx context.Context, p *program, args []string) error {
	chosen, file, err := choices(args)
	if err != nil {
		return err
	}
	return a.account(ctx, p, func(ctx context.Context, c *client.Client) error {
		p.sayRecorded()
		out, err := c.ExportUwazi(ctx, chosen, file, strings.Split(a.languages, ","), p.partWatch)
		if err != nil {
			return p.exporting(ctx, file, chosen, err)
		}
		return p.tell(uwaziAnswer(file, out), func(s *screen) {
			s.sayf("%s: %s, %d with content\n", file, parts(out.Items), out.Enclosed)
			for item := int64(1); item <= int64(out.Items); item++ {
				if why := out.Told[item]; why != nil {
					s.sayf("  part %d of grant %s is described only: %s\n", out.Names[item].Part, out.Names[item].Grant, why)
				}
			}
		})
	})
}

// described is a part whose content is not in an export, as programs read it.
type described struct {
	client.PartRef
	Why string `json:"why"`
}

func uwaziAnswer(file string, out *client.UwaziExport) any {
	only := []described{}
	for item := int64(1); item <= int64(out.Items); item++ {
		if why := out.Told[item]; why != nil {
			only = append(only, described{out.Names[item], why.Error()})
		}
	}
	return map[string]any{"file": file, "items": out.Items, "enclosed": out.Enclosed, "described": only}
}

// choices reads GRANT[:PARTS] … TARGET.
func choices(args []string) (chosen []client.Choice, target string, err error) {
	if err := takes(args, 1, -1); err != nil {
		return nil, "", err
	}
	for _, text := range args[:len(args)-1] {
		grant, numbers, some := strings.Cut(text, ":")
		var ch client.Choice
		if ch.Grant, err = grantID(grant); err != nil {
			return nil, "", err
		}
		if some {
			if ch.Parts, err = partNumbers(numbers); err != nil {
				return nil, "", err
			}
		}
		chosen = append(chosen, ch)
	}
	return chosen, args[len(args)-1], nil
}

func (p *program) sayRecorded() {
	p.err.sayf("This export is recorded, and whoever granted you what is in it will see it.\n")
}

// exporting says what became of what was fetched, when an export ends early.
func (p *program) exporting(ctx context.Context, target string, chosen []client.Choice, err error) error {
	for _, ch := range chosen {
		err = p.fetching(ctx, filepath.Dir(target), api.ID(ch.Grant), err)
	}
	return err
}
