package client

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/statement"
)

// history is the account's own verified chain and what it adds up to. Every act
// of the client rests on it and on nothing the vault lists.
type history struct {
	chain *statement.Chain
	book  *statement.Book
}

func (h *history) head() api.Head {
	return api.Head{Seq: h.chain.Head.Seq, SHA256: h.chain.Head.Hash}
}

// Head fetches and verifies the account's chain and gives its end. Noted beside
// the words and given back as Config.Kept, it lets a later client notice that
// statements are missing.
func (c *Client) Head(ctx context.Context) (api.Head, error) {
	h, err := c.refresh(ctx)
	if err != nil {
		return api.Head{}, fmt.Errorf("read your chain: %w", err)
	}
	return h.head(), nil
}

// KnowsHead says whether the client was given a head to compare with. Without
// one it cannot know that the newest statements are not withheld.
func (c *Client) KnowsHead() bool { return c.kept }

// history gives the chain as last verified.
func (c *Client) history(ctx context.Context) (*history, error) {
	c.mu.Lock()
	h := c.past
	c.mu.Unlock()
	if h != nil {
		return h, nil
	}
	h, err := c.refresh(ctx)
	if err != nil {
		return nil, fmt.Errorf("read your chain: %w", err)
	}
	return h, nil
}

// refresh fetches the whole chain, verifies it and holds it against what is
// already known of it.
func (c *Client) refresh(ctx context.Context) (*history, error) {
	if c.keys == nil {
		return nil, ErrNoKeys
	}
	known := c.known()
	entries, head, err := c.fetchChain(ctx)
	if err != nil {
		return nil, err
	}
	h, err := c.verifyHistory(c.keys, entries, head)
	if err != nil {
		return nil, err
	}
	return c.remember(h, known)
}

// verifyHistory verifies a chain from its first statement to its end, which must
// be in the hands of these keys. Whose account it is, follows from the chain.
func (c *Client) verifyHistory(keys *Keys, entries []statement.Entry, head api.Head) (*history, error) {
	chain, err := statement.VerifyChainOf(keys.ID, c.vault.String(), entries)
	if errors.Is(err, statement.ErrOtherKey) && slices.Contains(chain.Keys, keys.ID) {
		return nil, fmt.Errorf("%w: %w", ErrChain, ErrGivenUp)
	}
	if errors.Is(err, statement.ErrOtherKey) {
		return nil, fmt.Errorf("%w: %w", ErrChain, ErrOtherWords)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrChain, err)
	}
	h := &history{chain: chain}
	if h.head() != head {
		return nil, fmt.Errorf("%w: it does not end where the vault says it ends", ErrChain)
	}
	if h.book, err = chain.Book(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrChain, err)
	}
	return h, checkKey(h, keys)
}

// known is the newest head that the chain was seen to have.
func (c *Client) known() api.Head {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.seen
}

// maxChain bounds the statements of one account: a hundred a day for thirty years.
const maxChain = 1 << 20

// fetchChain asks page by page. It ends because each page must move on.
func (c *Client) fetchChain(ctx context.Context) ([]statement.Entry, api.Head, error) {
	var entries []statement.Entry
	for after := int64(0); ; {
		var page api.Chain
		if err := c.get(ctx, fmt.Sprintf("/v1/statements?after=%d", after), &page); err != nil {
			return nil, api.Head{}, err
		}
		for _, e := range page.Statements {
			if e.Seq != after+1 {
				return nil, api.Head{}, fmt.Errorf("%w: statement %d is missing", ErrChain, after+1)
			}
			if after == maxChain {
				return nil, api.Head{}, fmt.Errorf("%w: your chain has no end", ErrNonsense)
			}
			entries = append(entries, statement.Entry{Seq: e.Seq, Hash: e.SHA256, Compact: e.Statement, Testimony: e.Testimony})
			after = e.Seq
		}
		if after >= page.Head.Seq {
			return entries, page.Head, nil
		}
		if len(page.Statements) == 0 {
			return nil, api.Head{}, fmt.Errorf("%w: statement %d is withheld", ErrChain, after+1)
		}
	}
}

// checkKey makes sure that the newest key statement, of the first key or of the
// one that took over, is the one these keys make: another recipient under her own
// signature would be a forgery by a former client, and everything sealed to it is
// lost to her.
func checkKey(h *history, keys *Keys) error {
	if len(h.chain.Statements) == 0 {
		return nil
	}
	recipient := ""
	for _, s := range h.chain.Statements {
		switch body := s.Body.(type) {
		case *statement.Key:
			recipient = body.Recipient
		case *statement.Rekey:
			recipient = body.Recipient
		}
	}
	if recipient != keys.Recipient {
		return fmt.Errorf("%w: it names another key than yours", ErrChain)
	}
	return nil
}

// remember keeps a history that extends all that was known when it was asked
// for. If an act has gone further meanwhile, that one's history is the better.
func (c *Client) remember(h *history, known api.Head) (*history, error) {
	err := h.chain.Holds(known.Of())
	switch {
	case errors.Is(err, statement.ErrTailCut):
		return nil, fmt.Errorf("%w: it ends at %d and was at %d", ErrTailCut, h.chain.Head.Seq, known.Seq)
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrForked, err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.account = h.chain.Account
	if c.past != nil && c.past.chain.Head.Seq > h.chain.Head.Seq {
		return c.past, nil
	}
	if h.chain.Head.Seq >= c.seen.Seq {
		c.past, c.seen = h, h.head()
	}
	return h, nil
}

// forget makes the next act read the chain anew: after an answer that was lost,
// nobody here knows where it stands.
func (c *Client) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.past = nil
}

// enrolled fails when the chain has no first statement.
func (h *history) enrolled() error {
	if h.chain.Head.Seq == 0 {
		return ErrNotEnrolled
	}
	return nil
}
