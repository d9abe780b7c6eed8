package client

import (
	"bufio"
	"context"
	"errors"
	"io"
	"runtime"
	"sync"

	"github.com/relatingfield/vault/internal/envelope"
)

// sealing is the rest of a payload on its way from the content to the line,
// without ever being whole anywhere. Its bytes can be taken once.
type sealing struct {
	from  *io.PipeReader
	ready *bufio.Reader // over from, so that the first byte can be waited for
	done  chan struct{}
	err   error
	taken sync.Once
}

// seal begins to seal from byte from on, and returns when there is something to
// send: what fails before, a file that has changed or is gone, costs no request.
func (t *transfer) seal(ctx context.Context) (*sealing, error) {
	s := &sealing{done: make(chan struct{})}
	var to *io.PipeWriter
	s.from, to = io.Pipe()
	s.ready = bufio.NewReaderSize(s.from, envelope.ChunkSize)
	go func() {
		defer close(s.done)
		s.err = t.sealTo(ctx, to)
		_ = to.CloseWithError(s.err) // never fails
	}()
	if _, err := s.ready.Peek(1); err != nil {
		_ = s.end()
		return nil, err
	}
	return s, nil
}

// sealTo writes the payload from t.offset on, and hashes what has not been hashed.
func (t *transfer) sealTo(ctx context.Context, dst io.Writer) error {
	src, file, err := t.src.open(ctx, t.digest.Start(t.offset))
	if err == nil {
		err = envelope.SealFrom(dst, src, t.lock.key, t.lock.nonce, t.offset, t.digest, runtime.GOMAXPROCS(0))
		file.Close()
	}
	if errors.Is(err, envelope.ErrChanged) {
		return t.src.changed
	}
	return err
}

// once gives the bytes to their only reader.
func (s *sealing) once() (io.ReadCloser, error) {
	err := errors.New("a payload is sent once")
	s.taken.Do(func() { err = nil })
	return reader{s.ready, s.from}, err
}

// end stops the sealing and gives its error. That the line gave up first is the
// line's error to tell, not this one's.
func (s *sealing) end() error {
	_ = s.from.Close() // never fails; a sealing that has ended does not notice
	<-s.done
	if errors.Is(s.err, io.ErrClosedPipe) {
		return nil
	}
	return s.err
}
