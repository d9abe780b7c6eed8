package fsblob

import (
	"os"

	"golang.org/x/sys/unix"
)

// beginWriteBack asks the kernel to start writing a range (sync_file_range(2)).
// It promises nothing and so cannot fail in a way that matters: the flush at the
// end is what makes the object durable.
func beginWriteBack(f *os.File, off, n int64) {
	_ = unix.SyncFileRange(int(f.Fd()), off, n, unix.SYNC_FILE_RANGE_WRITE)
}
