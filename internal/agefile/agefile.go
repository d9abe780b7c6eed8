// Package agefile puts a header and a payload together again for delivery:
// header ‖ payload is an ordinary age file, and ranges of it are served as if it
// were stored in one piece.
package agefile

import (
	"crypto/sha256"
	"encoding/base64"
	"io"

	"github.com/relatingfield/vault/internal/payload"
)

// Slice is how many bytes are written between two checks of whether they may
// still be: large enough that sendfile keeps its speed.
const Slice = 256 << 10

// File is an age file in two pieces. Close it.
type File struct {
	Header        []byte
	PayloadSHA256 []byte
	payload       []byte        // when it lies in the row, or what of it does
	stored        *payload.File // what comes before that
	length        int64         // of the payload
}

// Inline makes a file whose payload is at hand.
func Inline(header, payload, payloadSHA256 []byte) *File {
	return &File{Header: header, PayloadSHA256: payloadSHA256, payload: payload, length: int64(len(payload))}
}

// Stored makes a file of a payload that lies in the object store.
func Stored(header []byte, stored *payload.File, payloadSHA256 []byte) *File {
	return &File{Header: header, PayloadSHA256: payloadSHA256, stored: stored, length: stored.Size()}
}

// Size is the length of header and payload together.
func (f *File) Size() int64 { return int64(len(f.Header)) + f.length }

// Tag names these very bytes: SHA-256(SHA-256(header) ‖ SHA-256(payload)).
func (f *File) Tag() [sha256.Size]byte {
	h := sha256.Sum256(f.Header)
	return Tag(h[:], f.PayloadSHA256)
}

// Tag is File.Tag from the two digests.
func Tag(headerSHA256, payloadSHA256 []byte) [sha256.Size]byte {
	return sha256.Sum256(append(append(make([]byte, 0, 2*sha256.Size), headerSHA256...), payloadSHA256...))
}

// ETag spells a tag as a strong entity tag (RFC 9110, section 8.8.3).
func ETag(tag [sha256.Size]byte) string {
	return `"` + base64.RawURLEncoding.EncodeToString(tag[:]) + `"`
}

// Close releases the payload.
func (f *File) Close() error {
	if f.stored == nil {
		return nil
	}
	return f.stored.Close()
}

// WriteRange writes bytes from (included) to to (excluded) in slices and calls
// may before each; may's error ends the writing. It reports how many bytes w
// took. A w that is an io.ReaderFrom gets the payload's file itself, so that the
// kernel can copy it.
func (f *File) WriteRange(w io.Writer, from, to int64, may func() error) (int64, error) {
	var done int64
	for at := from; at < to; {
		if err := may(); err != nil {
			return done, err
		}
		n, err := f.writeSlice(w, at, min(to, f.sliceEnd(at)))
		done += n
		at += n
		if err != nil {
			return done, err
		}
	}
	return done, nil
}

// sliceEnd is where the slice that begins at at must end: the header is a slice
// of its own.
func (f *File) sliceEnd(at int64) int64 {
	if h := int64(len(f.Header)); at < h {
		return h
	}
	return at + Slice
}

func (f *File) writeSlice(w io.Writer, from, to int64) (int64, error) {
	h := int64(len(f.Header))
	if from < h {
		n, err := w.Write(f.Header[from:to])
		return int64(n), err
	}
	return f.writePayload(w, from-h, to-h)
}

// writePayload writes bytes that are counted from the payload's beginning.
func (f *File) writePayload(w io.Writer, from, to int64) (done int64, err error) {
	size := int64(0)
	if f.stored != nil {
		size = f.stored.Size()
	}
	if from < size {
		if done, err = f.stored.CopyRange(w, from, min(to, size)); err != nil || to <= size {
			return done, err
		}
	}
	n, err := w.Write(f.payload[max(from, size)-size : to-size])
	return done + int64(n), err
}
