package s3blob

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/relatingfield/vault/internal/blob"
	"github.com/relatingfield/vault/internal/id"
)

// bufferSize is what a PutSome holds in memory: what is not longer goes straight
// from there.
const bufferSize = 32 << 10

// PutSome implements blob.Store. The server wants to know the length before the
// first byte, so what has none is gathered first. That also keeps slow lines off
// the server, which would cut them.
func (s *Store) PutSome(ctx context.Context, key id.ID, most int64, r io.Reader) (int64, error) {
	if most < 1 {
		return 0, fmt.Errorf("put object: %w", blob.ErrSize)
	}
	name, err := s.name(key)
	if err != nil {
		return 0, err
	}
	n, err := s.putSome(ctx, name, most, r)
	if err != nil {
		return 0, fmt.Errorf("put object: %w", err)
	}
	return n, nil
}

func (s *Store) putSome(ctx context.Context, name string, most int64, r io.Reader) (int64, error) {
	buf := s.buffers.Get().(*[bufferSize]byte)
	defer s.buffers.Put(buf)
	n, ended, err := fill(ctx, buf[:min(most, bufferSize)], r)
	switch {
	case err != nil:
		return 0, err
	case n == 0:
		return 0, nil
	case ended || int64(n) == most:
		return int64(n), s.putAgain(ctx, name, bytes.NewReader(buf[:n]), int64(n))
	}
	f, err := s.scratch()
	if err != nil {
		return 0, full(err)
	}
	defer f.Close()
	length, err := spool(ctx, f, buf, n, most, r)
	if err != nil {
		return 0, err
	}
	return length, s.putAgain(ctx, name, f, length)
}

// fill reads until p is full or r ends well.
func fill(ctx context.Context, p []byte, r io.Reader) (n int, ended bool, err error) {
	for n < len(p) {
		if err := ctx.Err(); err != nil {
			return n, false, err
		}
		m, err := r.Read(p[n:])
		n += m
		if errors.Is(err, io.EOF) {
			return n, true, nil
		}
		if err != nil {
			return n, false, err
		}
	}
	return n, false, nil
}

// spool writes the first n bytes of buf, and what follows them in r, to f.
func spool(ctx context.Context, f *os.File, buf *[bufferSize]byte, n int, most int64, r io.Reader) (int64, error) {
	length := int64(0)
	for ended := false; ; {
		if _, err := f.Write(buf[:n]); err != nil {
			return 0, full(err)
		}
		length += int64(n)
		if ended || length == most {
			return length, nil
		}
		var err error
		if n, ended, err = fill(ctx, buf[:min(bufferSize, most-length)], r); err != nil {
			return 0, err
		}
	}
}

// putAgain stores what can be sent more than once. A try whose answer was lost may
// have been done: then the next one finds the name taken, by the same content.
func (s *Store) putAgain(ctx context.Context, name string, content io.ReaderAt, size int64) error {
	if err := s.free(ctx, name); err != nil {
		return err
	}
	lost := false
	for n := 1; ; n++ {
		from, err := newExactly(io.NewSectionReader(content, 0, size), size)
		if err != nil {
			return err
		}
		failure := s.send(ctx, name, size, from)
		if from.err != nil {
			return from.err
		}
		err = explain(ctx, failure)
		if errors.Is(err, blob.ErrExists) && lost && s.holds(ctx, name, content, size) {
			return nil
		}
		if !errors.Is(err, blob.ErrUnavailable) || n == moreTries {
			return err
		}
		lost = lost || !neverArrived(failure)
		if err := pause(ctx, n); err != nil {
			return err
		}
	}
}

// holds reports whether this very content is there, as far as length and checksum
// tell: under a key that was drawn for it, nobody else put another of the same.
func (s *Store) holds(ctx context.Context, name string, content io.ReaderAt, size int64) bool {
	info, err := s.stat(ctx, name)
	if err != nil || info.Size != size {
		return false
	}
	sum := newSum()
	_, err = io.Copy(sum, io.NewSectionReader(content, 0, size))
	return err == nil && info.ChecksumCRC32C == spell(sum.Sum32())
}
