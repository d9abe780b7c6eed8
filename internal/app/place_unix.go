//go:build unix

package app

import (
	"errors"
	"os"
	"syscall"
)

// lockPlace holds a folder itself; the system drops the lock with the process.
func lockPlace(dir string) (unlock func() error, err error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f.Close, nil
}
