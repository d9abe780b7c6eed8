package client

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/bundle"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/takeout"
	"github.com/relatingfield/vault/internal/warning"
)

// ErrBundleListening: a testimony that is kept to be listened to is no evidence.
const ErrBundleListening = refused("this testimony is kept to be listened to. A bundle is evidence, and can be used against whoever told it: read what that means and choose it first, with mode")

// ExportOwnBundle makes an evidence bundle of the account's own testimony in the new
// folder dir, all parts or those that are named: as ExportBundle does, but with the
// statements that made the parts its owner's, the custody feed and the vault's word
// for what was taken back in the place of terms, and signed by the account itself,
// which it names. It is made only of what is kept as evidence, which nobody chooses
// without having been shown what it can do to her.
//
// Sealed, it opens with her key, which opens all else of hers too: for others it is
// to be made opened, of the parts that they are to see.
func (c *Client) ExportOwnBundle(ctx context.Context, t api.ID, numbers []int64, dir string, sealed bool, watch PartWatch) (*BundleExport, error) {
	e := &exporting{Client: c, ctx: ctx, target: dir, watch: watch}
	var out *BundleExport
	err := e.whole(nil, func() error {
		h, err := c.refresh(ctx)
		if err != nil {
			return err
		}
		p := &ownPacker{packer: &packer{exporting: e, Bundle: bundle.Bundle{Sealed: sealed, Own: true, Vault: c.vault.String(), Day: e.day()}}, h: h, of: t}
		if err := p.choose(numbers); err != nil {
			return err
		}
		for _, part := range e.parts {
			if err := p.take(part); err != nil {
				return fmt.Errorf("part %d: %w", part.n, err)
			}
		}
		out, err = p.make(dir, p.proofs, p.items, p.said, p.feed)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("export a bundle: %w", err)
	}
	return out, nil
}

// ownPacker puts a bundle of one's own testimony together.
type ownPacker struct {
	*packer
	h  *history
	of api.ID
}

func (p *ownPacker) choose(numbers []int64) error {
	state, err := p.h.state(p.of)
	if err != nil {
		return err
	}
	if !state.Evidence {
		return ErrBundleListening
	}
	if len(numbers) == 0 {
		for n := range state.Parts {
			numbers = append(numbers, n)
		}
	}
	for _, n := range slices.Compact(slices.Sorted(slices.Values(numbers))) {
		if _, err := p.h.part(p.of, n); err != nil {
			return err
		}
		p.parts = append(p.parts, &leaving{n: n, item: int64(len(p.parts)) + 1})
	}
	switch {
	case len(p.parts) == 0:
		return fmt.Errorf("there is nothing in it: %w", ErrNotFound)
	case len(p.parts) > bundle.MaxItems:
		return ErrBundleSize
	}
	return nil
}

// take fetches a part of hers, sealed.
func (p *ownPacker) take(part *leaving) error {
	var watch Watch
	if p.watch != nil {
		watch = p.watch(p.of, part.n)
	}
	target := fmt.Sprintf("%s.%d", p.target, part.n)
	return trial{find: p.ownPart(p.ctx, p.of, part.n), do: func(from origin, want expected) error {
		return p.keep(part, target, from, want, watch)
	}, over: func() bool { return true }, doubts: true}.run()
}

func (p *ownPacker) proofs() error {
	_, links, err := p.rosters(p.ctx)
	if err != nil {
		return err
	}
	p.Signer = bundle.Signer{Account: p.keys.ID}
	signer := struct {
		Key    string   `json:"key"`
		Rekeys []string `json:"rekeys"`
	}{Rekeys: []string{}}
	for _, s := range p.h.chain.Statements {
		switch s.Body.(type) {
		case *statement.Key:
			signer.Key = s.Compact()
		case *statement.Rekey:
			signer.Rekeys = append(signer.Rekeys, s.Compact())
		}
	}
	return p.papers(links, signer)
}

func (p *ownPacker) items() error {
	for _, part := range p.parts {
		i := bundle.Item{Number: part.item, From: p.from(part), Statement: p.binding(part.n), Giver: p.h.chain.Account, Info: part.info,
			Words: []string{"It is the signer's own. No terms come with it: what may be done with it is between the signer and whoever has it."}}
		folder, content := bundle.Folder(part.info.Kind, part.item), part.content
		if p.Sealed {
			i.Info = PartInfo{Kind: part.info.Kind}
			i.Path, content = folder+"/"+AgeFile, part.asSealed
		} else {
			i.Path = folder + "/" + contentName(part.info)
			if err := p.about(part.item, bundle.Custody(part.item)+"/"+InfoFile, "What the part is", part.info); err != nil {
				return err
			}
		}
		var err error
		if i.Sum, err = p.bag.Payload(i.Path, content); err != nil {
			return err
		}
		p.Items = append(p.Items, i)
	}
	return nil
}

// from is the item that a part was made from.
func (p *ownPacker) from(part *leaving) int64 {
	for _, o := range p.parts {
		if o.n == int64(part.info.DerivedFrom) {
			return o.item
		}
	}
	return 0
}

// concerns says whether a statement is about what is in the bundle.
func (p *ownPacker) concerns(s *statement.Statement) bool {
	in := func(n int64) bool { return slices.ContainsFunc(p.parts, func(l *leaving) bool { return l.n == n }) }
	switch b := s.Body.(type) {
	case *statement.Add:
		return b.Testimony == p.of && in(b.N)
	case *statement.Adopt:
		return b.Testimony == p.of && in(b.N)
	case *statement.Relock:
		return b.Testimony == p.of && in(b.N)
	case *statement.Mode:
		return b.Testimony == p.of
	}
	return false
}

// binding is the digest of the statement that the part rests on now.
func (p *ownPacker) binding(n int64) string {
	last := ""
	for _, s := range p.h.chain.Statements {
		switch b := s.Body.(type) {
		case *statement.Add:
			if b.Testimony == p.of && b.N == n {
				last = hashText(s)
			}
		case *statement.Adopt:
			if b.Testimony == p.of && b.N == n {
				last = hashText(s)
			}
		case *statement.Relock:
			if b.Testimony == p.of && b.N == n {
				last = hashText(s)
			}
		}
	}
	return last
}

// said is what she signed of what is in the bundle, and the words that she was shown
// when she chose to keep it as evidence.
func (p *ownPacker) said() error {
	var entries []statement.Entry
	shown := ""
	for _, s := range p.h.chain.Statements {
		if !p.concerns(s) {
			continue
		}
		entries = append(entries, statement.Entry{Seq: s.Seq, Hash: s.Hash(), Compact: s.Compact()})
		if m, ok := s.Body.(*statement.Mode); ok && m.Mode == statement.Evidence {
			shown = m.WarningSHA256
		}
	}
	lines, err := takeout.Lines(entries)
	if err != nil {
		return err
	}
	if err := p.put(bundle.File{Path: bundle.Statements, Name: "What was signed of the parts in this bundle", Media: "application/jsonl"}, lines); err != nil {
		return err
	}
	sum, err := statement.Hash32(shown)
	if err != nil {
		return err
	}
	if w, ok := warning.Shown(sum); ok {
		return p.put(bundle.File{Path: "consent/notice." + w.Language + ".txt", Name: "What was shown before it was chosen to keep this as evidence", Media: "text/plain"}, []byte(w.Words))
	}
	return nil
}

// feed is the custody of the parts, by the word of the vault and by the day, and its
// signed words for what was taken back of the testimony. Who read is in the feed and
// not here: it is nobody's business but hers and theirs.
func (p *ownPacker) feed() error {
	events, _, err := p.Feed(p.ctx, p.of)
	if err != nil {
		return err
	}
	kept := []api.EventKind{api.EventCreated, api.EventAdded, api.EventReceived, api.EventAdopted, api.EventMode, api.EventOpened, api.EventRelocked, api.EventRewrapped, api.EventDamaged, api.EventHealed}
	for _, e := range events {
		i := slices.IndexFunc(p.parts, func(l *leaving) bool { return l.n == e.N })
		if !slices.Contains(kept, e.Kind) || e.N != 0 && i < 0 {
			continue
		}
		out := bundle.Event{Day: e.Day, Type: string(e.Kind)}
		if e.Time != 0 {
			out.Day = e.Time - e.Time%statement.Day
		}
		if e.Detail != "" {
			out.Type += " " + e.Detail
		}
		if i >= 0 {
			out.Item = p.parts[i].item
		}
		p.Events = append(p.Events, out)
	}
	list, err := p.withdrawals(p.ctx, p.h, 0)
	if err != nil {
		return err
	}
	var lines strings.Builder
	for _, w := range list {
		if w.Testimony == p.of {
			lines.WriteString(w.Receipt + "\n")
		}
	}
	if lines.Len() == 0 {
		return nil
	}
	return p.put(bundle.File{Path: bundle.Revocations, Name: "The vault's words for what was taken back", Media: "application/jose"}, []byte(lines.String()))
}
