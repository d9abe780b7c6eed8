//go:build !unix

package queue

import "os"

// lock cannot keep a second process out here: one gateway a folder is up to the
// operator.
func lock(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
}
