package testimonytest

import (
	"cmp"
	"context"
	"slices"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/accounttest"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/testimony"
)

// Handover is a rekeying in the making: a test may spoil it before it is sent.
type Handover struct {
	Rekey   statement.Rekey
	Rewraps []statement.Rewrap // by testimony
	Cards   [][]byte
	Headers [][][]byte

	old, next *accounttest.Person
	head      statement.Head
}

// Handover wraps everything of a person's to somebody's new keys.
func (w *World) Handover(old, next *accounttest.Person) *Handover {
	w.T.Helper()
	h := &Handover{old: old, next: next, head: w.ChainHead(old)}
	var err error
	h.Rekey, err = statement.Prove(next.PrivateKey(), next.Recipient, w.Ledger.Vault, old.ID, h.head)
	w.must(err)
	items, err := w.Vault.List(w.T.Context(), old.Caller, 0, 100)
	w.must(err)
	slices.SortFunc(items, func(a, b testimony.Item) int { return cmp.Compare(a.ID, b.ID) })
	for _, item := range items {
		w.wrap(h, item.ID)
	}
	return h
}

func (w *World) wrap(h *Handover, t id.ID) {
	w.T.Helper()
	whole, err := w.Vault.Show(w.T.Context(), h.old.Caller, t)
	w.must(err)
	card := w.Card(h.next, "شهادتي")
	said := statement.Rewrap{Testimony: t, CardSHA256: Sum(card), Parts: []statement.RewrapedPart{}}
	var headers [][]byte
	for _, p := range whole.Parts {
		header, err := w.Vault.Header(w.T.Context(), h.old.Caller, t, p.N)
		w.must(err)
		key, err := envelope.OpenHeader(header, h.old.Identity)
		w.must(err)
		headers = append(headers, w.Head(key, h.next.Recipient))
		said.Parts = append(said.Parts, statement.RewrapedPart{N: p.N, HeaderSHA256: Sum(headers[len(headers)-1])})
	}
	h.Rewraps, h.Cards, h.Headers = append(h.Rewraps, said), append(h.Cards, card), append(h.Headers, headers)
}

// Signed is the handover as it is sent.
func (h *Handover) Signed() testimony.Rekeying {
	rekey := h.old.SignAt(h.head, h.Rekey)
	out := testimony.Rekeying{Statements: []string{rekey.Compact()}}
	head := statement.Head{Seq: rekey.Seq, Hash: rekey.Hash()}
	for i, r := range h.Rewraps {
		s := h.next.SignAt(head, r)
		head = statement.Head{Seq: s.Seq, Hash: s.Hash()}
		out.Statements = append(out.Statements, s.Compact())
		out.Testimonies = append(out.Testimonies, testimony.Rewrapped{Testimony: r.Testimony, Card: h.Cards[i], Headers: h.Headers[i]})
	}
	return out
}

// Caller is who a person's key is, as the vault says now.
func (w *World) Caller(p *accounttest.Person) account.Caller {
	w.T.Helper()
	c, err := w.Accounts.Ask(w.T.Context(), p.Signer())
	w.must(err)
	return c
}

// Rekey hands a person's account over to new keys and gives her with them.
func (w *World) Rekey(old *accounttest.Person) *accounttest.Person {
	w.T.Helper()
	next := w.Stranger()
	_, err := w.Vault.Rekey(w.T.Context(), old.Caller, w.Handover(old, next).Signed(), nil)
	w.must(err)
	next.Caller = w.Caller(next)
	return next
}

// Restore makes the vault one whose database forgot that an account changed hands
// while its journal did not: the chain stands where it was before.
func (w *World) Restore(her, next *accounttest.Person) {
	w.T.Helper()
	w.must(w.DB.Update(w.T.Context(), func(ctx context.Context, tx store.Tx) error {
		return w.Ledger.Switch(ctx, tx, her.ID, next.Signer())
	}))
}
