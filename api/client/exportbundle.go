package client

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"filippo.io/age"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/bag"
	"github.com/relatingfield/vault/internal/bundle"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/explain"
	"github.com/relatingfield/vault/internal/statement"
)

// ErrBundleSize: more parts than one bundle holds.
const ErrBundleSize = refused("these are more parts than one bundle holds: make several")

// ErrBundleShared: a sealed bundle of what no single key opens.
const ErrBundleShared = refused("this part is sealed to a key that trustees share, and would not open with yours: make an opened bundle, if her terms allow it")

// BundleExport is what ExportBundle wrote.
type BundleExport struct {
	Items  int
	Signer api.Account // the key that signed it
	SHA512 string      // of tagmanifest-sha512.txt, in hexadecimal: what is stamped
}

// ExportBundle makes an evidence bundle of granted parts in the new folder dir: the
// parts, her terms, what was done and what proves it, as a BagIt bag that is an
// RO-Crate, signed by the reader (package bundle has the layout).
//
// A sealed bundle holds the parts as age files that the reader's key opens; it is made
// of whatever may be exported. An opened one holds the content itself, and is made only
// of parts that her terms let others see as they are: one that they do not ends all of
// it with an ErrNoExport. Each part is opened by an export that she sees.
func (c *Client) ExportBundle(ctx context.Context, chosen []Choice, dir string, sealed bool, watch PartWatch) (*BundleExport, error) {
	if len(chosen) == 0 {
		return nil, refused("say which grants the bundle is to hold")
	}
	allow := maySpeak
	if sealed {
		allow = func(api.Terms) error { return nil }
	}
	var out *BundleExport
	err := c.exportAll(ctx, dir, chosen, allow, watch, func(e *exporting) (err error) {
		out, err = e.bundle(dir, sealed)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("export a bundle: %w", err)
	}
	return out, nil
}

// packer puts a bundle together.
type packer struct {
	*exporting
	bag *bag.Writer
	bundle.Bundle
}

func (e *exporting) bundle(dir string, sealed bool) (*BundleExport, error) {
	if len(e.parts) > bundle.MaxItems {
		return nil, ErrBundleSize
	}
	p := &packer{exporting: e, Bundle: bundle.Bundle{Sealed: sealed, Vault: e.vault.String(), Day: e.day()}}
	return p.make(dir, p.proofs, p.items)
}

// make fills a new bag by steps, describes and signs it, and gives it its name last.
func (p *packer) make(dir string, steps ...func() error) (*BundleExport, error) {
	workshop := p.parts[0].file.Workshop()
	w, err := bag.Begin(workshop)
	if err != nil {
		return nil, err
	}
	p.bag = w
	out, err := p.fill(workshop, append(steps, p.documents))
	if err = errors.Join(err, w.Close()); err != nil {
		return nil, errors.Join(err, os.RemoveAll(workshop))
	}
	if err := os.Rename(workshop, dir); err != nil {
		return nil, errors.Join(err, os.RemoveAll(workshop))
	}
	return out, syncFolder(filepath.Dir(dir))
}

func (p *packer) fill(dir string, steps []func() error) (*BundleExport, error) {
	for _, step := range steps {
		if err := step(); err != nil {
			return nil, err
		}
	}
	tags512, tags256, err := p.bag.Finish(p.Describe())
	if err != nil {
		return nil, err
	}
	signature, err := bundle.Sign(p.keys, p.Vault, p.Day, tags512, tags256)
	if err != nil {
		return nil, err
	}
	if err := beside(dir, bundle.SignatureFile, []byte(signature+"\n")); err != nil {
		return nil, err
	}
	return &BundleExport{len(p.Items), p.keys.ID, tags512.SHA512}, nil
}

// beside writes a file that no manifest names.
func beside(dir, name string, b []byte) error {
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	return errors.Join(err, f.Sync(), f.Close(), syncFolder(filepath.Dir(path)))
}

// proofs are what others hold the bundle against. The signer's own standing is
// verified first: a bundle by somebody whom nobody vouches for is worth nothing.
func (p *packer) proofs() error {
	s, links, err := p.rosters(p.ctx)
	if err != nil {
		return err
	}
	record, err := p.researcherRecord(p.ctx, p.Account())
	if err != nil {
		return err
	}
	me, err := p.vet(p.Account(), record, s, p.time().Unix())
	if err != nil {
		return err
	}
	p.Signer = bundle.Signer{Account: p.keys.ID, Name: me.Name, Institution: me.Institution}
	record.Silent = false // of one day, and no proof
	return p.papers(links, record)
}

// papers are the proofs that every bundle has.
func (p *packer) papers(links api.Roster, signer any) error {
	info, err := p.vaultInfo(p.ctx)
	if err != nil {
		return err
	}
	key, _ := p.keys.Public().(ed25519.PublicKey)
	pem, err := bundle.PEM(key)
	if err != nil {
		return err
	}
	return errors.Join(
		p.paper(bundle.RosterFile, "The vault's stewards, from the founding on", links),
		p.paper(bundle.SignerFile, "Who made the bundle", signer),
		p.paper(bundle.VaultKeys, "The keys with which the vault signs receipts", map[string]any{"receipt_keys": info.ReceiptKeys}),
		p.put(bundle.File{Path: bundle.KeyFile, Name: "The key that signed this bundle", Media: "application/x-pem-file"}, pem),
		p.put(bundle.File{Path: bundle.ProofsNote, Name: "What is among the proofs, and what is not", Media: "text/plain"}, p.Proofs()))
}

func (p *packer) paper(path, name string, v any) error {
	return p.write(bundle.File{Path: path, Name: name, Media: "application/json"}, func(w io.Writer) error { return writeJSON(w, v) })
}

func (p *packer) put(f bundle.File, b []byte) error {
	return p.write(f, func(w io.Writer) error { _, err := w.Write(b); return err })
}

func (p *packer) write(f bundle.File, fill func(io.Writer) error) (err error) {
	if f.Sum, err = p.bag.Payload(f.Path, fill); err == nil {
		p.Files = append(p.Files, f)
	}
	return err
}

func (p *packer) items() error {
	for _, part := range p.parts {
		if err := p.item(part); err != nil {
			return fmt.Errorf("part %d of grant %s: %w", part.n, part.r.ID, err)
		}
	}
	return nil
}

func (p *packer) item(part *leaving) error {
	english, err := explain.In(explain.Languages()[0])
	if err != nil {
		return err
	}
	i := bundle.Item{Number: part.item, From: p.made(part), Grant: part.r.ID, Statement: governing(part.r.Statement, part.r.Changed).String(),
		Terms: part.r.Terms, Info: part.told, Words: english.Terms(part.r.Terms)}
	if part.r.Terms.Attribution == statement.Named {
		i.Giver = part.r.From
	}
	content := part.content
	folder := bundle.Folder(part.info.Kind, part.item)
	if p.Sealed {
		if part.r.shared != "" {
			return ErrBundleShared
		}
		i.Info = PartInfo{Kind: part.info.Kind}
		i.Path, content = folder+"/"+AgeFile, part.asSealed
	} else {
		if err := part.shown(); err != nil {
			return err
		}
		i.Path = folder + "/" + contentName(part.told)
		if err := p.describePart(part); err != nil {
			return err
		}
	}
	if i.Sum, err = p.bag.Payload(i.Path, content); err != nil {
		return err
	}
	p.Items = append(p.Items, i)
	return errors.Join(p.consent(part), p.custody(part))
}

// asSealed copies the age file, and fails if it is not what was signed for.
func (p *leaving) asSealed(w io.Writer) error {
	header, payload, err := envelope.Split(p.file.Reader())
	if err != nil {
		return swapped(err)
	}
	if _, err := w.Write(header); err != nil {
		return err
	}
	return copySealed(w, payload, p.want.payload)
}

// contentName is what the content is called: by its own name where that may be told,
// made safe, and else by what it is.
func contentName(told PartInfo) string {
	if told.Name != "" {
		return bag.SafeName(told.Name)
	}
	return ContentFile + extension(told.MediaType)
}

// describePart writes what an export writes beside the content.
func (p *packer) describePart(part *leaving) error {
	folder := bundle.Custody(part.item) // not beside the content, whose name somebody else chose
	x := &exporter{terms: part.r.Terms, info: part.info}
	made := provenance{Vault: p.vault, Grant: part.r.ID, StatementSHA256: governing(part.r.Statement, part.r.Changed), Part: part.n,
		Attribution: part.r.Terms.Attribution, Day: p.Day, ContentSHA256: api.Hash(part.sum), Bytes: part.size, LeftOut: x.leftOut()}
	return errors.Join(
		p.about(part.item, folder+"/"+InfoFile, "What the part is, as far as it may be told", part.told),
		p.about(part.item, folder+"/"+ProvenanceFile, "Where it comes from, and what was left out", made))
}

func (p *packer) about(item int64, path, name string, v any) error {
	return p.write(bundle.File{Path: path, Name: name, Media: "application/json", Item: item}, func(w io.Writer) error { return writeJSON(w, v) })
}

// consent writes the terms: in words, as they may be told, and as she signed them.
// Where she is not named, her signature is sealed to the signer, who can show it to a
// court and need not show it to anybody else: it names her key.
func (p *packer) consent(part *leaving) error {
	folder := bundle.Consent(part.item)
	err := p.about(part.item, folder+"/"+TermsFile, "The terms", p.termsTold(part))
	if part.r.Terms.Attribution != statement.Named {
		err = errors.Join(err, p.write(bundle.File{Path: folder + "/" + TermsFile + ".age", Name: "The terms with the signature on them, sealed to the signer", Media: "application/vnd.age", Item: part.item},
			func(w io.Writer) error { return p.toMyself(w, p.termsOf(part.r, part.n)) }))
	}
	for _, tag := range explain.Languages() {
		l, langErr := explain.In(tag)
		if langErr != nil {
			return langErr
		}
		var text []byte
		for _, said := range l.Terms(part.r.Terms) {
			text = append(text, said+"\n"...)
		}
		err = errors.Join(err, p.put(bundle.File{Path: folder + "/notice." + tag + ".txt", Name: "The terms in words", Media: "text/plain", Item: part.item}, text))
	}
	return err
}

// toMyself seals JSON to the signer.
func (p *packer) toMyself(w io.Writer, v any) error {
	to, err := p.self()
	if err != nil {
		return err
	}
	sealed, err := age.Encrypt(w, to)
	if err != nil {
		return err
	}
	return errors.Join(writeJSON(sealed, v), sealed.Close())
}

// custody is what the signer can know of what happened: what she signed, by the day,
// and the export itself.
func (p *packer) custody(part *leaving) error {
	for _, said := range []struct{ kind, text string }{{bundle.Granted, part.r.Statement}, {bundle.Changed, part.r.Changed}, {bundle.Relocked, part.r.relocks[part.n]}} {
		if said.text == "" {
			continue
		}
		s, err := statement.Parse(said.text)
		if err != nil {
			return err
		}
		p.Events = append(p.Events, bundle.Event{Day: s.IssuedAt, Type: said.kind, Item: part.item, Statement: hashText(s)})
	}
	p.Events = append(p.Events, bundle.Event{Day: p.Day, Type: bundle.Exported, Item: part.item})
	return nil
}

// documents are written last, because they say what is there.
func (p *packer) documents() error {
	p.Events = append(p.Events, bundle.Event{Day: p.Day, Type: bundle.Bundled})
	slices.SortStableFunc(p.Events, func(a, b bundle.Event) int { return int(a.Day - b.Day) })
	premis, err := p.Premis()
	if err != nil {
		return err
	}
	events, err := p.EventLines()
	if err != nil {
		return err
	}
	err = errors.Join(
		p.put(bundle.File{Path: bundle.PremisFile, Name: "Fixity, events and rights", Media: "application/xml"}, premis),
		p.put(bundle.File{Path: bundle.EventsFile, Name: "What happened, by the day", Media: "application/jsonl"}, events))
	if err != nil {
		return err
	}
	crate, err := p.Crate()
	if err != nil {
		return err
	}
	if _, err := p.bag.Payload(bundle.CrateFile, func(w io.Writer) error { _, err := w.Write(crate); return err }); err != nil {
		return err
	}
	return p.bag.Tag(bundle.ReadmeFile, p.Readme())
}
