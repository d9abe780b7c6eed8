package client

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/takeout"
)

// TakeoutLanguages are those in which a takeout says how it is opened.
func TakeoutLanguages() []string { return takeout.Languages() }

// PartWatch makes a Watch for one part, or gives nil.
type PartWatch func(t api.ID, n int64) Watch

// TakenOut is what TakeOut wrote.
type TakenOut struct {
	Testimonies int
	Parts       int
}

// TakeOut writes everything the account owns into a folder (package takeout): her
// cards and parts, sealed to her as they are, her statements, feeds and grants,
// and in her language how it opens with age, tar and sha256sum. Each card and part
// is held against what she signed, and each key against its commitment, while it is
// written; nothing is decrypted. A takeout that broke off goes on in its folder.
func (c *Client) TakeOut(ctx context.Context, dir, language string, watch PartWatch) (*TakenOut, error) {
	out, err := c.takeOut(ctx, dir, language, watch)
	if err != nil {
		return nil, fmt.Errorf("take everything out: %w", err)
	}
	return out, nil
}

// packing is a takeout under way.
type packing struct {
	*Client
	h       *history
	entries []statement.Entry
	erased  []string // erase statements that have no place in the chain
	folder  *takeout.Folder
	watch   PartWatch
	out     TakenOut
}

func (c *Client) takeOut(ctx context.Context, dir, language string, watch PartWatch) (*TakenOut, error) {
	readme, err := takeout.ReadmeIn(language)
	if err != nil {
		return nil, refused(err.Error())
	}
	p := &packing{Client: c, watch: watch}
	if err := p.read(ctx); err != nil {
		return nil, err
	}
	if p.folder, err = takeout.Begin(dir); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFolder, err)
	}
	if err := p.folder.Write(takeout.Readme, readme); err != nil {
		return nil, err
	}
	index := takeout.Index{Vault: c.vault.String(), Account: p.h.chain.Account, Seq: p.h.chain.Head.Seq, Testimonies: []takeout.Kept{}, Erasures: p.erased}
	for i, t := range p.order() {
		place := takeout.Place(i + 1)
		if err := p.testimony(ctx, place, t); err != nil {
			return nil, fmt.Errorf("testimony %s: %w", t, err)
		}
		index.Testimonies = append(index.Testimonies, takeout.Kept{Testimony: t, Place: place})
	}
	if err := p.statements(takeout.Statements, func(statement.Entry) bool { return true }); err != nil {
		return nil, err
	}
	if err := p.receipts(ctx); err != nil {
		return nil, err
	}
	if err := p.folder.WriteJSON(takeout.About, index); err != nil {
		return nil, err
	}
	return &p.out, p.folder.Finish()
}

// read fetches and verifies the chain, and keeps its entries as they came.
func (p *packing) read(ctx context.Context) error {
	known := p.known()
	entries, erased, head, err := p.fetchChain(ctx)
	if err != nil {
		return err
	}
	h, err := p.verifyHistory(p.keys, entries, erased, head)
	if err != nil {
		return err
	}
	if err := h.enrolled(); err != nil {
		return err
	}
	p.entries, p.erased = entries, erased
	p.h, err = p.remember(h, known)
	return err
}

// receipts are the vault's signed words that grants have ended. With the keys of
// the vault beside them they can be shown to others when it is gone.
func (p *packing) receipts(ctx context.Context) error {
	v, err := p.vaultInfo(ctx)
	if err != nil {
		return err
	}
	list, err := p.withdrawals(ctx, p.h, 0)
	if err != nil {
		return err
	}
	out := receiptPapers{Keys: v.ReceiptKeys, Withdrawals: []receiptPaper{}}
	for _, w := range list {
		one := receiptPaper{w.Grant, w.Testimony, w.Reader, w.Parts, w.Day, w.Receipt}
		out.Withdrawals = append(out.Withdrawals, one)
	}
	return p.folder.WriteJSON(takeout.Receipts, out)
}

// receiptPapers is receipts.json of a takeout.
type receiptPapers struct {
	Keys        []api.Bytes    `json:"receipt_keys"`
	Withdrawals []receiptPaper `json:"withdrawals"`
}

type receiptPaper struct {
	Grant      api.ID      `json:"grant"`
	Testimony  api.ID      `json:"testimony"`
	Grantee    api.Account `json:"grantee"`
	Parts      []int64     `json:"parts"`
	Day        int64       `json:"day"`
	Revocation string      `json:"revocation"` // a revocation receipt
}

// order is that in which her testimonies came to be.
func (p *packing) order() []api.ID {
	alive := p.h.alive()
	var out []api.ID
	for _, s := range p.h.chain.Statements {
		if t, ok := statement.SubjectOf(s.Body); ok && alive[t] {
			out, alive[t] = append(out, t), false
		}
	}
	return out
}

func (p *packing) testimony(ctx context.Context, place string, t api.ID) error {
	var claimed api.Testimony
	if err := p.get(ctx, pathOf(t), &claimed); err != nil {
		return err
	}
	if _, err := p.openCard(p.h, t, claimed.Card); err != nil {
		return err
	}
	if err := p.folder.Write(place+"/"+takeout.Card, claimed.Card); err != nil {
		return err
	}
	for _, part := range p.h.held(t, claimed) {
		if err := p.part(ctx, place, t, part); err != nil {
			return fmt.Errorf("part %d: %w", part.n, err)
		}
		p.out.Parts++
	}
	p.out.Testimonies++
	return p.papers(ctx, place, t)
}

// part writes a part that does not lie there whole already.
func (p *packing) part(ctx context.Context, place string, t api.ID, part heldPart) error {
	if part.HeaderSHA256 == "" {
		return ErrWithheld
	}
	want, err := expectedOf(part.Binding)
	if err != nil {
		return err
	}
	name := place + "/" + takeout.Part(part.n)
	if p.folder.Keep(name, func(r io.Reader) error { return p.sealed(io.Discard, r, want) }) {
		return nil
	}
	return p.fetched(ctx, name, ownOrigin(t, part.n), want)
}

// fetched fetches a part into the folder; one that was broken off goes on.
func (p *packing) fetched(ctx context.Context, name string, from origin, want expected) error {
	path, err := p.folder.Room(name)
	if err != nil {
		return err
	}
	var watch Watch
	if p.watch != nil {
		watch = p.watch(from.of, from.n)
	}
	var sum hash.Hash
	file, err := p.fetch(ctx, path, from, want, func(r io.Reader, want expected) error {
		sum = sha256.New()
		return p.sealed(sum, r, want)
	}, watch)
	if err != nil {
		return err
	}
	return p.folder.Take(name, sum, file.MoveTo)
}

// sealed copies an age file that is what she signed for, without opening more of
// it than its key.
func (c *Client) sealed(w io.Writer, file io.Reader, want expected) error {
	header, payload, err := envelope.Split(file)
	if err != nil {
		return swapped(err)
	}
	key, err := c.unlock(header, want)
	if err != nil {
		return err
	}
	key.Wipe()
	if _, err := w.Write(header); err != nil {
		return err
	}
	return copySealed(w, payload, want.payload)
}

// papers are what goes with a testimony beside its content.
func (p *packing) papers(ctx context.Context, place string, t api.ID) error {
	err := p.statements(place+"/"+takeout.Statements, func(e statement.Entry) bool {
		s, err := statement.Parse(e.Compact)
		if err != nil {
			return false
		}
		about, ok := statement.SubjectOf(s.Body)
		return ok && about == t
	})
	if err != nil {
		return err
	}
	events, denied, err := p.Feed(ctx, t)
	if err != nil {
		return err
	}
	if err := p.folder.WriteJSON(place+"/"+takeout.Feed, api.Feed{Events: events, Last: int64(len(events)), Denied: denied}); err != nil {
		return err
	}
	grants, err := p.grants(ctx, t, p.h.book.Testimonies[t])
	if err != nil {
		return err
	}
	return p.folder.WriteJSON(place+"/"+takeout.Grants, grantPapers(grants))
}

// grantPaper is a grant in a takeout; its statement is among hers.
type grantPaper struct {
	Grant    api.ID         `json:"grant"`
	Grantee  api.Account    `json:"grantee"`
	Parts    []int64        `json:"parts"`
	State    api.GrantState `json:"state"`
	Terms    api.Terms      `json:"terms"`
	Openings []api.Opening  `json:"openings"`
}

func grantPapers(list []GrantDetail) []grantPaper {
	out := []grantPaper{}
	for _, g := range list {
		out = append(out, grantPaper{g.ID, g.Grantee, g.Parts, g.State, g.Terms, g.Openings})
	}
	return out
}

func (p *packing) statements(name string, which func(statement.Entry) bool) error {
	kept := slices.DeleteFunc(slices.Clone(p.entries), func(e statement.Entry) bool { return !which(e) })
	text, err := takeout.Lines(kept)
	if err != nil {
		return err
	}
	return p.folder.Write(name, text)
}

// ErrFolder: a folder that nothing can be taken out into.
var ErrFolder = errors.New("this folder cannot be used")

// ErrTakeout: a folder that is no takeout of these words.
var ErrTakeout = errors.New("this folder is no takeout of these words, or was altered: nothing was brought in from it. " +
	"A folder opens with the words of the day on which it was made: give those, if you have changed your words since")

// foreignFolder is ErrTakeout with its cause, which is told by a vault's standards:
// what to do about a vault that shows such a chain is wrong for a folder.
type foreignFolder struct{ cause error }

func (foreignFolder) Error() string     { return ErrTakeout.Error() }
func (f foreignFolder) Unwrap() []error { return []error{ErrTakeout, f.cause} }

// Takeout is a folder that TakeOut wrote, verified against the words it is of.
type Takeout struct {
	Vault   api.Hash
	Account api.Account

	dir   string
	old   *Client // of the words; it speaks to nobody
	h     *history
	index takeout.Index
}

// TakeoutVault says of which vault a folder is, for deriving the keys of its words.
func TakeoutVault(dir string) (api.Hash, error) {
	index, err := takeout.ReadIndex(dir)
	if err != nil {
		return api.Hash{}, err
	}
	return api.ParseHash(index.Vault)
}

// OpenTakeout reads a folder and verifies the chain in it, which must be in the
// hands of keys. Cards and parts are verified when they are brought in.
func OpenTakeout(dir string, keys *Keys) (*Takeout, error) {
	index, err := takeout.ReadIndex(dir)
	if err != nil {
		return nil, err
	}
	vault, err := api.ParseHash(index.Vault)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrTakeout, err)
	}
	entries, err := takeout.ReadStatements(dir)
	if err != nil {
		return nil, err
	}
	if len(entries) == 0 {
		return nil, fmt.Errorf("%w: it holds no statements", ErrTakeout)
	}
	old := &Client{vault: vault, keys: keys}
	last := entries[len(entries)-1]
	h, err := old.verifyHistory(keys, entries, index.Erasures, api.Head{Seq: last.Seq, SHA256: last.Hash})
	if err != nil {
		return nil, foreignFolder{err}
	}
	if last.Seq != index.Seq {
		return nil, ErrTakeout
	}
	return &Takeout{vault, h.chain.Account, dir, old, h, index}, nil
}

// card opens the card of a testimony in the folder.
func (t *Takeout) card(k takeout.Kept) (Card, error) {
	f, err := os.Open(filepath.Join(t.dir, k.Place, takeout.Card))
	if err != nil {
		return Card{}, err
	}
	defer f.Close()
	sealed, err := io.ReadAll(io.LimitReader(f, 2*envelope.MaxHeader)) // more is none that she signed
	if err != nil {
		return Card{}, err
	}
	return t.old.openCard(t.h, k.Testimony, sealed)
}
