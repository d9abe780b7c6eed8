package s3blob

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"hash"
	"hash/crc32"
	"io"
	"sync"

	"github.com/relatingfield/vault/internal/blob"
)

// newSum makes the checksum of transfers, CRC-32C.
func newSum() hash.Hash32 { return crc32.New(crc32.MakeTable(crc32.Castagnoli)) }

// spell writes a checksum as S3 does.
func spell(sum uint32) string {
	return base64.StdEncoding.EncodeToString(binary.BigEndian.AppendUint32(nil, sum))
}

// exactly is a source that must have the announced length. It gives its last
// bytes only once it knows that r ended there and ended well: what a server did
// not get whole it does not store.
type exactly struct {
	r    io.Reader
	left int64
	sum  hash.Hash32 // of what was given; nil: nobody asks
	used bool        // something was read
	err  error       // what is wrong with r
}

func newExactly(r io.Reader, size int64) (*exactly, error) {
	e := &exactly{r: r, left: size}
	if size == 0 {
		e.end()
	}
	return e, e.err
}

// Read implements io.Reader.
func (e *exactly) Read(p []byte) (int, error) {
	switch {
	case e.err != nil:
		return 0, e.err
	case e.left == 0:
		return 0, io.EOF
	}
	e.used = true
	n, err := e.r.Read(p[:min(int64(len(p)), e.left)])
	e.left -= int64(n)
	switch {
	case errors.Is(err, io.EOF) && e.left > 0:
		e.err = io.ErrUnexpectedEOF
	case err != nil && !errors.Is(err, io.EOF):
		e.err = err
	case err == nil && e.left == 0:
		e.end()
	}
	if e.err != nil {
		return 0, e.err
	}
	if e.sum != nil {
		e.sum.Write(p[:n])
	}
	return n, nil
}

// end makes sure that r has no more.
func (e *exactly) end() {
	switch n, err := io.ReadFull(e.r, make([]byte, 1)); {
	case n > 0:
		e.err = blob.ErrSize
	case !errors.Is(err, io.EOF):
		e.err = err
	}
}

// body is what a request sends. The client's goroutine may outlive the request's
// answer: after close, which waits for it, nothing is read any more.
type body struct {
	mu      sync.Mutex
	r       io.Reader
	patient *patience
	closed  bool
}

var errClosed = errors.New("the request is over")

// Read implements io.Reader, and no more: a body that could seek would be sent
// again by the client, which does not know what may be repeated.
func (b *body) Read(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return 0, errClosed
	}
	b.patient.rest()
	n, err := b.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		b.patient.cancel(err) // else the client would think of another try
	}
	b.patient.run()
	return n, err
}

func (b *body) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
}
