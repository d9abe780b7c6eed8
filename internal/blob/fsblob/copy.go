package fsblob

import (
	"context"
	"io"
	"os"

	"github.com/relatingfield/vault/internal/blob"
)

const (
	// bufferSize is what is read and written at a time, and what a Put holds
	// in memory, unless its source writes by itself. One buffer that stays in the processor's cache beats several
	// that are filled and emptied by turns, by half of the time spent.
	bufferSize = 256 << 10
	// writeBackEvery is how many bytes are written before the kernel is told to
	// begin with them, so that the closing flush finds little left to do.
	writeBackEvery = 512 << 10
)

// copyExactly copies size bytes from r to f and makes sure that there are no
// more.
func (s *Store) copyExactly(ctx context.Context, f *os.File, r io.Reader, size int64) error {
	if err := reserve(f, size); err != nil {
		return full(err)
	}
	n, err := s.copy(ctx, f, r, size)
	if err == nil && n < size {
		return io.ErrUnexpectedEOF
	}
	return err
}

// copyUpTo copies from r to f what comes before r ends, at most most bytes. It
// reserves nothing: a thousand slow lines would take the disk for what never
// comes.
func (s *Store) copyUpTo(ctx context.Context, f *os.File, r io.Reader, most int64) (int64, error) {
	if from, ok := r.(bounded); !ok || from.Most() > most {
		r = io.LimitReader(r, most)
	}
	n, err := s.copy(ctx, f, r, most)
	if err == nil && n == 0 {
		return 0, errNothing
	}
	return n, err
}

// bounded is a source that writes by itself, and no more than it says.
type bounded interface {
	io.WriterTo
	Most() int64
}

func (s *Store) copy(ctx context.Context, f *os.File, r io.Reader, room int64) (int64, error) {
	w := &sink{ctx: ctx, f: f, left: room}
	if from, ok := r.(io.WriterTo); ok {
		_, err := from.WriteTo(w)
		return w.written, err
	}
	buf := s.buffers.Get().(*[bufferSize]byte)
	defer s.buffers.Put(buf)
	for {
		n, err := fill(buf[:], r)
		if _, e := w.Write(buf[:n]); e != nil {
			return w.written, e
		}
		if err == io.EOF {
			return w.written, nil
		}
		if err != nil {
			return w.written, err
		}
	}
}

// fill reads until p is full or r ends: what comes in small pieces is written in
// large ones. Unlike io.ReadFull it leaves r's error as it is.
func fill(p []byte, r io.Reader) (n int, err error) {
	for n < len(p) && err == nil {
		var m int
		m, err = r.Read(p[n:])
		n += m
	}
	return n, err
}

// sink writes to a file while ctx lasts, and no more than was announced.
type sink struct {
	ctx     context.Context
	f       *os.File
	left    int64
	written int64
	begun   int64 // how far the kernel has been told to write to the disk
}

func (w *sink) Write(p []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	if int64(len(p)) > w.left {
		return 0, blob.ErrSize
	}
	n, err := w.f.Write(p)
	w.left -= int64(n)
	w.written += int64(n)
	if w.written-w.begun >= writeBackEvery {
		beginWriteBack(w.f, w.begun, w.written-w.begun)
		w.begun = w.written
	}
	return n, full(err)
}
