package reserve

import (
	"errors"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

func allocate(f *os.File, size int64) error {
	for {
		err := unix.Fallocate(int(f.Fd()), 0, 0, size)
		switch {
		case errors.Is(err, unix.EINTR):
		case errors.Is(err, unix.EOPNOTSUPP), errors.Is(err, unix.ENOSYS):
			return zeros(f, size)
		default:
			return err
		}
	}
}

// allocated is how many bytes a file takes on the disk, 0 when there is none.
func allocated(path string) int64 {
	var s unix.Stat_t
	if unix.Stat(path, &s) != nil {
		return 0
	}
	return s.Blocks * 512
}

// free is how many bytes the file's disk has left for us.
func free(path string) int64 {
	var s unix.Statfs_t
	if unix.Statfs(filepath.Dir(path), &s) != nil {
		return 0
	}
	return int64(s.Bavail) * s.Bsize
}
