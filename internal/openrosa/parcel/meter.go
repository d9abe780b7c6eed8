package parcel

import (
	"errors"
	"io"
)

var errMeter = errors.New("more came than is allowed here")

// meter lets only so many bytes through at a time, so that whatever the multipart
// reader gathers (headers, a preamble) is bounded by us.
type meter struct {
	r    io.Reader
	left int64
	err  error // of r, other than its end
}

// allow sets what may still be read: so many bytes, and what is taken in ahead.
func (m *meter) allow(n int64) { m.left = n + readAhead }

// Read implements io.Reader.
func (m *meter) Read(p []byte) (int, error) {
	if m.left <= 0 {
		return 0, errMeter
	}
	n, err := m.r.Read(p[:min(int64(len(p)), m.left)])
	m.left -= int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		m.err = err
	}
	return n, err
}
