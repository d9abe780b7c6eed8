//go:build unix

package journal

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// A process that ends gives its lock back a moment later, and one that starts looks
// at the others' locks for a moment: whoever wants one asks again this often.
const (
	lockTries = 50
	lockPause = 20 * time.Millisecond
)

// lock takes the right to write a node's journal. The system gives it back with
// the process.
func lock(dir string) (unlock func() error, err error) {
	for range lockTries {
		if unlock, err = tryLock(dir); !errors.Is(err, ErrTaken) {
			return unlock, err
		}
		<-time.After(lockPause)
	}
	return nil, err
}

func tryLock(dir string) (unlock func() error, err error) {
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

// written says whether a process may be writing a node's journal now.
func written(dir string) (bool, error) {
	unlock, err := tryLock(dir)
	if errors.Is(err, ErrTaken) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	return false, unlock()
}
