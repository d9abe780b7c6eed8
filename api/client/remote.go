package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/byterange"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/statement"
)

// origin is where an age file is had, and whose it is.
type origin struct {
	path  string
	of    api.ID // the grant or the testimony
	n     int64
	grant bool // the vault counts openings of it
}

func ownOrigin(t api.ID, n int64) origin { return origin{partPath(t, n) + "/content", t, n, false} }

// remote is an age file in the vault: header and payload as one. Which bytes these
// are is known from what was signed, and so is their entity tag: whatever comes
// under another one is not looked at.
type remote struct {
	c      *Client
	from   origin
	want   expected
	etag   string
	size   int64 // of header and payload; 0 until an answer says so
	opened bool  // an answer has come, now or to an earlier run: what is asked from here on goes on
}

func (c *Client) remote(from origin, want expected) (*remote, error) {
	tag, err := want.etag()
	return &remote{c: c, from: from, want: want, etag: tag}, err
}

// etag is the entity tag of what was signed for (docs/protocol.md, section 5).
func (e expected) etag() (string, error) {
	header, err := statement.Hash32(e.header)
	if err != nil {
		return "", err
	}
	return `"` + api.HashOf(append(header[:], e.payload.SHA256[:]...)).String() + `"`, nil
}

// get asks for the bytes from at to to, or to the end where to is 0, and gives
// them only if the answer says that it is exactly these.
func (r *remote) get(ctx context.Context, at, to int64) (io.ReadCloser, error) {
	resp, err := r.ask(ctx, at, to)
	if isProblem(err, api.ProblemOpeningOver) {
		if err := r.countAgain(ctx); err != nil {
			return nil, err
		}
		r.opened = false
		resp, err = r.ask(ctx, at, to)
	}
	if err != nil {
		return nil, r.meaning(err)
	}
	if err := r.check(resp, at, to); err != nil {
		return nil, errors.Join(err, resp.Body.Close())
	}
	r.opened = true
	return resp.Body, nil
}

func (r *remote) ask(ctx context.Context, at, to int64) (*http.Response, error) {
	q := call{method: http.MethodGet, path: r.from.path, signed: true, repeat: true, header: http.Header{}}
	if at > 0 || to > 0 {
		q.header.Set("Range", "bytes="+strconv.FormatInt(at, 10)+"-"+lastByte(to))
		q.header.Set("If-Range", r.etag)
	}
	if r.opened && r.from.grant {
		q.header.Set(api.HeaderOpening, api.OpeningGoesOn)
	}
	return r.c.do(ctx, q)
}

func lastByte(to int64) string {
	if to == 0 {
		return ""
	}
	return strconv.FormatInt(to-1, 10)
}

// countAgain asks whoever uses the client before a read counts that nobody began.
func (r *remote) countAgain(ctx context.Context) error {
	if r.c.again == nil {
		return nil
	}
	return r.c.again(ctx, r.from.of, r.from.n)
}

// meaning says what a refusal means to somebody who has got some of it already.
func (r *remote) meaning(err error) error {
	if r.opened && errors.Is(err, ErrNotFound) {
		return ErrTakenBack
	}
	return err
}

// check holds an answer's head against what was asked. Nothing of the body has
// been read.
func (r *remote) check(resp *http.Response, at, to int64) error {
	if resp.Header.Get("ETag") != r.etag {
		return ErrChanged
	}
	var part byterange.Stretch
	switch {
	case resp.StatusCode == http.StatusOK && at == 0 && to == 0 && resp.ContentLength > 0:
		// Whoever reads all of it finds out whether it is what was signed for, and
		// reads no further than that.
		r.size = resp.ContentLength
		return nil
	case resp.StatusCode == http.StatusPartialContent && (at > 0 || to > 0):
		var ok bool
		if part, ok = byterange.ParseContentRange(resp.Header.Values("Content-Range")); !ok {
			return fmt.Errorf("%w: it does not say which part of the file it sent", ErrNonsense)
		}
	default:
		return fmt.Errorf("%w: it sent another part of the file than was asked for", ErrNonsense)
	}
	if err := r.learn(part.Size); err != nil {
		return err
	}
	if to == 0 || to > r.size {
		to = r.size
	}
	if part.From != at || part.To != to || resp.ContentLength != to-at {
		return fmt.Errorf("%w: it sent another part of the file than was asked for", ErrNonsense)
	}
	return nil
}

// learn takes the vault's word for how long the file is, which is how long its
// header is: the payload's length was signed for, or is told by its digest.
func (r *remote) learn(size int64) error {
	header := size - r.want.payload.Size
	if header <= 0 || header > envelope.MaxHeader || r.size != 0 && r.size != size {
		return fmt.Errorf("%w: it has another length", ErrPayloadSwapped)
	}
	r.size = size
	return nil
}
