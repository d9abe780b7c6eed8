package client

import (
	"context"
	"crypto/sha256"
	"fmt"
	"hash"
	"io"
	"strings"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/partial"
	"github.com/relatingfield/vault/internal/statement"
)

// ProvenanceFile says where an export comes from, as far as its terms allow.
const ProvenanceFile = "PROVENANCE.json"

// provenance is PROVENANCE.json. The digest of the statement leads who holds the
// statement to it, and tells nobody else who signed it.
type provenance struct {
	Vault           api.Hash              `json:"vault"`
	Grant           api.ID                `json:"grant"`
	StatementSHA256 api.Hash              `json:"statement_sha256"` // of the statement in force
	Part            int64                 `json:"part"`
	Attribution     statement.Attribution `json:"attribution"`
	Day             int64                 `json:"day"` // of the export, Unix seconds
	ContentSHA256   api.Hash              `json:"content_sha256"`
	Bytes           int64                 `json:"bytes"`
	LeftOut         []string              `json:"left_out"` // what the part or its grant says and the export does not
}

// unsignedTerms is TERMS.json beside an export that does not say who granted it:
// a statement names its signer.
type unsignedTerms struct {
	Vault           api.Hash  `json:"vault"`
	Grant           api.ID    `json:"grant"`
	Part            int64     `json:"part"`
	Terms           api.Terms `json:"terms"`
	StatementSHA256 api.Hash  `json:"statement_sha256"`
	Words           *inWords  `json:"words,omitempty"` // for people; nothing rests on them
}

// Export takes a granted part out of the vault's world, into the new folder dir:
// content, part.json, TERMS.json and PROVENANCE.json, each without what the
// attribution leaves out (docs/consent.md). It is an opening that she sees as an
// export. Terms that allow none are ErrNoExport, and the part is not opened; a text
// that holds a name the terms leave out is ErrNamesLeft, and nothing of it stays.
//
// Only fields are left out: what a text tells, and a picture or voice shows, stays.
// For that she makes a redacted copy.
func (c *Client) Export(ctx context.Context, grant api.ID, n int64, dir string, watch Watch) (*Received, error) {
	var r *Received
	err := c.save(ctx, saving{dir: dir, of: grant, find: func(bool) (from origin, want expected, err error) {
		if r, err = c.inboxGrant(ctx, grant); err != nil {
			return from, want, err
		}
		if !r.Terms.Exportable() {
			return from, want, ErrNoExport
		}
		from, want, err = c.wanted(ctx, r, n)
		from.path = strings.TrimSuffix(from.path, "content") + "export"
		return from, want, err
	}, check: c.opens, watch: watch, put: func(f *folder, sealed *partial.File, want expected) error {
		return c.export(r, n, f, sealed, want)
	}})
	if err != nil {
		return nil, fmt.Errorf("export part %d: %w", n, err)
	}
	return r, nil
}

func (c *Client) export(r *Received, n int64, f *folder, sealed *partial.File, want expected) error {
	if err := c.exportTerms(r, n, f); err != nil {
		return err
	}
	e := &exporter{folder: f, terms: r.Terms, sum: sha256.New()}
	if err := c.openFile(sealed.Reader(), want, e); err != nil {
		return err
	}
	if err := nameless(f.file.Name(), e.info.MediaType, unsaid(e.info, r.Terms)); err != nil {
		return err
	}
	return f.writeJSON(ProvenanceFile, provenance{Vault: c.vault, Grant: r.ID, StatementSHA256: governing(r.Statement, r.Changed), Part: n,
		Attribution: r.Terms.Attribution, Day: statement.DayOf(c.time()), ContentSHA256: api.Hash(e.sum.Sum(nil)), Bytes: e.size, LeftOut: e.leftOut()})
}

// exportTerms writes the terms with her signature, where her name may be told,
// and without it where it may not: the signature names her key.
func (c *Client) exportTerms(r *Received, n int64, f *folder) error {
	if r.Terms.Attribution == statement.Named {
		return f.writeJSON(TermsFile, c.termsOf(r, n))
	}
	return f.writeJSON(TermsFile, unsignedTerms{c.vault, r.ID, n, r.Terms, governing(r.Statement, r.Changed), plainly(c.lang, r.Terms)})
}

// governing is the digest of the statement whose terms are in force: of the one
// that changed those of the grant, where there is one.
func governing(grant, changed string) api.Hash {
	if changed != "" {
		grant = changed
	}
	return api.HashOf([]byte(grant))
}

// exporter is a Sink that keeps what may leave.
type exporter struct {
	*folder
	terms api.Terms
	info  PartInfo // as it was sealed
	size  int64
	sum   hash.Hash
}

// Begin implements Sink.
func (e *exporter) Begin(info PartInfo, size int64) (io.Writer, error) {
	e.info, e.size = info, size
	w, err := e.folder.Begin(told(info, e.terms), size)
	if err != nil {
		return nil, err
	}
	return io.MultiWriter(w, e.sum), nil
}

// leftOut names the fields that are not told, not what stood in them.
func (e *exporter) leftOut() []string {
	out := []string{}
	kept := told(e.info, e.terms)
	if e.terms.Attribution != statement.Named {
		out = append(out, "accounts", "statement", "testimony")
	}
	if kept.Name != e.info.Name {
		out = append(out, "file name")
	}
	for i, p := range e.info.People {
		if i >= len(kept.People) || kept.People[i] != p {
			out = append(out, "people")
			break
		}
	}
	if e.info.Captured != nil && (kept.Captured == nil || *kept.Captured != *e.info.Captured) {
		out = append(out, "capture")
	}
	return out
}
