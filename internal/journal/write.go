package journal

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// write puts the lines behind those that are flushed, and flushes. A crash before
// the flush has returned leaves any part of them, or all: none was acknowledged.
func (t *tape) write(b *batch) error {
	if b.fresh == nil {
		return t.put(t.file, t.size, b)
	}
	f, err := os.OpenFile(b.fresh.path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	old, size := t.file, t.size
	if err = t.put(f, 0, b); err == nil {
		err = syncDir(t.place.folder(t.place.Node))
	}
	if err != nil {
		t.size = size
		return errors.Join(err, f.Close(), os.Remove(b.fresh.path))
	}
	t.file = f
	if old != nil {
		_ = old.Close() // it is flushed, and the lines of b are written
	}
	return nil
}

func (t *tape) put(f *os.File, at int64, b *batch) error {
	if _, err := f.WriteAt(b.data, at); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	t.size = at + int64(len(b.data))
	return nil
}

// takeBack removes what a failed write has left behind the flushed lines. What is
// not taken back would be read as written after a crash; that is why nothing
// follows before it is gone.
func (t *tape) takeBack() error {
	if t.file == nil {
		return nil
	}
	return errors.Join(t.file.Truncate(t.size), t.file.Sync())
}

// why makes a full disk recognizable.
func why(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return fmt.Errorf("%w: %w", ErrFull, err)
	}
	return fmt.Errorf("%w: %w", ErrUnwritable, err)
}
