package client

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"net/http"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/statement"
)

// maxSeals bounds how often a large part is sealed anew after its upload broke.
const maxSeals = 4

// uploaded is a payload in the vault under a key of hers, not yet a part.
type uploaded struct {
	statement.Binding
	n    int64
	lock *lock
}

// slot is where a payload goes. n numbers it by her history, or fails.
type slot struct {
	t    api.ID
	size int64
	n    func(*history) (int64, error)
}

// upload puts a payload into a slot. A broken upload is begun anew under a new
// key: the file may have changed in between, and one key must never seal two
// contents. The lock is the caller's to wipe.
func (c *Client) upload(ctx context.Context, s slot, container func() (io.ReadCloser, error)) (up uploaded, err error) {
	for range maxSeals {
		up, err = c.uploadOnce(ctx, s, container)
		if !errors.Is(err, ErrUnavailable) {
			return up, err
		}
		if n := up.n; n > 0 {
			s.n = func(h *history) (int64, error) { return n, nil }
		}
	}
	return up, err
}

func (c *Client) uploadOnce(ctx context.Context, s slot, container func() (io.ReadCloser, error)) (up uploaded, err error) {
	if up.lock, err = c.newLock(); err != nil {
		return up, err
	}
	if up.n, err = c.begin(ctx, s, up.lock); err != nil {
		return up, err
	}
	up.Binding, err = c.put(ctx, s, up, container)
	if errors.Is(err, ErrUnavailable) && c.arrivedWhole(ctx, s.t, up) {
		err = nil
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

// arrivedWhole asks whether an upload whose answer was lost is there after all.
// That the vault has it is its word; that it is the same is in the digest she
// signs next.
func (c *Client) arrivedWhole(ctx context.Context, t api.ID, up uploaded) bool {
	var answer api.Testimony
	if up.Length == 0 || c.get(ctx, pathOf(t), &answer) != nil {
		return false
	}
	for _, u := range answer.Uploads {
		if u.N == up.n && u.HeaderSHA256.String() == up.HeaderSHA256 && u.PayloadSHA256.String() == up.PayloadSHA256 {
			return true
		}
	}
	return false
}

// put streams the payload while it is being sealed, and compares what the vault
// says it stored with what was sent.
func (c *Client) put(ctx context.Context, s slot, up uploaded, container func() (io.ReadCloser, error)) (statement.Binding, error) {
	p := newSealing(up.lock, container)
	stored := ""
	r := call{method: http.MethodPatch, path: partPath(s.t, up.n) + "/payload", signed: true, length: s.size, stream: p.once,
		header: http.Header{api.HeaderTusResumable: {api.TusVersion}, api.HeaderUploadOffset: {"0"}, "Content-Type": {api.MediaTus}},
		see:    func(h http.Header) { stored = h.Get(api.HeaderReprDigest) }}
	_, err := c.answer(ctx, r)
	binding, sealErr := p.wait()
	switch {
	case sealErr != nil:
		return statement.Binding{}, sealErr
	case err != nil:
		return binding, err // a binding only if everything was sent
	case !confirms(stored, binding.PayloadSHA256) || binding.Length != s.size:
		return statement.Binding{}, ErrStored
	}
	return binding, nil
}

// confirms reads a Repr-Digest (RFC 9530) and compares.
func confirms(reprDigest, payloadSHA256 string) bool {
	h, err := statement.Hash32(payloadSHA256)
	return err == nil && reprDigest == "sha-256=:"+base64.StdEncoding.EncodeToString(h[:])+":"
}
