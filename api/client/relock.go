package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/statement"
)

// maxRelocks bounds how often a re-lock is made anew because grants changed.
const maxRelocks = 3

// Relock replaces the payload of a part by the same content under a new file
// key: whoever kept the old key can open nothing that the vault still has.
// Readers with a live grant are carried over, each after the same checks as in
// Grant; if one is not accredited any more, Relock fails and names the grant to
// revoke first. It gives the grants carried over.
//
// The content passes through this device as a stream, decrypted and sealed
// again; the re-lock is signed only after the old payload was found whole.
func (c *Client) Relock(ctx context.Context, t api.ID, n int64) ([]api.ID, error) {
	var carried []api.ID
	err := error(nil)
	for range maxRelocks {
		carried, err = c.relock(ctx, t, n)
		if !isProblem(err, api.ProblemGrantsChanged) {
			break
		}
		c.forget()
	}
	if err != nil {
		return nil, fmt.Errorf("lock part %d anew: %w", n, err)
	}
	return carried, nil
}

func (c *Client) relock(ctx context.Context, t api.ID, n int64) ([]api.ID, error) {
	h, err := c.refresh(ctx)
	if err != nil {
		return nil, err
	}
	old, err := h.part(t, n)
	if err != nil {
		return nil, err
	}
	size, err := envelope.PlaintextSize(old.Length)
	if err != nil {
		return nil, err
	}
	to := slot{t: t, size: old.Length, n: func(h *history) (int64, error) { return n, still(h, t, n, old) }}
	up, err := c.upload(ctx, to, distant(size,
		func(ctx context.Context) (io.ReadCloser, error) { return c.plaintext(ctx, t, n, old) },
		func(ctx context.Context, at int64) (io.ReadCloser, error) { return c.plaintextAt(ctx, t, n, old, at) }))
	if err != nil {
		return nil, err
	}
	defer up.lock.key.Wipe()
	var request api.NewRelock
	_, err = c.sayWith(ctx, one(func(h *history) (statement.Body, error) {
		var body statement.Relock
		body, request, err = c.carryOver(ctx, h, t, n, old, up)
		return body, err
	}), func(signed string, a *api.Accepted) error {
		request.Statement = signed
		return c.post(ctx, pathOf(t)+"/relocks", request, a)
	})
	var carried []api.ID
	for _, k := range request.Headers {
		carried = append(carried, k.Grant)
	}
	return carried, err
}

// plaintext streams the container of a part as it stands. A payload that turns
// out not to be the signed one fails the reader, and with it the upload.
func (c *Client) plaintext(ctx context.Context, t api.ID, n int64, b statement.Binding) (io.ReadCloser, error) {
	want, err := expectedOf(b)
	if err != nil {
		return nil, err
	}
	file, err := c.download(ctx, ownOrigin(t, n), want)
	if err != nil {
		return nil, err
	}
	return c.opened(file, want)
}

// carryOver wraps the new file key to every reader whose grant is neither
// revoked nor over.
func (c *Client) carryOver(ctx context.Context, h *history, t api.ID, n int64, old statement.Binding, up uploaded) (body statement.Relock, request api.NewRelock, err error) {
	if err := still(h, t, n, old); err != nil {
		return body, request, err
	}
	state := h.book.Testimonies[t]
	body = statement.Relock{Testimony: t, N: n, OldPayloadSHA256: old.PayloadSHA256, Length: up.Length, PayloadSHA256: up.PayloadSHA256,
		Commit: up.Commit, HeaderSHA256: up.HeaderSHA256, Grants: []statement.RelockedGrant{}}
	request = api.NewRelock{Header: up.lock.header, Headers: []api.RelockedHeader{}}
	for _, grant := range c.liveGrants(state, n) {
		header, err := c.headerAnew(ctx, state.Grants[grant].Grant, up)
		if err != nil {
			return body, request, fmt.Errorf("grant %s cannot be carried over, revoke it first: %w", grant, err)
		}
		body.Grants = append(body.Grants, statement.RelockedGrant{Grant: grant, HeaderSHA256: api.HashOf(header).String()})
		request.Headers = append(request.Headers, api.RelockedHeader{Grant: grant, Header: header})
	}
	return body, request, nil
}

// still fails when a part is no longer what it was.
func still(h *history, t api.ID, n int64, old statement.Binding) error {
	now, err := h.part(t, n)
	if err == nil && now != old {
		err = errors.New("another device of yours has just locked this part anew: look at it again")
	}
	return err
}

// liveGrants are those of a part that are neither revoked nor over by the terms in
// force, by id: the vault takes these and no others.
func (c *Client) liveGrants(state *statement.State, n int64) []api.ID {
	var out []api.ID
	now := c.time().Unix()
	for grant, g := range state.Grants {
		if _, ok := g.Parts[n]; ok && !g.Revoked && now < g.Terms.Until {
			out = append(out, grant)
		}
	}
	slices.Sort(out)
	return out
}

// headerAnew wraps the new key to the reader of a grant, if the reader is still
// accredited and has still the key that she granted to.
func (c *Client) headerAnew(ctx context.Context, g *statement.Grant, up uploaded) ([]byte, error) {
	reader, err := c.Researcher(ctx, g.Grantee)
	if err != nil {
		return nil, err
	}
	recipient, err := c.underPolicy(ctx, g.Testimony, g.Conditions.Policy, g.Grantee, reader.Recipient)
	if err != nil {
		return nil, err
	}
	if api.HashOf([]byte(recipient)).String() != g.RecipientSHA256 {
		return nil, ErrRecipientSwapped
	}
	to, err := postQuantum(recipient)
	if err != nil {
		return nil, err
	}
	return envelope.ComposeHeader(up.lock.key, to)
}

// plaintextAt is plaintext from an offset on, for a re-lock that goes on where it
// broke: only what is read is fetched. Each byte was sealed under the committed key
// at its place of a container of that length, and no more than that is proved (see
// Player): whoever seals it anew must hold the whole of it against what was begun
// before signing, as the payload's nonce does.
func (c *Client) plaintextAt(ctx context.Context, t api.ID, n int64, b statement.Binding, offset int64) (io.ReadCloser, error) {
	want, err := expectedOf(b)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(ctx)
	plain, places, err := c.ranged(ctx, ownOrigin(t, n), want)
	if err != nil {
		stop()
		return nil, swapped(err)
	}
	return &plaintextFrom{io.NewSectionReader(plain, offset, max(0, plain.Size()-offset)), places, stop}, nil
}

type plaintextFrom struct {
	*io.SectionReader
	places *places
	stop   context.CancelFunc
}

// Read implements io.Reader.
func (p *plaintextFrom) Read(b []byte) (int, error) {
	n, err := p.SectionReader.Read(b)
	return n, swapped(err)
}

// Close implements io.Closer.
func (p *plaintextFrom) Close() error {
	p.stop()
	p.places.hangUp()
	return nil
}
