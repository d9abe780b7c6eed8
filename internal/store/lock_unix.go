//go:build unix

package store

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
)

// lock is the lock file of an SQLite database: two serving processes would each
// believe that they know every live download, and a revocation in one would not
// cut those of the other. The system drops the lock with the process, so a
// crash leaves none.
type lock struct{ f *os.File }

func lockFile(path string) (*lock, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		if errors.Is(err, syscall.EWOULDBLOCK) {
			err = fmt.Errorf("process %s is using this database (it holds %s): stop it first, or use postgresql for several", holder(path), path)
		}
		return nil, errors.Join(err, f.Close())
	}
	// The number is for the message above only; without it the lock holds too.
	_ = f.Truncate(0)
	_, _ = fmt.Fprintln(f, os.Getpid())
	return &lock{f}, nil
}

func holder(path string) string {
	b, err := os.ReadFile(path)
	if pid := strings.TrimSpace(string(b)); err == nil && pid != "" {
		return pid
	}
	return "of another user"
}

// release gives the lock up. The file stays: removing it would let a third
// process lock a new file of that name while a second holds the old one.
//
// Closing alone would not do: a program that is just being started by this process
// has a copy of the descriptor until it begins, and with it the lock.
func (l *lock) release() error {
	if l == nil {
		return nil
	}
	return errors.Join(syscall.Flock(int(l.f.Fd()), syscall.LOCK_UN), l.f.Close())
}
