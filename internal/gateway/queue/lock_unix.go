//go:build unix

package queue

import (
	"errors"
	"os"
	"syscall"
)

// lock keeps a second process out. The system drops it with this one.
func lock(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = ErrLocked
	}
	if err != nil {
		return nil, joinClose(err, f)
	}
	return f, nil
}
