package client

import (
	"context"
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
	lock *lock
}

// slot is where a payload goes. may says whether her history allows that.
type slot struct {
	t       api.ID
	n, size int64
	may     func(h *history, t api.ID, n int64) error
}

// upload puts a payload into a slot. The lock is the caller's to wipe.
func (c *Client) upload(ctx context.Context, s slot, container func() (io.ReadCloser, error)) (up uploaded, err error) {
	for range maxSeals {
		if up, err = c.uploadOnce(ctx, s, container); !errors.Is(err, ErrUnavailable) {
			return up, err
		}
	}
	return up, err
}

func (c *Client) uploadOnce(ctx context.Context, s slot, container func() (io.ReadCloser, error)) (uploaded, error) {
	l, err := c.newLock()
	if err != nil {
		return uploaded{}, err
	}
	begin := statement.Begin{Testimony: s.t, N: s.n, HeaderSHA256: api.HashOf(l.header).String(), Nonce: b64(l.nonce[:]), Length: s.size}
	_, err = c.sayWith(ctx, one(func(h *history) (statement.Body, error) { return begin, s.may(h, s.t, s.n) }), func(signed string, a *api.Accepted) error {
		return c.post(ctx, pathOf(s.t)+"/parts", api.NewPart{Statement: signed, Header: l.header}, a)
	})
	if err != nil {
		return uploaded{}, err
	}
	binding, err := c.put(ctx, l, s, container)
	if errors.Is(err, ErrUnavailable) && c.arrivedWhole(ctx, s, binding) {
		err = nil
	}
	return uploaded{binding, l}, err
}

// arrivedWhole asks whether an upload whose answer was lost is there after all.
// That the vault has it is its word; that it is the same is in the digest she
// signs next.
func (c *Client) arrivedWhole(ctx context.Context, s slot, b statement.Binding) bool {
	var answer api.Testimony
	if b.Length == 0 || c.get(ctx, pathOf(s.t), &answer) != nil {
		return false
	}
	for _, u := range answer.Uploads {
		if u.N == s.n && u.HeaderSHA256.String() == b.HeaderSHA256 && u.PayloadSHA256.String() == b.PayloadSHA256 {
			return true
		}
	}
	return false
}

// put streams the payload while it is being sealed, and compares what the vault
// says it stored with what was sent.
func (c *Client) put(ctx context.Context, l *lock, s slot, container func() (io.ReadCloser, error)) (statement.Binding, error) {
	p := newSealing(l, container)
	r := call{method: http.MethodPut, path: partPath(s.t, s.n) + "/payload", signed: true, length: s.size, stream: p.once}
	var stored api.Stored
	err := c.json(ctx, r, &stored)
	binding, sealErr := p.wait()
	switch {
	case sealErr != nil:
		return statement.Binding{}, sealErr
	case err != nil:
		return binding, err // a binding only if everything was sent
	case stored.PayloadSHA256.String() != binding.PayloadSHA256 || binding.Length != s.size:
		return statement.Binding{}, ErrStored
	}
	return binding, nil
}
