package fsblob

import (
	"context"
	"errors"
	"io"
	"os"

	"github.com/relatingfield/vault/internal/blob"
)

const (
	// bufferSize and buffers bound what one Put holds in memory, 2 MiB.
	bufferSize = 512 << 10
	buffers    = 4
	// writeBackEvery is how many bytes are written before the kernel is told to
	// begin with them, so that the closing flush finds little left to do.
	writeBackEvery = 8 << 20
)

// chunk is what one read brought; err is why there will be no other.
type chunk struct {
	b   []byte
	err error
}

// copyExactly copies size bytes from r to f, reading ahead while it writes: what
// r does for its bytes (receive, hash, seal) and what the disk does overlap.
func copyExactly(ctx context.Context, f *os.File, r io.Reader, size int64) error {
	ctx, stop := context.WithCancel(ctx)
	filled, free := make(chan chunk, buffers), make(chan []byte, buffers)
	for range min(buffers, size/bufferSize+1) {
		free <- make([]byte, min(bufferSize, size+1))
	}
	go func() { defer close(filled); readAhead(ctx, r, size, filled, free) }()
	err := writeBehind(f, filled, free)
	// A reader that is still at it ends with its current read; r is not ours
	// any more once we return, so wait for that.
	stop()
	for range filled {
	}
	return err
}

// readAhead reads size bytes and then makes sure that there are no more.
func readAhead(ctx context.Context, r io.Reader, size int64, filled chan<- chunk, free <-chan []byte) {
	for left := size; ; {
		var b []byte
		select {
		case b = <-free:
		case <-ctx.Done():
			filled <- chunk{nil, ctx.Err()}
			return
		}
		n, err := fill(r, b[:min(int64(len(b)), left+1)])
		left -= int64(n)
		c := chunk{b[:n], ending(left, err)}
		filled <- c // has room for every buffer there is
		if c.err != nil {
			return
		}
	}
}

// fill reads until b is full or r ends. Unlike io.ReadFull it passes r's own
// error on as it is: a source that ends with io.ErrUnexpectedEOF has not ended
// well, wherever that happens.
func fill(r io.Reader, b []byte) (n int, err error) {
	for n < len(b) && err == nil {
		var m int
		m, err = r.Read(b[n:])
		n += m
	}
	if n == len(b) && err == io.EOF {
		err = nil // comes again with the next read
	}
	return n, err
}

// ending says whether a read with left bytes still to come was the last, and how.
func ending(left int64, err error) error {
	switch {
	case left < 0:
		return blob.ErrSize
	case err == io.EOF && left > 0:
		return io.ErrUnexpectedEOF
	}
	return err
}

// writeBehind writes chunks until the last.
func writeBehind(f *os.File, filled <-chan chunk, free chan<- []byte) error {
	var written, begun int64
	for c := range filled {
		if c.err != nil && c.err != io.EOF {
			return c.err
		}
		n, err := f.Write(c.b)
		if err != nil {
			return full(err)
		}
		if written += int64(n); written-begun >= writeBackEvery {
			beginWriteBack(f, begun, written-begun)
			begun = written
		}
		if c.err == io.EOF {
			return nil
		}
		free <- c.b[:cap(c.b)]
	}
	return errors.New("the reader stopped without a word")
}
