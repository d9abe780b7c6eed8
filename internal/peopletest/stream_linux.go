package peopletest

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/relatingfield/vault/api"
)

// window is what the reader's kernel may hold for it, in bytes: so little that
// nearly everything that is under way is still at the server.
const window = 4 << 10

// streamLimit bounds a test that waits for what never comes.
const streamLimit = 2 * time.Minute

// Stream is a granted part on its way to a reader who reads as slowly as a test
// wants. It counts bytes of the body.
type Stream struct {
	Size int64 // of the whole part
	Got  int64 // so far

	t    testing.TB
	conn *net.TCPConn
}

// Stream asks for part 1 of a grant and reads no further than the answer's head.
func (p *Person) Stream(grant api.ID) *Stream {
	p.door.T.Helper()
	return p.stream(fmt.Sprintf("/v1/inbox/%s/parts/1/content", grant))
}

// OwnStream is Stream for part 1 of a testimony of the person's own.
func (p *Person) OwnStream(testimony api.ID) *Stream {
	p.door.T.Helper()
	return p.stream(fmt.Sprintf("/v1/testimonies/%s/parts/1/content", testimony))
}

func (p *Person) stream(path string) *Stream {
	d := p.door
	d.T.Helper()
	dial := net.Dialer{Timeout: time.Minute, Control: narrow}
	conn, err := dial.DialContext(d.T.Context(), "tcp", strings.TrimPrefix(d.Origin, "http://"))
	d.must(err)
	d.T.Cleanup(func() { _ = conn.Close() })
	d.must(conn.SetDeadline(time.Now().Add(streamLimit)))
	s := &Stream{t: d.T, conn: conn.(*net.TCPConn)}
	req := p.Request(http.MethodGet, path, nil)
	d.must(req.Write(conn))
	s.head(req)
	return s
}

func narrow(_, _ string, c syscall.RawConn) error {
	var inner error
	err := c.Control(func(fd uintptr) { inner = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUF, window) })
	return errors.Join(err, inner)
}

// head reads the answer's head byte by byte, so that every byte of the body is
// counted.
func (s *Stream) head(req *http.Request) {
	s.t.Helper()
	var head bytes.Buffer
	for !bytes.HasSuffix(head.Bytes(), []byte("\r\n\r\n")) {
		if _, err := io.CopyN(&head, s.conn, 1); err != nil {
			s.t.Fatal(err)
		}
	}
	resp, err := http.ReadResponse(bufio.NewReader(&head), req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		s.t.Fatalf("the reader got %s", resp.Status)
	}
	s.Size = resp.ContentLength
}

// Take reads n more bytes.
func (s *Stream) Take(n int64) {
	s.t.Helper()
	m, err := io.CopyN(io.Discard, s.conn, n)
	s.Got += m
	if err != nil {
		s.t.Fatalf("after %d bytes: %v", s.Got, err)
	}
}

// Held is how many bytes the reader's kernel holds for it.
func (s *Stream) Held() int64 {
	s.t.Helper()
	raw, err := s.conn.SyscallConn()
	if err != nil {
		s.t.Fatal(err)
	}
	var n int
	var inner error
	err = raw.Control(func(fd uintptr) { n, inner = unix.IoctlGetInt(int(fd), unix.TIOCINQ) })
	if err := errors.Join(err, inner); err != nil {
		s.t.Fatal(err)
	}
	return int64(n)
}

// Rest reads until the stream or the part ends, and gives how many bytes still
// came.
func (s *Stream) Rest() int64 {
	n, _ := io.CopyN(io.Discard, s.conn, s.Size-s.Got)
	s.Got += n
	return n
}

// Paced reads like a bad line, a window at each tick, until the stream or the
// part ends; then the channel closes.
func (s *Stream) Paced(every time.Duration) <-chan struct{} {
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(every)
		defer tick.Stop()
		for range tick.C {
			n, err := io.CopyN(io.Discard, s.conn, min(window, s.Size-s.Got))
			s.Got += n
			if err != nil || s.Got == s.Size {
				return
			}
		}
	}()
	return done
}
