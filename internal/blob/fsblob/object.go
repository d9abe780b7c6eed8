package fsblob

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"

	"github.com/relatingfield/vault/internal/blob"
)

// object is an open file; the file's SyscallConn is what sendfile wants.
type object struct {
	*os.File
	size int64
}

// Size is the length in bytes.
func (o *object) Size() int64 { return o.size }

// Read implements io.Reader.
func (o *object) Read(p []byte) (int, error) {
	n, err := o.File.Read(p)
	if errors.Is(err, io.EOF) {
		if at, e := o.File.Seek(0, io.SeekCurrent); e == nil && at < o.size {
			return n, errShort
		}
	}
	return n, o.damaged(err)
}

// ReadAt implements io.ReaderAt.
func (o *object) ReadAt(p []byte, at int64) (int, error) {
	n, err := o.File.ReadAt(p, at)
	if errors.Is(err, io.EOF) && at >= 0 && at+int64(n) < o.size {
		return n, errShort
	}
	return n, o.damaged(err)
}

var errShort = fmt.Errorf("%w: its file has become shorter", blob.ErrDamaged)

// damaged makes a disk that cannot read what it holds recognizable. What the
// kernel copies to a socket itself only ends early then; whoever reads with digests
// in hand finds out.
func (o *object) damaged(err error) error {
	if err == nil || errors.Is(err, io.EOF) {
		return err
	}
	err = without(filepath.Base(o.Name()), err)
	if errors.Is(err, syscall.EIO) {
		return fmt.Errorf("%w: %w", blob.ErrDamaged, err)
	}
	return err
}
