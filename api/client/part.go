package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/statement"
)

// maxSeals bounds how often a large part is sealed anew after its upload broke.
const maxSeals = 4

// AddPart seals one more part to its owner and stores it. It gives the part's
// number. A label goes into the card in a statement of its own.
func (c *Client) AddPart(ctx context.Context, t api.ID, content Content) (int64, error) {
	h, err := c.history(ctx)
	if err != nil {
		return 0, fmt.Errorf("add a part: %w", err)
	}
	if _, err := h.state(t); err != nil {
		return 0, fmt.Errorf("add a part: %w", err)
	}
	n := h.nextPart(t)
	if err := c.addPart(ctx, t, n, content); err != nil {
		return 0, fmt.Errorf("add part %d: %w", n, err)
	}
	if content.Label == "" {
		return n, nil
	}
	if err := c.label(ctx, t, n, content.Label); err != nil {
		return n, fmt.Errorf("the part is stored as number %d, but not its label: %w", n, err)
	}
	return n, nil
}

// nextPart is the number behind every one her statements ever used.
func (h *history) nextPart(t api.ID) int64 {
	last := int64(0)
	for _, s := range h.chain.Statements {
		switch b := s.Body.(type) {
		case *statement.Add:
			last = higher(last, b.Testimony == t, b.N)
		case *statement.Begin:
			last = higher(last, b.Testimony == t, b.N)
		case *statement.Received:
			last = higher(last, b.Testimony == t, b.N)
		}
	}
	return last + 1
}

func higher(last int64, counts bool, n int64) int64 {
	if counts {
		return max(last, n)
	}
	return last
}

func (c *Client) addPart(ctx context.Context, t api.ID, n int64, content Content) error {
	size, err := content.payloadSize()
	if err != nil {
		return err
	}
	v, err := c.vaultInfo(ctx)
	if err != nil {
		return err
	}
	if size <= v.Limits.InlinePayload {
		return c.addSmall(ctx, t, n, content)
	}
	return c.addLarge(ctx, t, n, content, size)
}

func (c *Client) addSmall(ctx context.Context, t api.ID, n int64, content Content) error {
	p, err := c.sealSmall(n, content)
	if err != nil {
		return err
	}
	_, err = c.sayWith(ctx, adding(p.add(t)), func(signed string, a *api.Accepted) error {
		return c.post(ctx, pathOf(t)+"/parts", api.NewPart{Statement: signed, Header: p.header, Payload: p.payload}, a)
	})
	return err
}

// adding signs for a part that is not there yet.
func adding(body statement.Add) plan {
	return one(func(h *history) (statement.Body, error) {
		state, err := h.state(body.Testimony)
		if err != nil {
			return nil, err
		}
		if _, there := state.Parts[body.N]; there {
			return nil, errors.New("another device of yours has just added a part under this number: add it once more")
		}
		return body, nil
	})
}

// addLarge begins, uploads and signs for a part. A broken upload is begun anew
// under a new key: the file may have changed in between, and one key must never
// seal two contents.
func (c *Client) addLarge(ctx context.Context, t api.ID, n int64, content Content, size int64) error {
	up, err := c.upload(ctx, t, n, size, content.container)
	if err != nil {
		return err
	}
	up.lock.key.Wipe()
	_, err = c.sayOne(ctx, partPath(t, n)+"/add", adding(addOf(t, n, up.Binding)))
	return err
}

// uploaded is a payload in the vault under a key of hers, not yet a part.
type uploaded struct {
	statement.Binding
	lock *lock
}

// upload puts a payload into the slot n. The lock is the caller's to wipe.
func (c *Client) upload(ctx context.Context, t api.ID, n, size int64, container func() (io.ReadCloser, error)) (up uploaded, err error) {
	for range maxSeals {
		if up, err = c.uploadOnce(ctx, t, n, size, container); !errors.Is(err, ErrUnavailable) {
			return up, err
		}
	}
	return up, err
}

func (c *Client) uploadOnce(ctx context.Context, t api.ID, n, size int64, container func() (io.ReadCloser, error)) (uploaded, error) {
	l, err := c.newLock()
	if err != nil {
		return uploaded{}, err
	}
	begin := statement.Begin{Testimony: t, N: n, HeaderSHA256: api.HashOf(l.header).String(), Nonce: b64(l.nonce[:]), Length: size}
	_, err = c.sayWith(ctx, one(func(*history) (statement.Body, error) { return begin, nil }), func(signed string, a *api.Accepted) error {
		return c.post(ctx, pathOf(t)+"/parts", api.NewPart{Statement: signed, Header: l.header}, a)
	})
	if err != nil {
		return uploaded{}, err
	}
	binding, err := c.put(ctx, l, partPath(t, n)+"/payload", size, container)
	if errors.Is(err, ErrUnavailable) && c.arrivedWhole(ctx, t, n, binding) {
		err = nil
	}
	return uploaded{binding, l}, err
}

// arrivedWhole asks whether an upload whose answer was lost is there after all.
// That the vault has it is its word; that it is the same is in the digest she
// signs next.
func (c *Client) arrivedWhole(ctx context.Context, t api.ID, n int64, b statement.Binding) bool {
	var answer api.Testimony
	if b.Length == 0 || c.get(ctx, pathOf(t), &answer) != nil {
		return false
	}
	for _, u := range answer.Uploads {
		if u.N == n && u.HeaderSHA256.String() == b.HeaderSHA256 && u.PayloadSHA256.String() == b.PayloadSHA256 {
			return true
		}
	}
	return false
}

// put streams the payload while it is being sealed, and compares what the vault
// says it stored with what was sent.
func (c *Client) put(ctx context.Context, l *lock, path string, size int64, container func() (io.ReadCloser, error)) (statement.Binding, error) {
	p := newSealing(l, container)
	r := call{method: http.MethodPut, path: path, signed: true, length: size, stream: p.once}
	var stored api.Stored
	err := c.json(ctx, r, &stored)
	binding, sealErr := p.wait()
	switch {
	case sealErr != nil:
		return statement.Binding{}, sealErr
	case err != nil:
		return binding, err // a binding only if everything was sent
	case stored.PayloadSHA256.String() != binding.PayloadSHA256 || binding.Length != size:
		return statement.Binding{}, ErrStored
	}
	return binding, nil
}
