package client

import (
	"errors"
	"io"
	"sync"

	"github.com/relatingfield/vault/internal/statement"
)

// sealing is a payload on its way from the content to the line, without ever
// being whole anywhere. It runs at most once: its lock must not seal twice.
type sealing struct {
	lock      *lock
	container func() (io.ReadCloser, error)
	from      *io.PipeReader
	to        *io.PipeWriter

	begin   sync.Once
	started bool
	done    chan struct{}
	binding statement.Binding
	err     error
}

func newSealing(l *lock, container func() (io.ReadCloser, error)) *sealing {
	s := &sealing{lock: l, container: container, done: make(chan struct{})}
	s.from, s.to = io.Pipe()
	return s
}

// once gives the payload to its only reader.
func (s *sealing) once() (io.ReadCloser, error) {
	err := errors.New("a payload is sealed and sent once")
	s.begin.Do(func() {
		s.started, err = true, nil
		go s.run()
	})
	return s.from, err
}

func (s *sealing) run() {
	defer close(s.done)
	s.binding, s.err = s.seal()
	_ = s.to.CloseWithError(s.err) // never fails
}

func (s *sealing) seal() (statement.Binding, error) {
	r, err := s.container()
	if err != nil {
		return statement.Binding{}, err
	}
	defer r.Close()
	return s.lock.seal(s.to, r)
}

// wait ends the sealing and gives its result. That the line gave up first is the
// line's error to tell, not this one's.
func (s *sealing) wait() (statement.Binding, error) {
	s.begin.Do(func() {})
	if !s.started {
		return statement.Binding{}, nil
	}
	_ = s.from.Close() // never fails; a sealing that has ended does not notice
	<-s.done
	if errors.Is(s.err, io.ErrClosedPipe) {
		return statement.Binding{}, nil
	}
	return s.binding, s.err
}
