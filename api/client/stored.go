package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/statement"
)

// maxLooks bounds how many parts of the same length class are looked at, the newest
// first: small ones have few classes, and an earlier try is not long ago.
const maxLooks = 16

// FindStored gives the number of the part that this very content is stored as in a
// testimony, under the same name and as the same kind, or 0. Somebody who does not
// know how far an earlier try came can ask before she sends everything again. It
// does not know content that was locked anew, and that something new is said of.
func (c *Client) FindStored(ctx context.Context, t api.ID, content Content) (int64, error) {
	n, err := c.findStored(ctx, t, content)
	if err != nil {
		return 0, fmt.Errorf("look whether it is stored: %w", err)
	}
	return n, nil
}

func (c *Client) findStored(ctx context.Context, t api.ID, content Content) (int64, error) {
	size, err := content.payloadSize()
	if err != nil {
		return 0, err
	}
	h, err := c.history(ctx)
	if err != nil {
		return 0, err
	}
	state, err := h.state(t)
	if err != nil {
		return 0, err
	}
	looked := 0
	for _, n := range slices.Backward(slices.Sorted(maps.Keys(state.Parts))) {
		if state.Parts[n].Length != size {
			continue
		}
		if looked++; looked > maxLooks {
			break
		}
		same, err := c.stored(ctx, t, n, state.Parts[n], content)
		if errors.Is(err, ErrUntrusted) || errors.Is(err, ErrNotFound) || errors.Is(err, ErrOwnKeys) {
			continue // what cannot be told is not taken for stored
		}
		if same || err != nil {
			return n, err
		}
	}
	return 0, nil
}

// stored says whether a part holds a content: if so, its nonce was made of it.
func (c *Client) stored(ctx context.Context, t api.ID, n int64, b statement.Binding, content Content) (bool, error) {
	want, err := expectedOf(b)
	if err != nil {
		return false, err
	}
	header, err := c.header(ctx, t, n)
	if err != nil {
		return false, err
	}
	key, err := c.unlock(header, want)
	if err != nil {
		return false, err
	}
	defer key.Wipe()
	head, err := c.bytesOf(ctx, partPath(t, n)+"/content", int64(len(header)), envelope.Beginning(b.Length))
	if err != nil || int64(len(head)) < envelope.NonceSize {
		return false, err
	}
	nonce := [envelope.NonceSize]byte(head[:envelope.NonceSize])
	info, size, err := envelope.OpenBeginning(head, key, nonce, b.Length)
	if err != nil {
		return false, fmt.Errorf("%w: %w", ErrPayloadSwapped, err)
	}
	now := content.Info
	if size != content.Size || info.Name != now.Name || info.Kind != now.Kind || info.DerivedFrom != now.DerivedFrom || saidBefore(now, info) != nil {
		return false, nil
	}
	content.Info = info
	survey, err := content.survey(ctx)
	if err != nil {
		return false, err
	}
	made, err := envelope.DeriveNonce(key, survey.Tree())
	return made == nonce, err
}

// bytesOf fetches n bytes of a file from one place on, or what there is of them.
func (c *Client) bytesOf(ctx context.Context, path string, from, n int64) ([]byte, error) {
	header := tus()
	header.Set("Range", fmt.Sprintf("bytes=%d-%d", from, from+n-1))
	resp, err := c.do(ctx, call{method: http.MethodGet, path: path, header: header, signed: true, repeat: true})
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if from > 0 && resp.StatusCode != http.StatusPartialContent {
		return nil, fmt.Errorf("%w: it answers with another part of the file than was asked for", ErrNonsense)
	}
	b, err := io.ReadAll(io.LimitReader(resp.Body, n))
	if err != nil {
		return nil, fmt.Errorf("%w: the answer broke off: %w", ErrUnavailable, err)
	}
	return b, nil
}
