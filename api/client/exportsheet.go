package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/partial"
	"github.com/relatingfield/vault/internal/sheet"
	"github.com/relatingfield/vault/internal/statement"
)

// Sheet is how ExportSheet writes.
type Sheet string

// The sheets.
const (
	SheetCSV  Sheet = "csv"  // for spreadsheets
	SheetJSON Sheet = "json" // for programs
)

// ExportSheet writes what may be told of exported parts into a new file: of each its
// kind and terms, and of her what the attribution allows. No content leaves. What may
// be told stands sealed in the parts, so each is opened for it, by an export that she
// sees. Without choices it is everything the reader was granted that may be exported,
// and says nothing of the rest.
func (c *Client) ExportSheet(ctx context.Context, chosen []Choice, file string, as Sheet, watch PartWatch) (int, error) {
	items := 0
	err := c.exportMaybe(ctx, file, chosen, watch, func(e *exporting) error {
		items = len(e.parts)
		var rows []sheet.Row
		for _, p := range e.parts {
			rows = append(rows, e.row(p))
		}
		return e.intoFile(func(w io.Writer) error {
			if as == SheetJSON {
				return sheet.JSON(w, rows)
			}
			return sheet.CSV(w, rows)
		})
	})
	if err != nil {
		return 0, fmt.Errorf("export the metadata: %w", err)
	}
	return items, nil
}

// exportMaybe is exportAll of what was chosen or, where nothing was, of everything
// that may be exported now.
func (c *Client) exportMaybe(ctx context.Context, target string, chosen []Choice, watch PartWatch, fill func(*exporting) error) error {
	if len(chosen) == 0 {
		all, err := c.Inbox(ctx)
		if err != nil {
			return err
		}
		for _, r := range all {
			if r.Err != nil {
				return r.Err
			}
			if r.Terms.Exportable() && r.State == api.GrantLive && len(r.Parts) > 0 {
				chosen = append(chosen, Choice{Grant: r.ID})
			}
		}
	}
	return c.exportAll(ctx, target, chosen, func(api.Terms) error { return nil }, watch, fill)
}

// row is what a sheet tells of a part.
func (e *exporting) row(p *leaving) sheet.Row {
	return sheet.Row{Item: p.item, From: e.made(p), Vault: e.vault.String(), Grant: p.r.ID, Statement: governing(p.r.Statement, p.r.Changed).String(),
		Terms: p.r.Terms, Info: p.told, Exported: e.day()}
}

// intoFile fills a new file, which gets its name when all of it is on the disk. Until
// then it lies in the workshop of the first part, which whoever begins anew removes.
func (e *exporting) intoFile(fill func(io.Writer) error) error {
	workshop := e.parts[0].file.Workshop()
	if err := os.Mkdir(workshop, 0o700); err != nil {
		return err
	}
	done := filepath.Join(workshop, "export")
	d, err := partial.NewDraft(done)
	if err != nil {
		return err
	}
	err = fill(d)
	if err == nil {
		err = d.Publish()
	}
	if err = errors.Join(err, d.Close()); err != nil {
		return errors.Join(err, os.RemoveAll(workshop))
	}
	if err := os.Rename(done, e.target); err != nil {
		return errors.Join(err, os.RemoveAll(workshop))
	}
	return syncFolder(filepath.Dir(e.target))
}

// UwaziExport is what ExportUwazi wrote.
type UwaziExport struct {
	Items    int
	Enclosed int               // whose content is in the zip
	Told     map[int64]error   // by item: why only its description is in the zip
	Names    map[int64]PartRef // by item
}

// PartRef is a part of a grant.
type PartRef struct {
	Grant api.ID `json:"grant"`
	Part  int64  `json:"part"`
}

// ExportUwazi writes a new zip that Uwazi imports: a row for each part, and its
// content where her terms let it be shown to others as it is. Where they do not, the
// row alone is there. languages are those of the collection, its default first. Without
// choices it is everything the reader was granted that may be exported.
func (c *Client) ExportUwazi(ctx context.Context, chosen []Choice, file string, languages []string, watch PartWatch) (*UwaziExport, error) {
	if _, err := sheet.NewUwazi(io.Discard, languages, c.origin, statement.Day); err != nil {
		return nil, refused(err.Error())
	}
	out := &UwaziExport{Told: map[int64]error{}, Names: map[int64]PartRef{}}
	err := c.exportMaybe(ctx, file, chosen, watch, func(e *exporting) error {
		return e.intoFile(func(w io.Writer) error { return e.uwazi(w, languages, out) })
	})
	if err != nil {
		return nil, fmt.Errorf("export for Uwazi: %w", err)
	}
	return out, nil
}

func (e *exporting) uwazi(w io.Writer, languages []string, out *UwaziExport) error {
	zip, err := sheet.NewUwazi(w, languages, e.origin, e.day())
	if err != nil {
		return err
	}
	for _, p := range e.parts {
		out.Items++
		out.Names[p.item] = PartRef{p.r.ID, p.n}
		document, attachments, err := e.enclose(zip, p, out)
		if err != nil {
			return fmt.Errorf("part %d of grant %s: %w", p.n, p.r.ID, err)
		}
		if err := zip.Row(e.row(p), document, attachments); err != nil {
			return err
		}
	}
	return zip.Close()
}

// enclose puts into the zip what may go there of a part: her terms always, as they
// are the condition of all else.
func (e *exporting) enclose(zip *sheet.Uwazi, p *leaving, out *UwaziExport) (document string, attachments []string, err error) {
	terms := fmt.Sprintf("item-%d.%s", p.item, TermsFile)
	if err := zip.File(terms, func(w io.Writer) error { return writeJSON(w, e.termsTold(p)) }); err != nil {
		return "", nil, err
	}
	if err := p.shown(); err != nil {
		if !saysNo(err) {
			return "", nil, err
		}
		out.Told[p.item] = err
		return "", []string{terms}, nil
	}
	name := fmt.Sprintf("item-%d%s", p.item, extension(p.info.MediaType))
	if err := zip.File(name, p.content); err != nil {
		return "", nil, err
	}
	out.Enclosed++
	if strings.HasSuffix(name, ".pdf") {
		return name, []string{terms}, nil
	}
	return "", []string{name, terms}, nil
}

// saysNo tells what keeps a content back from what is broken.
func saysNo(err error) bool {
	return errors.Is(err, ErrNoExport) || errors.Is(err, ErrNamesLeft) || errors.Is(err, ErrRefused)
}

// termsTold is TERMS.json of an exported part.
func (e *exporting) termsTold(p *leaving) any {
	if p.r.Terms.Attribution == statement.Named {
		return e.termsOf(p.r, p.n)
	}
	return unsignedTerms{e.vault, p.r.ID, p.n, p.r.Terms, governing(p.r.Statement, p.r.Changed), plainly(e.lang, p.r.Terms)}
}
