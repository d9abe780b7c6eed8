package s3blob

import (
	"context"
	"errors"
	"fmt"
	"hash"
	"io"
	"strings"

	"github.com/minio/minio-go/v7"

	"github.com/relatingfield/vault/internal/blob"
	"github.com/relatingfield/vault/internal/id"
)

// object is an open object. Reading on costs no request: one that began is read
// as far as it goes. It is used by one goroutine, its ReadAt by any number.
type object struct {
	store  *Store
	name   string
	size   int64
	etag   string
	sum    string // the server's checksum over the whole; empty: it keeps none
	ctx    context.Context
	cancel context.CancelFunc

	at     int64       // where Read goes on
	body   *answer     // of the request under way; nil: none
	hash   hash.Hash32 // of the first hashed bytes
	hashed int64
}

// Open implements blob.Store.
func (s *Store) Open(ctx context.Context, key id.ID) (blob.Object, error) {
	name, err := s.name(key)
	if err != nil {
		return nil, err
	}
	info, err := s.stat(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("open object: %w", err)
	}
	ctx, cancel := context.WithCancel(ctx)
	return &object{store: s, name: name, size: info.Size, etag: info.ETag, sum: info.ChecksumCRC32C, ctx: ctx, cancel: cancel, hash: newSum()}, nil
}

// stat asks for an object's size, tag and checksum.
func (s *Store) stat(ctx context.Context, name string) (minio.ObjectInfo, error) {
	within, cancel := s.soon(ctx)
	defer cancel()
	info, err := s.core.StatObject(within, s.cfg.Bucket, name, minio.StatObjectOptions{Checksum: true})
	err = explain(ctx, err)
	if errors.Is(err, blob.ErrNotFound) {
		// Such an answer has no text, so it may also be the bucket that is not there.
		err = s.missing(ctx, name)
	}
	if err == nil && info.Size < 0 {
		err = fmt.Errorf("%w: it has no length", blob.ErrDamaged)
	}
	if info.ChecksumMode != fullObject && (info.ChecksumMode != "" || strings.Contains(info.ChecksumCRC32C, "-")) {
		info.ChecksumCRC32C = "" // it is of the checksums of parts
	}
	return info, err
}

// missing finds out what is missing.
func (s *Store) missing(ctx context.Context, name string) error {
	within, cancel := s.soon(ctx)
	defer cancel()
	body, _, _, err := s.core.GetObject(within, s.cfg.Bucket, name, minio.GetObjectOptions{})
	if err != nil {
		return explain(ctx, err)
	}
	return errors.Join(fmt.Errorf("%w: it was not there a moment ago", blob.ErrUnavailable), body.Close())
}

// Size is the length in bytes.
func (o *object) Size() int64 { return o.size }

// Close ends what is under way.
func (o *object) Close() error {
	o.drop()
	o.cancel()
	return nil
}

func (o *object) drop() {
	if o.body != nil {
		o.body.close()
		o.body = nil
	}
}

// Seek implements io.Seeker. It asks nothing.
func (o *object) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += o.at
	case io.SeekEnd:
		offset += o.size
	}
	if offset < 0 {
		return 0, errors.New("seek in object: before its beginning")
	}
	o.at = offset
	return offset, nil
}

// Read implements io.Reader. A request that breaks off is made again for what is
// left.
func (o *object) Read(p []byte) (int, error) {
	if o.at >= o.size {
		return 0, io.EOF
	}
	if len(p) == 0 {
		return 0, nil
	}
	var err error
	for n := 1; ; n++ {
		var got int
		if got, err = o.read(p); got > 0 {
			return o.accept(p[:got])
		}
		o.drop()
		if err = o.again(n, err); err != nil {
			break
		}
	}
	return 0, fmt.Errorf("read object: %w", err)
}

// again decides after try n and its error whether there is another: it waits and
// gives nil, or gives the error that it stays with.
func (o *object) again(n int, err error) error {
	if !errors.Is(err, blob.ErrUnavailable) || n >= tries {
		return err
	}
	return pause(o.ctx, n)
}

// read reads some bytes at o.at.
func (o *object) read(p []byte) (int, error) {
	if o.body == nil || o.body.at != o.at || o.body.at == o.body.end {
		next := o.window()
		o.drop()
		body, err := o.ask(o.at, next)
		if err != nil {
			return 0, err
		}
		o.body = body
	}
	return o.body.read(p)
}

// accept counts what was read, and compares the whole with its checksum before it
// hands out the end.
func (o *object) accept(p []byte) (int, error) {
	if o.at == o.hashed {
		o.hash.Write(p)
		o.hashed += int64(len(p))
	}
	if o.hashed == o.size && o.at+int64(len(p)) == o.size && o.sum != "" && spell(o.hash.Sum32()) != o.sum {
		return 0, fmt.Errorf("read object: %w: its checksum is another", blob.ErrDamaged)
	}
	o.at += int64(len(p))
	return len(p), nil
}

// firstWindow is what is asked for where reading begins somewhere in the middle:
// a connection whose answer is not read to its end is lost.
const firstWindow = 1 << 20

// window is where the next request ends: at the end of the object when it is read
// from its beginning; else a little further, and further each time it goes on.
func (o *object) window() int64 {
	switch {
	case o.at == 0:
		return o.size
	case o.body != nil && o.body.at == o.at:
		return min(o.size, o.at+2*(o.body.end-o.body.from))
	}
	return min(o.size, o.at+firstWindow)
}

// ReadAt implements io.ReaderAt: one request for these bytes.
func (o *object) ReadAt(p []byte, at int64) (int, error) {
	if at < 0 {
		return 0, errors.New("read object: before its beginning")
	}
	end := min(o.size, at+int64(len(p)))
	if at >= end {
		return 0, shortBy(len(p))
	}
	done := 0
	var err error
	for n := 1; ; n++ {
		var got int
		got, err = o.readRange(p[done:end-at], at+int64(done), end)
		if done += got; at+int64(done) == end {
			return done, shortBy(len(p) - done)
		}
		if got > 0 {
			n = 1 // it goes on, if slowly
		}
		if err = o.again(n, err); err != nil {
			break
		}
	}
	return done, fmt.Errorf("read object: %w", err)
}

// shortBy is the error of a read that had n bytes more room than there are bytes.
func shortBy(n int) error {
	if n > 0 {
		return io.EOF
	}
	return nil
}

func (o *object) readRange(p []byte, from, end int64) (done int, err error) {
	body, err := o.ask(from, end)
	if err != nil {
		return 0, err
	}
	defer body.close()
	for done < len(p) && err == nil {
		var n int
		n, err = body.read(p[done:])
		done += n
	}
	return done, err
}
