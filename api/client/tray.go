package client

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/delivery"
	"github.com/relatingfield/vault/internal/statement"
)

// OpenTray opens a tray for a partner. Whoever is given the code and your recipient
// can bring something there for you, and learns nothing of who you are.
func (c *Client) OpenTray(ctx context.Context, partner api.ID) (*api.OpenedTray, error) {
	out := new(api.OpenedTray)
	if err := c.post(ctx, "/v1/trays", api.NewTray{Partner: partner}, out); err != nil {
		return nil, fmt.Errorf("open a tray: %w", err)
	}
	return out, nil
}

// InvitedTray is the code of the tray that somebody has who enrolled with a
// partner's invitation.
func InvitedTray(invitation string) string { return delivery.TrayCode(invitation) }

// VaultID is the vault that this client speaks to.
func (c *Client) VaultID() api.Hash { return c.vault }

// Recipient is what others seal to for this account.
func (c *Client) Recipient() string {
	if c.keys == nil {
		return ""
	}
	return c.keys.Recipient
}

// Trays lists the account's trays.
func (c *Client) Trays(ctx context.Context) (out []api.Tray, err error) {
	err = pages(ctx, c, "/v1/trays", func(page api.Trays) int {
		out = append(out, page.Trays...)
		return len(page.Trays)
	})
	if err != nil {
		return nil, fmt.Errorf("list the trays: %w", err)
	}
	return out, nil
}

// CloseTray makes a tray take nothing more. What waits there goes on waiting.
func (c *Client) CloseTray(ctx context.Context, tray api.ID) error {
	var out api.ClosedTray
	if err := c.post(ctx, "/v1/trays/"+string(tray)+"/closing", api.Empty{}, &out); err != nil {
		return fmt.Errorf("close the tray: %w", err)
	}
	return nil
}

// Item is something that a partner brought, by the word of its note. Err says that
// the note is not what it claims to be: do not open such an item.
type Item struct {
	ID        api.ID
	Tray      api.ID
	Partner   api.ID
	Name      string // of the partner, as stewards signed it; empty where the vault sealed the item
	Day       int64  // on which it came
	Until     int64  // the first day on which it is gone
	Length    int64  // of the sealed payload, in bytes
	Assurance api.Assurance
	Claimed   bool // it lay in a collection of the partner's before
	// Readable says that the partner could read it before it came here.
	Readable bool
	// Doubted says that the stewards have stopped the partner since, or an officer the
	// key: somebody else may have made the note.
	Doubted bool
	Err     error

	text string
	note *delivery.Note
}

// Items lists what waits, each with its note verified: that a program of the partner
// signed it whose key two officers registered, under an agreement that the stewards
// signed; or that the vault signed it, where the vault sealed it. That something is
// missing cannot be noticed.
func (c *Client) Items(ctx context.Context) ([]*Item, error) {
	all, err := c.claimedItems(ctx)
	if err != nil {
		return nil, fmt.Errorf("list what waits: %w", err)
	}
	if len(all) > 0 { // what another device of hers took meanwhile must not come again
		if _, err := c.refresh(ctx); err != nil {
			return nil, fmt.Errorf("list what waits: %w", err)
		}
	}
	var out []*Item
	for _, a := range all {
		i := &Item{ID: a.Item, Tray: a.Tray, Day: a.Day, Until: a.Until}
		if i.Err = c.verifyItem(ctx, i, a); isLine(i.Err) {
			return nil, fmt.Errorf("list what waits: %w", i.Err)
		}
		out = append(out, i)
	}
	return out, nil
}

func isLine(err error) bool { return err != nil && !errors.Is(err, ErrUntrusted) }

func (c *Client) claimedItems(ctx context.Context) (out []api.Item, err error) {
	err = pages(ctx, c, "/v1/items", func(page api.Items) int {
		out = append(out, page.Items...)
		return len(page.Items)
	})
	return out, err
}

// ErrNote: a delivery note that nobody vouches for, or that is for somebody else.
const ErrNote = distrust("nobody vouches for this item as it says, or it is meant for somebody else: do not open it; refuse it")

// verifyItem fills an item from its note, if that holds.
func (c *Client) verifyItem(ctx context.Context, i *Item, a api.Item) error {
	claimed, kid, err := delivery.Peek(a.Note)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNote, err)
	}
	if c.keys == nil {
		return ErrNoKeys
	}
	if claimed.Vault != c.vault.String() || claimed.RecipientSHA256 != hashOf(c.keys.Recipient) {
		return ErrNote
	}
	if err := c.notTaken(ctx, a.Note); err != nil {
		return err
	}
	if claimed.Issuer == claimed.Vault {
		err = c.noteByVault(ctx, a.Note)
	} else {
		err = c.vouchItem(ctx, i, claimed, kid, a.Note)
	}
	if err != nil {
		return err
	}
	i.Partner, i.Length, i.Assurance, i.Claimed, i.Readable = claimed.Partner, claimed.Length, claimed.Assurance, claimed.Replaces.Testimony != "", claimed.Readable()
	i.text, i.note = a.Note, claimed
	return nil
}

// notTaken refuses what she has adopted already: shown again, it would come to stand
// twice in what is hers.
func (c *Client) notTaken(ctx context.Context, note string) error {
	h, err := c.history(ctx)
	if err != nil {
		return err
	}
	sum := hashOf(note)
	for _, s := range h.chain.Statements {
		if b, ok := s.Body.(*statement.Adopt); ok && b.ReceivedSHA256 == sum {
			return fmt.Errorf("%w: it is yours already", ErrNote)
		}
	}
	return nil
}

func (c *Client) vouchItem(ctx context.Context, i *Item, n *delivery.Note, kid api.Account, note string) error {
	v, err := c.noteByProgram(ctx, n, kid, note)
	if err != nil {
		return err
	}
	i.Name, i.Doubted = v.Partner.Name, v.Partner.Halted || v.Key.Retired
	return nil
}

// item finds one that waits, verified.
func (c *Client) item(ctx context.Context, name api.ID) (*Item, error) {
	all, err := c.claimedItems(ctx)
	if err != nil {
		return nil, err
	}
	for _, a := range all {
		if a.Item == name {
			i := &Item{ID: a.Item, Tray: a.Tray, Day: a.Day, Until: a.Until}
			return i, c.verifyItem(ctx, i, a)
		}
	}
	return nil, fmt.Errorf("item %s: %w", name, ErrNotFound)
}

// OpenItem opens what waits into sink, against its note, and signs nothing. The
// content is provisional until it returns nil. The partner is not told.
func (c *Client) OpenItem(ctx context.Context, name api.ID, sink Sink) (*Item, error) {
	i, err := c.item(ctx, name)
	if err == nil {
		err = c.inspectItem(ctx, i, sink)
	}
	if err != nil {
		return i, fmt.Errorf("open an item: %w", err)
	}
	return i, nil
}

func (c *Client) inspectItem(ctx context.Context, i *Item, sink Sink) error {
	want, err := expectedOf(i.note.Binding())
	if err != nil {
		return err
	}
	if sink == nil {
		sink = SinkFunc(func(PartInfo, int64) (io.Writer, error) { return io.Discard, nil })
	}
	err = c.openContent(ctx, origin{path: "/v1/items/" + string(i.ID) + "/content", of: i.ID}, want, sink)
	if errors.Is(err, ErrChanged) { // an item never changes
		err = ErrPartSwapped
	}
	return err
}

// AdoptedItem is an item that became a part.
type AdoptedItem struct {
	N int64
	// Destroyed is the testimony of the partner's collection that is gone with it, by
	// the vault's word; empty where nothing was.
	Destroyed api.ID
}

// AdoptItem opens what waits, shows it to look and, if look has no objection, signs
// that it is hers: the next part of a testimony of hers. With a nil look the content
// is only checked. It can be granted from then on, and how it came stays with it.
func (c *Client) AdoptItem(ctx context.Context, name, t api.ID, look Sink) (out AdoptedItem, err error) {
	i, err := c.item(ctx, name)
	if err == nil {
		err = c.inspectItem(ctx, i, look)
	}
	if err != nil {
		return out, fmt.Errorf("adopt an item: %w", err)
	}
	_, err = c.sayWith(ctx, one(func(h *history) (statement.Body, error) {
		if _, err := h.state(t); err != nil {
			return nil, err
		}
		out.N = h.nextPart(t)
		b := i.note.Binding()
		return statement.Adopt{Testimony: t, N: out.N, Length: b.Length, PayloadSHA256: b.PayloadSHA256, Commit: b.Commit, HeaderSHA256: b.HeaderSHA256,
			ReceivedSHA256: hashOf(i.text)}, nil
	}), func(signed string, a *api.Accepted) error {
		var answer api.Adoption
		err := c.post(ctx, "/v1/items/"+string(name)+"/adoption", api.Signed{Statement: signed}, &answer)
		*a, out.Destroyed = answer.Accepted, answer.Destroyed
		return err
	})
	if err != nil {
		return out, fmt.Errorf("adopt an item: %w", err)
	}
	return out, nil
}

// RefuseItem destroys what waits. The partner learns on the day after that it was
// refused.
func (c *Client) RefuseItem(ctx context.Context, name api.ID) error {
	var out api.Refusal
	if err := c.post(ctx, "/v1/items/"+string(name)+"/refusal", api.Empty{}, &out); err != nil {
		return fmt.Errorf("refuse an item: %w", err)
	}
	return nil
}

// Returns lists what she took back from partners, and whether they answered: the
// vault's word.
func (c *Client) Returns(ctx context.Context) (out []api.Returned, err error) {
	err = pages(ctx, c, "/v1/returns", func(page api.Returns) int {
		out = append(out, page.Returns...)
		return len(page.Returns)
	})
	if err != nil {
		return nil, fmt.Errorf("list what was taken back: %w", err)
	}
	return out, nil
}
