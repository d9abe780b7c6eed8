package client

import (
	"context"
	"errors"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/statement"
)

// maxKeys bounds how often an upload is begun anew.
const maxKeys = 4

// uploaded is a payload in the vault under a key of hers, not yet a part.
type uploaded struct {
	statement.Binding
	n    int64
	lock *lock
}

// slot is where a payload goes. n numbers it by her history, or fails.
type slot struct {
	t     api.ID
	size  int64
	n     func(*history) (int64, error)
	watch Watch
}

// upload begins a slot and brings a payload into it. When the slot is taken away
// under its hands, it begins anew under a new key. The lock is the caller's to wipe.
func (c *Client) upload(ctx context.Context, s slot, src source) (up uploaded, err error) {
	for range maxKeys {
		if up, err = c.uploadAnew(ctx, s, src); !errors.Is(err, errSlotLost) {
			return up, err
		}
	}
	return up, err
}

func (c *Client) uploadAnew(ctx context.Context, s slot, src source) (up uploaded, err error) {
	if up.lock, err = c.newLock(src.tree); err != nil {
		return up, err
	}
	if up.n, err = c.begin(ctx, s, up.lock); err == nil {
		up.Binding, err = c.transfer(ctx, s, up, src, 0)
	}
	if err != nil {
		up.lock.key.Wipe()
	}
	return up, err
}

// begin signs for header, nonce and length before byte 0, and opens the slot.
func (c *Client) begin(ctx context.Context, s slot, l *lock) (n int64, err error) {
	_, err = c.sayWith(ctx, one(func(h *history) (statement.Body, error) {
		n, err = s.n(h)
		return statement.Begin{Testimony: s.t, N: n, HeaderSHA256: api.HashOf(l.header).String(), Nonce: b64(l.nonce[:]), Length: s.size}, err
	}), func(signed string, a *api.Accepted) error {
		return c.post(ctx, pathOf(s.t)+"/parts", api.NewPart{Statement: signed, Header: l.header}, a)
	})
	return n, err
}

// transfer fills a slot of which so many bytes are there.
func (c *Client) transfer(ctx context.Context, s slot, up uploaded, src source, there int64) (statement.Binding, error) {
	t := &transfer{c: c, path: payloadPath(s.t, up.n), length: s.size, lock: up.lock, src: src, watch: s.watch,
		digest: envelope.NewRunning(), offset: there, unsure: there > 0}
	sealed, err := t.run(ctx)
	if err != nil {
		return statement.Binding{}, err
	}
	return up.lock.binding(sealed), nil
}

func payloadPath(t api.ID, n int64) string { return partPath(t, n) + "/payload" }
