//go:build unix

package serverkeys

import (
	"errors"
	"os"
	"syscall"
)

// lock keeps two rotations from running at once. It locks the folder itself, so that
// there is nothing in it but the keys.
func lock(dir string) (unlock func(), err error) {
	f, err := os.Open(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil, ErrNone
	}
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return func() { _ = f.Close() }, nil
}
