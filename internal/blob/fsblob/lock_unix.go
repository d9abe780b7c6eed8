//go:build unix

package fsblob

import (
	"os"
	"syscall"
)

// lock marks a file as being written. The system drops the lock with the file or
// with the process.
func lock(f *os.File) error {
	return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
}
