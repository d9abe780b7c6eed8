package fsblob

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// beginWriteBack tells the kernel to start writing a range and does not wait.
// It is a hint: what matters is the flush at the end.
func beginWriteBack(f *os.File, from, n int64) {
	_ = unix.SyncFileRange(int(f.Fd()), from, n, unix.SYNC_FILE_RANGE_WRITE)
}

// reserveFrom is the size from which room is reserved; for less it costs more
// than it tells.
const reserveFrom = 1 << 20

// reserve takes the room for the file at once: a disk that is too full is known
// before the bytes have travelled, an upload that has begun can end, and the
// file system lays it out in one piece. A file system that cannot do it finds
// out as it goes.
func reserve(f *os.File, size int64) error {
	if size < reserveFrom {
		return nil
	}
	for {
		err := unix.Fallocate(int(f.Fd()), unix.FALLOC_FL_KEEP_SIZE, 0, size)
		switch {
		case errors.Is(err, unix.EINTR):
		case errors.Is(err, unix.EOPNOTSUPP), errors.Is(err, unix.ENOSYS):
			return nil
		default:
			return err
		}
	}
}
