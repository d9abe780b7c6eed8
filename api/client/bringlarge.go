package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"github.com/relatingfield/vault/api"
)

// bringing is a large item on its way, by tus. It goes on where the vault says that it
// is; the note fixes the bytes, so what does not belong together is refused.
type bringing struct {
	c       *Client
	path    string
	header  http.Header // of a delivery
	length  int64
	payload func(ctx context.Context) (io.ReadCloser, error) // from its first byte, anew at each call
	line    *transfer
	begun   bool
}

func (c *Client) bringLarge(ctx context.Context, b bringing) error {
	b.c, b.path, b.line = c, b.path+"/payload", &transfer{c: c, length: b.length, watch: b.line.watch}
	before := int64(-1)
	for stuck := 0; ; {
		at, err := b.step(ctx)
		switch {
		case err == nil && at == b.length:
			return nil
		case err != nil && !broke(err):
			return broughtBefore(err)
		}
		if at > before {
			stuck, before = 0, at
		}
		if stuck++; stuck == maxStuck {
			return fmt.Errorf("%w: what has arrived is kept, and the same item goes on from there: %w", ErrUnavailable, err)
		}
		if err == nil {
			continue
		}
		if err := c.pause(ctx, c.patience(stuck, err)); err != nil {
			return err
		}
	}
}

func broughtBefore(err error) error {
	if isProblem(err, api.ProblemConflict) {
		return ErrBrought
	}
	return err
}

// step asks how much is there, and sends the rest. It gives how much was there before.
func (b *bringing) step(ctx context.Context) (int64, error) {
	at, err := b.ask(ctx)
	if errors.Is(err, ErrNotFound) {
		if b.begun { // it was whole, and she has taken or refused it since
			return b.length, nil
		}
		at, err = 0, b.begin(ctx)
		b.begun = err == nil
	}
	if err != nil || at == b.length {
		return at, err
	}
	return at, b.send(ctx, at)
}

// ask says how much of the item the vault has.
func (b *bringing) ask(ctx context.Context) (int64, error) {
	resp, err := b.c.do(ctx, call{method: http.MethodHead, path: b.path, header: tus(), signed: true, repeat: true})
	if err != nil {
		return 0, err
	}
	resp.Body.Close()
	at, err := strconv.ParseInt(resp.Header.Get(api.HeaderUploadOffset), 10, 64)
	if err != nil || at < 0 || at > b.length || resp.Header.Get(api.HeaderUploadLength) != strconv.FormatInt(b.length, 10) {
		return 0, fmt.Errorf("%w: it has an item of this name that is not this one", ErrUpload)
	}
	return at, nil
}

func (b *bringing) begin(ctx context.Context) error {
	header := b.header.Clone()
	header.Set(api.HeaderTusResumable, api.TusVersion)
	header.Set(api.HeaderUploadLength, strconv.FormatInt(b.length, 10))
	resp, err := b.c.do(ctx, call{method: http.MethodPost, path: b.path, header: header, signed: true, repeat: true})
	if err == nil {
		resp.Body.Close()
	}
	return err
}

// send sends everything from a place on, as one request.
func (b *bringing) send(ctx context.Context, at int64) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	b.line.offset = at
	header := tus()
	header.Set(api.HeaderUploadOffset, strconv.FormatInt(at, 10))
	resp, err := b.c.do(ctx, call{method: http.MethodPatch, path: b.path, header: header, media: api.MediaTus, signed: true,
		length: b.length - at, stream: func() (io.ReadCloser, error) {
			r, err := b.from(ctx, at)
			if err != nil {
				return nil, err
			}
			return b.line.paced(r, stop), nil
		}})
	if err == nil {
		resp.Body.Close()
	}
	return err
}

// from gives the payload from a place on. What comes before it is made once more and
// not sent.
func (b *bringing) from(ctx context.Context, at int64) (io.ReadCloser, error) {
	r, err := b.payload(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := io.CopyN(io.Discard, r, at); err != nil {
		return nil, errors.Join(fmt.Errorf("read the item again: %w", err), r.Close())
	}
	return r, nil
}
