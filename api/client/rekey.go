package client

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"filippo.io/age"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/statement"
)

// Rekey makes next the keys of the account in place of the client's own: for
// words that somebody else may have seen. Everything of hers is wrapped to them
// on this device and handed over in one request, so that an interruption at any
// point leaves all of it with the old words or all with the new. Have the new
// words written down before.
//
// The account, its chain and its grants go on. The old words open nothing in the
// vault any more, on no node after a second; what somebody had fetched with them
// stays theirs, and the file keys they may have taken open what is stored until a
// part is locked anew (Relock), which is for the caller to offer.
//
// It gives a client of the new keys. Asking again after a failure is safe: what
// has happened already is found out and not done twice. It is also the way on
// from ErrOtherWords.
func (c *Client) Rekey(ctx context.Context, next *Keys) (*Client, error) {
	n, err := c.rekey(ctx, next)
	if err != nil {
		return nil, fmt.Errorf("change the words: %w", err)
	}
	return n, nil
}

func (c *Client) rekey(ctx context.Context, next *Keys) (*Client, error) {
	if c.keys == nil || next == nil {
		return nil, ErrNoKeys
	}
	if next.ID == c.keys.ID {
		return nil, refused("these are the words you have already: make new ones")
	}
	c.acting.Lock()
	defer c.acting.Unlock()
	n := c.other(next)
	if _, err := c.vaultInfo(ctx); err != nil {
		return nil, err
	}
	var err error
	for range maxConflicts {
		var h *history
		via := c
		if h, via, err = c.before(ctx, n); err != nil || h == nil {
			return n, err
		}
		if err = c.handOver(ctx, h, via, n); !undecided(err) {
			return n, err
		}
	}
	return nil, err
}

// undecided are the refusals after which looking again is the next step: another
// device acted, or an earlier attempt arrived and its answer was lost.
func undecided(err error) bool {
	return isProblem(err, api.ProblemChainConflict) || isProblem(err, api.ProblemConflict) || errors.Is(err, ErrUnavailable) || errors.Is(err, ErrNotEnrolled)
}

// other is a client of other keys on the same line, for the same account.
func (c *Client) other(keys *Keys) *Client {
	return &Client{origin: c.origin, vault: c.vault, keys: keys, lang: c.lang, http: c.http, now: c.now, rand: c.rand, pause: c.pause,
		kept: c.kept, seen: c.known(), receiptKey: c.receiptKey}
}

// before is the history that is to be handed over, and in whose session: the old
// keys' or, where a restored vault has made those void, the new ones'. No history
// means that it has happened already.
func (c *Client) before(ctx context.Context, n *Client) (*history, *Client, error) {
	h, err := c.refresh(ctx)
	if err != nil && !errors.Is(err, ErrTailCut) { // to a key that is void the vault shows nothing
		return nil, nil, err
	}
	if err == nil && h.enrolled() == nil {
		return h, c, nil
	}
	switch now, err := n.refresh(ctx); {
	case errors.Is(err, ErrOtherWords):
		h, err := n.readAs(ctx, c.keys)
		return h, n, err
	case err != nil:
		return nil, nil, err
	case slices.Contains(now.chain.Keys, c.keys.ID):
		return nil, n, nil
	}
	return nil, nil, ErrNotEnrolled
}

// readAs reads the chain in this session and verifies it as other keys' one.
func (c *Client) readAs(ctx context.Context, keys *Keys) (*history, error) {
	entries, erased, head, err := c.fetchChain(ctx)
	if err != nil {
		return nil, err
	}
	return c.verifyHistory(keys, entries, erased, head)
}

// handOver signs and sends everything, and holds the answer against it.
func (c *Client) handOver(ctx context.Context, h *history, via, n *Client) error {
	request := api.Rekey{Testimonies: []api.Rewrapped{}}
	bodies, err := c.wrapAll(ctx, h, via, n.keys, &request)
	if err != nil {
		return err
	}
	signed, err := c.signOver(h, n, bodies)
	if err != nil {
		return err
	}
	for _, s := range signed {
		request.Statements = append(request.Statements, s.Compact())
	}
	c.forget()
	var answer api.Rekeyed
	if err := via.post(ctx, "/v1/rekeys", request, &answer); err != nil {
		return err
	}
	if len(answer.Accepted) != len(signed) {
		return fmt.Errorf("%w: %d statements, %d answers", ErrReceipt, len(signed), len(answer.Accepted))
	}
	for i, s := range signed {
		if err := c.receipted(ctx, s, answer.Accepted[i]); err != nil {
			return err
		}
	}
	return n.advance(h, signed)
}

// signOver makes the rekey statement by the old key and what follows by the new.
func (c *Client) signOver(h *history, n *Client, bodies []statement.Body) ([]*statement.Statement, error) {
	rekey, err := statement.Prove(n.keys, n.keys.Recipient, c.vault.String(), h.chain.Account, h.chain.Head)
	if err != nil {
		return nil, err
	}
	signed, err := c.sign(h, []statement.Body{rekey})
	if err != nil {
		return nil, err
	}
	head := statement.Head{Seq: signed[0].Seq, Hash: signed[0].Hash()}
	signer := &statement.Signer{Key: n.keys, Vault: c.vault.String(), Rand: c.rand, Now: c.time}
	for _, b := range bodies {
		s, next, err := signer.Sign(head, b)
		if err != nil {
			return nil, err
		}
		signed, head = append(signed, s), next
	}
	return signed, nil
}

// wrapAll opens what is hers with the old keys and wraps it to the new ones: what
// her own statements name, and nothing that the vault adds.
func (c *Client) wrapAll(ctx context.Context, h *history, via *Client, next *Keys, request *api.Rekey) ([]statement.Body, error) {
	to, err := postQuantum(next.Recipient)
	if err != nil {
		return nil, err
	}
	var bodies []statement.Body
	for _, t := range slices.Sorted(maps.Keys(h.alive())) {
		said, wrapped, err := c.wrap(ctx, h, via, t, to)
		if err != nil {
			return nil, fmt.Errorf("testimony %s: %w", t, err)
		}
		bodies, request.Testimonies = append(bodies, said), append(request.Testimonies, wrapped)
	}
	return bodies, nil
}

func (c *Client) wrap(ctx context.Context, h *history, via *Client, t api.ID, to age.Recipient) (said statement.Rewrap, out api.Rewrapped, err error) {
	var claimed api.Testimony
	if err := via.get(ctx, pathOf(t), &claimed); err != nil {
		return said, out, err
	}
	card, err := c.openCard(h, t, claimed.Card)
	if err != nil {
		return said, out, err
	}
	out = api.Rewrapped{Testimony: t, Headers: []api.Bytes{}}
	if out.Card, err = envelope.SealCard(card, to, c.rand); err != nil {
		return said, out, err
	}
	said = statement.Rewrap{Testimony: t, CardSHA256: api.HashOf(out.Card).String(), Parts: []statement.RewrapedPart{}}
	for _, p := range h.held(t, claimed) {
		header, err := c.headerOver(ctx, via, t, p, to)
		if err != nil {
			return said, out, fmt.Errorf("part %d: %w", p.n, err)
		}
		out.Headers = append(out.Headers, header)
		said.Parts = append(said.Parts, statement.RewrapedPart{N: p.n, HeaderSHA256: api.HashOf(header).String()})
	}
	return said, out, nil
}

// heldPart is a part that she has, and what is known of it.
type heldPart struct {
	n int64
	statement.Binding
}

// held are the parts of a testimony by her own word, by number. Of one that she
// handed over to be sealed and has not adopted, the binding is the vault's word;
// wrapping it to herself gives nobody anything.
func (h *history) held(t api.ID, claimed api.Testimony) []heldPart {
	var out []heldPart
	state := h.book.Testimonies[t]
	for n, b := range state.Parts {
		out = append(out, heldPart{n, b})
	}
	for n := range state.Received {
		p := heldPart{n: n}
		for _, there := range claimed.Parts {
			if there.N == n {
				p.Binding = statement.Binding{Length: there.Length, PayloadSHA256: there.PayloadSHA256.String(), Commit: there.Commit.String(), HeaderSHA256: there.HeaderSHA256.String()}
			}
		}
		out = append(out, p)
	}
	slices.SortFunc(out, func(a, b heldPart) int { return int(a.n - b.n) })
	return out
}

// headerOver fetches a header in one session and opens it with the old keys.
func (c *Client) headerOver(ctx context.Context, via *Client, t api.ID, p heldPart, to age.Recipient) ([]byte, error) {
	if p.HeaderSHA256 == "" {
		return nil, ErrWithheld
	}
	want, err := expectedOf(p.Binding)
	if err != nil {
		return nil, err
	}
	own, err := via.header(ctx, t, p.n)
	if err != nil {
		return nil, err
	}
	key, err := c.unlock(own, want)
	if err != nil {
		return nil, err
	}
	defer key.Wipe()
	return envelope.ComposeHeader(key, to)
}
