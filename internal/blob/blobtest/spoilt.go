package blobtest

import (
	"context"
	"io"

	"github.com/relatingfield/vault/internal/blob"
)

// slowly is how many bytes pass at a time.
const slowly = 1 << 10

// source makes the source of a put as the fault has it.
func (f *Faulty) source(ctx context.Context, fault Fault, r io.Reader) io.Reader {
	if fault != Slow {
		return r
	}
	return readerFunc(func(p []byte) (int, error) { return f.slow(ctx, p, r.Read) })
}

func (f *Faulty) slow(ctx context.Context, p []byte, read func([]byte) (int, error)) (int, error) {
	if f.Wait != nil {
		if err := f.Wait(ctx); err != nil {
			return 0, err
		}
	}
	return read(p[:min(len(p), slowly)])
}

// object makes what was opened as the fault has it. What is spoilt has no
// SyscallConn: the kernel would copy the file as it is.
func (f *Faulty) object(ctx context.Context, fault Fault, o blob.Object) blob.Object {
	s := spoilt{Object: o, f: f, ctx: ctx, size: o.Size(), flipped: -1}
	switch fault {
	case Slow:
		s.slow = true
	case Truncated:
		s.size /= 2
	case Corrupted:
		s.flipped = s.size / 2
	default:
		return o
	}
	return &s
}

// spoilt is an object that is not what was put, or comes slowly.
type spoilt struct {
	blob.Object
	f       *Faulty
	ctx     context.Context
	at      int64
	size    int64
	flipped int64 // the byte with another bit; -1: none
	slow    bool
}

// Size is the length in bytes.
func (s *spoilt) Size() int64 { return s.size }

// Read implements io.Reader.
func (s *spoilt) Read(p []byte) (n int, err error) {
	if !s.slow {
		n, err = s.ReadAt(p, s.at)
		if n > 0 && err == io.EOF {
			err = nil
		}
	} else {
		n, err = s.f.slow(s.ctx, p, s.Object.Read)
	}
	s.at += int64(n)
	return n, err
}

// ReadAt implements io.ReaderAt.
func (s *spoilt) ReadAt(p []byte, at int64) (int, error) {
	if at >= s.size {
		return 0, io.EOF
	}
	asked := len(p)
	p = p[:min(int64(len(p)), s.size-at)]
	n, err := s.Object.ReadAt(p, at)
	if i := s.flipped - at; s.flipped >= 0 && i >= 0 && i < int64(n) {
		p[i] ^= 1
	}
	if err == nil && n < asked {
		err = io.EOF
	}
	return n, err
}

// Seek implements io.Seeker.
func (s *spoilt) Seek(offset int64, whence int) (int64, error) {
	if whence == io.SeekEnd {
		offset, whence = offset+s.size, io.SeekStart
	}
	at, err := s.Object.Seek(offset, whence)
	if err == nil {
		s.at = at
	}
	return at, err
}
