//go:build unix

package partial

import (
	"os"
	"syscall"
)

// lock marks a file as being worked on. The system drops the lock with the file or
// with the process.
func lock(f *os.File) error {
	return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
}
