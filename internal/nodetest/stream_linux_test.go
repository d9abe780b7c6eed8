package nodetest_test

import (
	"bufio"
	"bytes"
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
	"github.com/relatingfield/vault/internal/peopletest"
)

// window is what the reader's kernel may hold for it, in bytes: so little that
// nearly everything that is under way is still at the server.
const window = 4 << 10

// stream is a granted part on its way to a reader who reads as slowly as a test
// wants. It counts bytes of the body.
type stream struct {
	t    *testing.T
	conn *net.TCPConn
	size int64
	got  int64
}

// stream asks for the granted part and reads no further than the answer's head.
func (w *world) stream(at *peopletest.Door, grant api.ID) *stream {
	w.t.Helper()
	dial := net.Dialer{Timeout: time.Minute, Control: func(_, _ string, c syscall.RawConn) error {
		var err error
		_ = c.Control(func(fd uintptr) { err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUF, window) })
		return err
	}}
	conn, err := dial.DialContext(w.t.Context(), "tcp", strings.TrimPrefix(at.Origin, "http://"))
	w.must(err)
	w.t.Cleanup(func() { _ = conn.Close() })
	w.must(conn.SetDeadline(time.Now().Add(2 * time.Minute))) // bounds a test that waits for what never comes
	s := &stream{t: w.t, conn: conn.(*net.TCPConn)}
	req := w.reader.At(at).Request(http.MethodGet, fmt.Sprintf("/v1/inbox/%s/parts/1/content", grant), nil)
	w.must(req.Write(conn))
	s.head(req)
	return s
}

// head reads the answer's head byte by byte, so that every byte of the body is
// counted.
func (s *stream) head(req *http.Request) {
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
	s.size = resp.ContentLength
}

// read takes n more bytes.
func (s *stream) read(n int64) {
	s.t.Helper()
	m, err := io.CopyN(io.Discard, s.conn, n)
	s.got += m
	if err != nil {
		s.t.Fatalf("after %d bytes: %v", s.got, err)
	}
}

// waiting is how many bytes the reader's kernel holds for it.
func (s *stream) waiting() int64 {
	s.t.Helper()
	raw, err := s.conn.SyscallConn()
	if err != nil {
		s.t.Fatal(err)
	}
	var n int
	var inner error
	err = raw.Control(func(fd uintptr) { n, inner = unix.IoctlGetInt(int(fd), unix.TIOCINQ) })
	if err != nil || inner != nil {
		s.t.Fatal(err, inner)
	}
	return int64(n)
}

// rest reads until the stream or the part ends, and gives how many bytes still
// came.
func (s *stream) rest() int64 {
	n, _ := io.CopyN(io.Discard, s.conn, s.size-s.got)
	s.got += n
	return n
}

// paced reads like a bad line, a window at each tick, until the stream or the
// part ends.
func (s *stream) paced(every time.Duration) <-chan int64 {
	done := make(chan int64, 1)
	go func() {
		tick := time.NewTicker(every)
		defer tick.Stop()
		for range tick.C {
			n, err := io.CopyN(io.Discard, s.conn, min(window, s.size-s.got))
			s.got += n
			if err != nil || s.got == s.size {
				done <- s.got
				return
			}
		}
	}()
	return done
}
