package partial

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// Draft is a file that has no name until Publish gives it one: a program that is
// killed before leaves nothing of it. Where the file system cannot do that, it has
// its name from the beginning.
type Draft struct {
	*os.File
	path  string
	named bool
}

// NewDraft makes a draft of the file at path, for its owner's user only.
func NewDraft(path string) (*Draft, error) {
	if _, err := os.Stat("/proc/self/fd"); err != nil { // Publish needs it
		return namedDraft(path)
	}
	fd, err := unix.Open(filepath.Dir(path), unix.O_TMPFILE|unix.O_RDWR|unix.O_CLOEXEC, 0o600)
	if errors.Is(err, unix.EOPNOTSUPP) || errors.Is(err, unix.EISDIR) || errors.Is(err, unix.EINVAL) {
		return namedDraft(path)
	}
	if err != nil {
		return nil, fmt.Errorf("make %s: %w", path, err)
	}
	return &Draft{os.NewFile(uintptr(fd), fmt.Sprintf("/proc/self/fd/%d", fd)), path, false}, nil
}

// Publish makes what was written durable and gives the file its name.
func (d *Draft) Publish() error {
	if err := d.Sync(); err != nil || d.named {
		return err
	}
	if err := unix.Linkat(unix.AT_FDCWD, d.Name(), unix.AT_FDCWD, d.path, unix.AT_SYMLINK_FOLLOW); err != nil {
		return fmt.Errorf("name %s: %w", d.path, err)
	}
	d.named = true
	return nil
}

func namedDraft(path string) (*Draft, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	return &Draft{f, path, true}, nil
}
