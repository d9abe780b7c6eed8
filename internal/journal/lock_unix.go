//go:build unix

package journal

import (
	"os"
	"path/filepath"
	"syscall"
)

// lock takes the right to write a node's journal. The system gives it back with
// the process.
func lock(dir string) (unlock func() error, err error) {
	f, err := os.OpenFile(filepath.Join(dir, lockName), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = f.Close() // nothing was written
		return nil, ErrTaken
	}
	return f.Close, nil
}
