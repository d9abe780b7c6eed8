package client

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/statement"
)

// Unfinished is an upload of hers that was begun and has not become a part yet, on
// this machine or another.
type Unfinished struct {
	Testimony api.ID
	N         int64
	Length    int64 // of the sealed content in bytes, by her own statement
	Received  int64 // of them in the vault, by its word
	Until     int64 // Unix seconds: the vault keeps it until then, by its word; 0 where it does not say
	// Info and Size describe the content, from what is stored of it. Info is the zero
	// PartInfo while too little is there to know, which is no more than 64 KiB.
	Info PartInfo
	Size int64
	// Relock: it was begun to lock a part anew, which goes on from its beginning.
	Relock bool
	// Err says why it is not gone on with: ErrUploadSwapped, ErrOwnKeys, ErrPlanted.
	Err error
}

// Known says whether enough is there to tell what it is.
func (u Unfinished) Known() bool { return u.Info.MediaType != "" }

// Unfinished gives the uploads of a testimony, or of all where t is empty, that
// were begun and are not finished, by testimony and number. One in which the vault's
// word differs from hers carries the error, and so does the call, beside the list.
func (c *Client) Unfinished(ctx context.Context, t api.ID) ([]Unfinished, error) {
	var out []Unfinished
	err := c.surely(ctx, func(h *history) error {
		out = nil
		all, err := c.halves(ctx, h, t)
		for _, u := range all {
			u.lock.key.Wipe()
			if err == nil && u.Err != nil {
				err = fmt.Errorf("upload %d of testimony %s: %w", u.N, u.Testimony, u.Err)
			}
			out = append(out, u.Unfinished)
		}
		return err
	})
	if err != nil {
		return out, fmt.Errorf("list unfinished uploads: %w", err)
	}
	return out, nil
}

// Abandon gives an upload up: what the vault has of it is deleted.
func (c *Client) Abandon(ctx context.Context, t api.ID, n int64) error {
	resp, err := c.do(ctx, call{method: http.MethodDelete, path: payloadPath(t, n), header: tus(), signed: true, repeat: true})
	if err != nil {
		return fmt.Errorf("give the upload up: %w", err)
	}
	return resp.Body.Close()
}

// half is an unfinished upload with what it takes to go on with it. Its key is the
// caller's to wipe, and empty where there is an error.
type half struct {
	Unfinished
	lock lock
}

// halves are the uploads under way of one testimony, or of all.
func (c *Client) halves(ctx context.Context, h *history, t api.ID) (out []*half, err error) {
	for _, id := range slices.Sorted(maps.Keys(h.book.Testimonies)) {
		state := h.book.Testimonies[id]
		if t != "" && t != id || state.Erased || t == "" && len(state.Begun) == 0 {
			continue
		}
		var answer api.Testimony
		if err := c.get(ctx, pathOf(id), &answer); err != nil {
			return out, err
		}
		for _, listed := range answer.Uploads {
			u, err := c.half(ctx, id, state, listed)
			if err != nil {
				return out, err
			}
			out = append(out, u)
		}
	}
	return out, nil
}

// half holds one upload against what she signed when she began it. An error is the
// line's; what is wrong with the upload is in the half.
func (c *Client) half(ctx context.Context, t api.ID, state *statement.State, listed api.Upload) (*half, error) {
	u := &half{Unfinished: Unfinished{Testimony: t, N: listed.N}}
	begun := state.Begun[listed.N]
	if begun == nil {
		u.Err = ErrPlanted
		return u, nil
	}
	_, u.Relock = state.Parts[listed.N]
	u.Length = begun.Length
	if u.lock, u.Err = c.begunLock(begun, listed); u.Err != nil {
		return u, nil
	}
	u.Received = listed.Received
	err := c.describeHalf(ctx, u)
	if errors.Is(err, ErrNotFound) || errors.Is(err, ErrUntrusted) {
		u.Err, err = err, nil
	}
	return u, err
}

// begunLock is the lock that she began an upload with, if the vault lists that very
// upload. A key that the vault could know is none of hers: she signed the header.
func (c *Client) begunLock(begun *statement.Begin, listed api.Upload) (lock, error) {
	same := listed.HeaderSHA256.String() == begun.HeaderSHA256 && api.HashOf(listed.Header).String() == begun.HeaderSHA256 &&
		listed.Nonce.String() == begun.Nonce && listed.Length == begun.Length && listed.Received >= 0 && listed.Received <= begun.Length
	if !same {
		return lock{}, ErrUploadSwapped
	}
	key, err := envelope.OpenHeader(listed.Header, c.keys)
	if err != nil {
		return lock{}, fmt.Errorf("%w: %w", ErrOwnKeys, err)
	}
	return lock{key, [envelope.NonceSize]byte(listed.Nonce), listed.Header}, nil
}

// describeHalf finds out until when it is kept and, once enough is there, what it is.
func (c *Client) describeHalf(ctx context.Context, u *half) error {
	resp, err := c.do(ctx, call{method: http.MethodHead, path: payloadPath(u.Testimony, u.N), header: tus(), signed: true, repeat: true})
	if err != nil {
		return err
	}
	resp.Body.Close()
	if until, err := http.ParseTime(resp.Header.Get(api.HeaderUploadExpires)); err == nil {
		u.Until = max(0, until.Truncate(time.Second).Unix())
	}
	if u.Received < envelope.Beginning(u.Length) {
		return nil
	}
	stored, err := c.bytesOf(ctx, payloadPath(u.Testimony, u.N), 0, envelope.Beginning(u.Length))
	if err != nil {
		return err
	}
	if u.Info, u.Size, err = envelope.OpenBeginning(stored, u.lock.key, u.lock.nonce, u.Length); err != nil {
		return fmt.Errorf("%w: %w", ErrUploadSwapped, err)
	}
	return nil
}
