package client

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/relatingfield/vault/internal/envelope"
)

// source is the container of a part, which an upload reads as often as its line
// breaks. What has been read once must stay what it was.
type source struct {
	tree *envelope.Tree
	// open gives the container from byte at on, which stands no further than what
	// the tree knows.
	open func(ctx context.Context, at int64) (*envelope.Verified, io.Closer, error)
	// changed is what it means when it is not what it was.
	changed error
}

// survey reads a content once.
func (c Content) survey(ctx context.Context) (*envelope.Survey, error) {
	r, err := c.Open()
	if err != nil {
		return nil, fmt.Errorf("open the content: %w", err)
	}
	defer r.Close()
	return envelope.Explore(c.Info, obedient{ctx, r}, c.Size)
}

// source is the container around a content that was surveyed.
func (c Content) source(s *envelope.Survey) source {
	return source{tree: s.Tree(), changed: ErrFileChanged, open: func(ctx context.Context, at int64) (*envelope.Verified, io.Closer, error) {
		r, err := c.Open()
		if err != nil {
			return nil, nil, fmt.Errorf("open the content: %w", err)
		}
		from := obedient{ctx, r}
		if err := skip(from, r, s.ContentAt(at)); err != nil {
			r.Close()
			return nil, nil, err
		}
		return s.Reader(from, at), r, nil
	}}
}

// opener opens a container at its first byte. It fails at the end if the whole is
// not what was signed.
type opener func(context.Context) (io.ReadCloser, error)

// streamed is a container that can only be read from its beginning, and that
// nobody has read yet. What its first reading sees, the next must see again.
func streamed(size int64, open opener) source {
	tree := envelope.NewTree(size)
	return source{tree: tree, changed: ErrPayloadSwapped, open: func(ctx context.Context, at int64) (*envelope.Verified, io.Closer, error) {
		r, err := open(ctx)
		if err != nil {
			return nil, nil, err
		}
		from := obedient{ctx, r}
		if err := skip(from, nil, tree.LeafStart(at)); err != nil {
			r.Close()
			return nil, nil, err
		}
		return tree.Reader(from, at), r, nil
	}}
}

// distant is streamed for a container behind a line, which can be read from
// elsewhere too, but proves itself only as a whole. When it has to be read again, it
// is first read to its end, once; from then on each place of it is known, and no
// more is fetched than is missing.
func distant(size int64, open opener, openAt func(ctx context.Context, at int64) (io.ReadCloser, error)) source {
	whole := streamed(size, open)
	return source{tree: whole.tree, changed: whole.changed, open: func(ctx context.Context, at int64) (*envelope.Verified, io.Closer, error) {
		if at == 0 {
			return whole.open(ctx, 0)
		}
		if err := whole.learn(ctx); err != nil {
			return nil, nil, err
		}
		r, err := openAt(ctx, whole.tree.LeafStart(at))
		if err != nil {
			return nil, nil, err
		}
		return whole.tree.Reader(obedient{ctx, r}, at), r, nil
	}}
}

// learn reads everything, unless all of it is known.
func (s source) learn(ctx context.Context) error {
	if s.tree.Known() == s.tree.Size() {
		return nil
	}
	r, c, err := s.open(ctx, 0)
	if err != nil {
		return err
	}
	defer c.Close()
	_, err = io.Copy(io.Discard, r)
	return err
}

// skip goes on by n bytes, without reading them where that can be done. An end
// before them is for the reader behind to notice.
func skip(r io.Reader, from any, n int64) error {
	if s, ok := from.(io.Seeker); ok {
		if _, err := s.Seek(n, io.SeekStart); err == nil {
			return nil
		}
	}
	_, err := io.CopyN(io.Discard, r, n)
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read the content: %w", err)
	}
	return nil
}

// obedient stops reading when its context has ended: a long file is no reason to
// keep somebody waiting who wants to stop.
type obedient struct {
	ctx context.Context
	r   io.Reader
}

func (o obedient) Read(p []byte) (int, error) {
	if o.ctx.Err() != nil {
		return 0, context.Cause(o.ctx)
	}
	return o.r.Read(p)
}
