package main

import (
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// badLine is a line between the program and the vault that brings so many bytes, and
// then nothing more without saying so.
type badLine struct {
	origin string
	listen net.Listener
	left   atomic.Int64 // bytes that still come
	over   chan struct{}
}

func newBadLine(t testing.TB) *badLine {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b := &badLine{origin: "http://" + l.Addr().String(), listen: l, over: make(chan struct{})}
	b.left.Store(1 << 40)
	t.Cleanup(func() { close(b.over); _ = l.Close() })
	return b
}

// to leads the line to an address.
func (b *badLine) to(addr string) {
	go func() {
		for {
			near, err := b.listen.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", addr)
			if err != nil {
				_ = near.Close()
				return
			}
			go pass(far, near)
			go func() { pass(near, &ebbing{far, b}) }()
		}
	}()
}

// pass copies until either side ends, and ends both.
func pass(to io.WriteCloser, from io.ReadCloser) {
	_, _ = io.Copy(to, from)
	_, _ = to.Close(), from.Close()
}

// ebbing is what comes from the vault.
type ebbing struct {
	net.Conn
	line *badLine
}

func (e *ebbing) Read(p []byte) (int, error) {
	left := e.line.left.Load()
	if left <= 0 {
		<-e.line.over
		return 0, io.EOF
	}
	n, err := e.Conn.Read(p[:min(int64(len(p)), left)])
	e.line.left.Add(-int64(n))
	return n, err
}

// bad sets how many bytes still come: line BYTES, or line good.
func (s *stage) bad(ts *testscript.TestScript, _ bool, args []string) {
	n := int64(1 << 40)
	if args[0] != "good" {
		var err error
		n, err = strconv.ParseInt(args[0], 10, 64)
		ts.Check(err)
	}
	s.line.left.Store(n)
}

// fetched waits until so much of a part lies in a hidden file in a folder:
// fetched DIR BYTES. What lies there must be sealed.
func fetched(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.ParseInt(args[1], 10, 64)
	ts.Check(err)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for range 3000 {
		files, err := filepath.Glob(filepath.Join(ts.MkAbs(args[0]), ".*.partial"))
		ts.Check(err)
		if len(files) == 1 {
			if info, err := os.Stat(files[0]); err == nil && info.Size() >= want {
				ts.Check(sealed(files[0]))
				return
			}
		}
		<-tick.C
	}
	ts.Fatalf("not so much was fetched in all this time")
}

func sealed(path string) error {
	b, err := os.ReadFile(path)
	const intro = "age-encryption.org/v1\n"
	if err == nil && (len(b) < len(intro) || string(b[:len(intro)]) != intro) {
		err = errors.New("what was fetched is not sealed")
	}
	return err
}
