package client

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/delivery"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/statement"
)

// OpenCollection opens a collection of a partner, as one of its officers: keys are
// those of a new account, which the partner keeps. The partner could read all that
// lies in it, nobody can be let read it, and on the day until it is destroyed.
func (c *Client) OpenCollection(ctx context.Context, partner api.ID, keys *Keys, until int64) (*api.OpenedCollection, error) {
	signer := &statement.Signer{Key: keys, Vault: c.vault.String(), Rand: c.rand, Now: c.time}
	key, _, err := signer.Sign(statement.Head{}, statement.Key{Role: statement.Partner, Recipient: keys.Recipient})
	if err != nil {
		return nil, fmt.Errorf("open a collection: %w", err)
	}
	answer := new(api.OpenedCollection)
	body := statement.Collection{Partner: partner, Account: key.Issuer, KeySHA256: hashText(key), Until: until - until%statement.Day}
	_, err = c.sayWith(ctx, one(func(*history) (statement.Body, error) { return body, nil }), func(signed string, a *api.Accepted) error {
		err := c.post(ctx, "/v1/collections", api.NewCollection{Statement: signed, Key: key.Compact()}, answer)
		*a = answer.Accepted
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("open a collection: %w", err)
	}
	return answer, nil
}

// Collections lists the collections of the partner that this account is an officer of.
func (c *Client) Collections(ctx context.Context) (out []api.Collection, err error) {
	err = pages(ctx, c, "/v1/collections", func(page api.Collections) int {
		out = append(out, page.Collections...)
		return len(page.Collections)
	})
	if err != nil {
		return nil, fmt.Errorf("list the collections: %w", err)
	}
	return out, nil
}

// Collection says what this account is, if it is a collection; ErrNotFound if not.
func (c *Client) Collection(ctx context.Context) (*api.Collection, error) {
	out := new(api.Collection)
	err := c.get(ctx, "/v1/collection", out)
	if isProblem(err, api.ProblemNotFound) {
		err = ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("look what this account is: %w", err)
	}
	return out, nil
}

// Collect stores a content as a testimony of its own in a collection, under a title.
// The testimony's name is made of the content, the title and the collection's key:
// a program that was killed collects the same again, goes on where it ended, and
// stores nothing twice. done tells that it was there already.
func (c *Client) Collect(ctx context.Context, title string, content Content) (t api.ID, done bool, err error) {
	survey, err := content.survey(ctx)
	if err != nil {
		return "", false, fmt.Errorf("collect: %w", err)
	}
	t, done, err = c.collect(ctx, title, content, survey)
	if err != nil {
		return t, false, fmt.Errorf("collect: %w", err)
	}
	return t, done, nil
}

func (c *Client) collect(ctx context.Context, title string, content Content, survey *envelope.Survey) (api.ID, bool, error) {
	tree, err := survey.Tree().Hash()
	if err != nil {
		return "", false, err
	}
	t, err := c.collected(title, tree)
	if err != nil {
		return "", false, err
	}
	h, err := c.history(ctx)
	if err != nil {
		return t, false, err
	}
	state := h.book.Testimonies[t]
	if state != nil && (state.Erased || len(state.Parts) > 0) {
		return t, true, nil // it was claimed since, or is there
	}
	if state == nil {
		small, _, err := c.createSmall(ctx, t, Testimony{Title: title, Parts: []Content{content}})
		if err != nil || small == 1 {
			return t, false, err
		}
	}
	r, err := c.FindUnfinished(ctx, t, content)
	switch {
	case err != nil:
		return t, false, err
	case r != nil:
		_, err = c.Resume(ctx, r)
	default:
		_, err = c.addPart(ctx, t, content, survey)
	}
	return t, false, err
}

// collected names a testimony so that only who has the keys can tell what it is of.
func (c *Client) collected(title string, tree [sha256.Size]byte) (api.ID, error) {
	return c.named("testimony-vault/v1/collect\n" + c.vault.String() + "\n" + hashOf(title) + "\n" + b64(tree[:]) + "\n")
}

// ClaimFor seals every part of a testimony of this collection anew to the recipient that
// was scanned from a woman's card, and has a program of the partner bring them there.
// When she has adopted all of them, the collection's copy is destroyed in the same
// moment: the erasure is signed here and goes along. It gives the items.
func (c *Client) ClaimFor(ctx context.Context, program *Client, t api.ID, to Place) ([]api.ID, error) {
	h, err := c.refresh(ctx)
	if err != nil {
		return nil, fmt.Errorf("claim: %w", err)
	}
	state, err := h.state(t)
	if err != nil {
		return nil, fmt.Errorf("claim: %w", err)
	}
	erasure, err := c.erasureOf(h, t)
	if err != nil {
		return nil, fmt.Errorf("claim: %w", err)
	}
	var out []api.ID
	for _, n := range slices.Sorted(maps.Keys(state.Parts)) {
		item, err := c.claimPart(ctx, program, t, n, state.Parts[n], to, erasure)
		if err != nil {
			return out, fmt.Errorf("claim part %d: %w", n, err)
		}
		out = append(out, item)
	}
	return out, nil
}

// erasureOf signs the erasure that the vault carries out when all is hers.
func (c *Client) erasureOf(h *history, t api.ID) (string, error) {
	sum := statement.ErasedHash(h.chain.About(t))
	signed, err := c.sign(h, []statement.Body{statement.Erase{Testimony: t, StatementsSHA256: b64(sum[:])}})
	if err != nil {
		return "", err
	}
	return signed[0].Compact(), nil
}

func (c *Client) claimPart(ctx context.Context, program *Client, t api.ID, n int64, b statement.Binding, to Place, erasure string) (api.ID, error) {
	size, err := envelope.PlaintextSize(b.Length)
	if err != nil {
		return "", err
	}
	src := distant(size, func(ctx context.Context) (io.ReadCloser, error) { return c.plaintext(ctx, t, n, b) },
		func(ctx context.Context, at int64) (io.ReadCloser, error) { return c.plaintextAt(ctx, t, n, b, at) })
	if err := src.learn(ctx); err != nil {
		return "", err
	}
	return program.dispatch(ctx, Delivery{To: to}, src, delivery.Replaced{Testimony: t, N: n}, erasure)
}
