package envelope

import (
	"errors"
	"fmt"
	"io"

	"filippo.io/age"
)

// RangeReader opens byte ranges of a payload's plaintext without reading the
// rest: a player that seeks, a preview of the first page. It is safe for
// concurrent use if its source is.
//
// What it proves is less than OpenPayload does. Each chunk it reads was sealed
// under the committed key, at that place of a plaintext of that length. It
// cannot see the digest of the whole, so it cannot tell a chunk written by the
// owner from one written by somebody else who holds the file key, that is, by
// another reader of the same part who controls what is served. Quote, keep and
// forward only what OpenPayload has opened.
type RangeReader struct {
	at   io.ReaderAt
	size int64
}

// NewRangeReader opens the payload src, want.Size bytes from offset 0. It
// refuses a key that was not committed to, and reads the nonce and the last
// chunk, which proves the size.
//
// The commitment is the MAC of an age header that names the digest. Setting that
// header before the payload makes an age file for whoever has the key, so age's
// own DecryptReaderAt does the work and checks the commitment once more.
func NewRangeReader(src io.ReaderAt, key FileKey, want Binding) (*RangeReader, error) {
	size, err := want.check(key)
	if err != nil {
		return nil, fmt.Errorf("open range: %w", err)
	}
	file := headedAt{header: commitHeader(want.SHA256, want.Commit), payload: src}
	identity := age.NewInjectedFileKeyIdentity(key.Reveal())
	at, _, err := age.DecryptReaderAt(file, int64(len(file.header))+want.Size, identity)
	if err != nil {
		return nil, rangeError(err)
	}
	return &RangeReader{at: at, size: size}, nil
}

// Size is the length of the plaintext in bytes.
func (r *RangeReader) Size() int64 { return r.size }

// ReadAt implements io.ReaderAt over the plaintext. A chunk that does not
// authenticate is an ErrPayload, and gives no byte.
func (r *RangeReader) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, fmt.Errorf("open range: negative offset %d", off)
	}
	if off >= r.size {
		return 0, io.EOF
	}
	n, err := r.at.ReadAt(p, off)
	if err == nil || err == io.EOF {
		return n, err
	}
	return n, rangeError(err)
}

// rangeError tells a source that failed from a payload that is not right.
func rangeError(err error) error {
	if source := (sourceError{}); errors.As(err, &source) {
		return fmt.Errorf("open range: read: %w", source.err)
	}
	return fmt.Errorf("open range: %w: %w", ErrPayload, err)
}

type sourceError struct{ err error }

func (e sourceError) Error() string { return e.err.Error() }

// headedAt reads as header ‖ payload.
type headedAt struct {
	header  []byte
	payload io.ReaderAt
}

func (h headedAt) ReadAt(p []byte, off int64) (n int, err error) {
	if off < int64(len(h.header)) {
		n = copy(p, h.header[off:])
	}
	if n == len(p) {
		return n, nil
	}
	m, err := h.payload.ReadAt(p[n:], off+int64(n)-int64(len(h.header)))
	if err != nil && err != io.EOF {
		err = sourceError{err}
	}
	return n + m, err
}
