package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// maxResumes bounds how often in a row a download is taken up again without
// having got any further.
const maxResumes = 5

// download streams one age file. When the line breaks, it goes on at the byte
// where it broke; if the file has become another one meanwhile, it fails.
func (c *Client) download(ctx context.Context, path string) (io.ReadCloser, error) {
	d := &download{ctx: ctx, c: c, path: path}
	if err := d.open(); err != nil {
		return nil, err
	}
	return d, nil
}

type download struct {
	ctx  context.Context
	c    *Client
	path string
	body io.ReadCloser
	etag string
	at   int64 // bytes given so far
	size int64 // of the whole; -1 when the vault did not say
}

var errChanged = errors.New("the part was locked anew or withdrawn while it was read: begin again")

// open asks for the bytes from d.at on.
func (d *download) open() error {
	r := call{method: http.MethodGet, path: d.path, signed: true, repeat: true}
	if d.at > 0 {
		r.header = http.Header{}
		r.header.Set("Range", fmt.Sprintf("bytes=%d-", d.at))
		r.header.Set("If-Range", d.etag)
	}
	resp, err := d.c.do(d.ctx, r)
	if err != nil {
		return err
	}
	if d.at == 0 {
		d.body, d.etag, d.size = resp.Body, resp.Header.Get("ETag"), resp.ContentLength
		return nil
	}
	if resp.StatusCode != http.StatusPartialContent || resp.Header.Get("ETag") != d.etag {
		resp.Body.Close()
		return errChanged
	}
	d.body = resp.Body
	return nil
}

// Read implements io.Reader.
func (d *download) Read(p []byte) (int, error) {
	for stuck := 0; ; stuck++ {
		n, err := d.body.Read(p)
		d.at += int64(n)
		if n > 0 || err == nil {
			return n, nil
		}
		if err == io.EOF && (d.size < 0 || d.at >= d.size) {
			return 0, io.EOF
		}
		if d.ctx.Err() != nil {
			return 0, context.Cause(d.ctx)
		}
		if stuck == maxResumes || d.etag == "" || d.at == 0 {
			return 0, fmt.Errorf("%w: the line broke", ErrUnavailable)
		}
		if err := d.resume(stuck); err != nil {
			return 0, err
		}
	}
}

func (d *download) resume(stuck int) error {
	d.body.Close()
	d.body = http.NoBody
	if err := d.c.pause(d.ctx, d.c.patience(stuck+1, nil)); err != nil {
		return err
	}
	return d.open()
}

// Close implements io.Closer.
func (d *download) Close() error { return d.body.Close() }
