//go:build !linux

package partial

import "os"

// Draft is a file that lies in a workshop under its name while it is written.
type Draft struct{ *os.File }

// NewDraft makes a draft of the file at path, for its owner's user only.
func NewDraft(path string) (*Draft, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	return &Draft{f}, nil
}

// Publish makes what was written durable.
func (d *Draft) Publish() error { return d.Sync() }
