package httpapi

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"
)

// How a body can end before its end.
var (
	errSlow   = errors.New("the body came too slowly")
	errCutOff = errors.New("the body was cut off")
)

// paced is a body that must keep coming: within each window the least number of
// bytes, or reading ends. So a client on a bad line gets hours for a long
// recording, and one that only wants to hold a place gets one window.
type paced struct {
	body    io.Reader
	control *http.ResponseController
	window  time.Duration
	least   int64
	got     int64 // in the current window
	begun   bool
	over    bool
	stopped atomic.Bool
	failed  error // what it ended with before its end

	whole func()       // called at its end
	room  func() error // asked as bytes come; nil: there is some
	until int64        // bytes before it is asked again
}

func (s *Server) paced(c echo.Context) *paced {
	return &paced{
		whole: func() { s.crowd.settle(connOf(c.Request().Context())) }, until: roomEvery, room: func() error { return s.room(c.Request().Context()) },
		body: c.Request().Body, control: http.NewResponseController(c.Response().Writer),
		window: s.deps.Limits.Stall, least: max(1, s.deps.Limits.BytesPerSec*s.deps.Limits.Stall.Milliseconds()/1000),
	}
}

func (p *paced) Read(b []byte) (int, error) {
	if p.failed != nil {
		return 0, p.failed
	}
	if !p.begun || p.got >= p.least {
		if err := p.open(); err != nil {
			return 0, err
		}
	}
	n, err := p.body.Read(b)
	p.got += int64(n)
	if p.until -= int64(n); p.until <= 0 && p.room != nil {
		p.until = roomEvery
		if full := p.room(); full != nil {
			p.failed = full
			return n, full
		}
	}
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		err = errSlow
	case err == io.EOF:
		p.whole()
		p.close()
		return n, err
	case err != nil:
		err = fmt.Errorf("%w: %w", errCutOff, err)
	}
	p.failed = err
	return n, err
}

func (p *paced) open() error {
	p.begun, p.got = true, 0
	err := p.control.SetReadDeadline(time.Now().Add(p.window))
	if p.stopped.Load() { // between the line before and this one
		err = p.hang()
	}
	return err
}

// stop makes a Read that waits return, from another goroutine. What was not read
// stays on the line.
func (p *paced) stop() {
	p.stopped.Store(true)
	_ = p.hang()
}

func (p *paced) hang() error { return p.control.SetReadDeadline(time.Unix(1, 0)) }

// rest lets the server read what is left, which it does before it answers, for as
// long as anybody who is refused gets.
func (p *paced) rest() { _ = p.control.SetReadDeadline(time.Now().Add(p.window)) }

// close takes the deadline away: the server goes on reading, to learn whether
// the client is still there, and would take a deadline for its going.
func (p *paced) close() {
	if !p.over {
		p.over = true
		_ = p.control.SetReadDeadline(time.Time{})
	}
}

// hurry ends the answer if it is taken more slowly than the vault serves.
func (s *Server) hurry(c echo.Context, size int) {
	l := s.deps.Limits
	if c.Get(knownKey) == nil {
		s.crowd.linger(connOf(c.Request().Context()))
	}
	allowed := 2*l.Stall + time.Duration(int64(size)/l.BytesPerSec)*time.Second
	_ = http.NewResponseController(c.Response().Writer).SetWriteDeadline(time.Now().Add(allowed))
}

// send writes an answer within the time that the slowest line needs for it, and
// for what is left of the request's body, which the server reads first.
func (s *Server) send(c echo.Context, status int, media string, body []byte) {
	s.hurry(c, len(body))
	h := c.Response().Header()
	h.Set("Content-Type", media)
	c.Response().WriteHeader(status)
	// A client that has gone or reads too slowly is told nothing more.
	_, _ = c.Response().Write(body)
}
