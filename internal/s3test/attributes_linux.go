package s3test

import "golang.org/x/sys/unix"

// keepsAttributes reports a folder whose files can have attributes, where the
// server keeps what it knows about them three times as fast as beside them.
func keepsAttributes(dir string) bool {
	return unix.Setxattr(dir, "user.s3test", []byte{1}, 0) == nil
}
