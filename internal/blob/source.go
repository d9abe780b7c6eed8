package blob

import (
	"errors"
	"io"
)

// Source is content that is made while it is stored, by a function that writes it.
// A store that can be written to (io.WriterTo) gets what is written without a copy;
// to one that reads, it is piped by a goroutine. It is used once, and closed.
type Source struct {
	produce func(io.Writer) error
	pipe    *io.PipeReader // nil: not read
	done    chan struct{}  // closed when the goroutine has ended
}

// NewSource is the source of what produce writes; its error is what reading ends with.
func NewSource(produce func(io.Writer) error) *Source {
	return &Source{produce: produce, done: make(chan struct{})}
}

// WriteTo implements io.WriterTo.
func (s *Source) WriteTo(w io.Writer) (int64, error) {
	c := &counter{w: w}
	err := s.produce(c)
	return c.n, err
}

// Read implements io.Reader.
func (s *Source) Read(p []byte) (int, error) {
	if s.pipe == nil {
		r, w := io.Pipe()
		s.pipe = r
		go func() {
			defer close(s.done)
			_ = w.CloseWithError(s.produce(w)) // never fails; nil is an ordinary end
		}()
	}
	return s.pipe.Read(p)
}

// Close waits for the function to end, which it does when nobody reads what it writes.
func (s *Source) Close() error {
	if s.pipe == nil {
		return nil
	}
	err := s.pipe.CloseWithError(errUnread)
	<-s.done
	return err
}

var errUnread = errors.New("nobody reads any further")

type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}
