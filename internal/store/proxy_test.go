package store_test

import (
	"bytes"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
)

// What a proxy does when a client says commit.
const (
	pass    = iota // nothing
	swallow        // hangs up before the server hears it: failed, not done
	deafen         // hangs up after the server has heard it: failed, but done
)

// proxy is a network between client and server that fails at a chosen moment.
type proxy struct {
	mode atomic.Int32
	l    net.Listener
	wg   sync.WaitGroup
}

func between(t *testing.T, server string) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{l: l}
	p.wg.Go(func() { p.serve(server) })
	t.Cleanup(func() {
		l.Close()
		p.wg.Wait()
	})
	return p
}

func (p *proxy) serve(server string) {
	for {
		c, err := p.l.Accept()
		if err != nil {
			return
		}
		s, err := net.Dial("tcp", server)
		if err != nil {
			c.Close()
			continue
		}
		var deaf atomic.Bool
		p.wg.Go(func() { p.up(c, s, &deaf) })
		p.wg.Go(func() { down(c, s, &deaf) })
	}
}

// up carries what the client says.
func (p *proxy) up(c, s net.Conn, deaf *atomic.Bool) {
	buf := make([]byte, 1<<16)
	for {
		n, err := c.Read(buf)
		mode := p.mode.Load()
		said := mode != pass && bytes.Contains(buf[:n], []byte("commit\x00"))
		if said && mode == swallow {
			n, err = 0, io.EOF
		}
		if said && mode == deafen {
			deaf.Store(true)
			err = io.EOF // after this
		}
		if _, werr := s.Write(buf[:n]); werr != nil || err != nil {
			// The server finishes what it has heard and hangs up.
			_ = s.(*net.TCPConn).CloseWrite()
			return
		}
	}
}

// down carries what the server says, unless the client is to be deaf, until it
// hangs up.
func down(c, s net.Conn, deaf *atomic.Bool) {
	defer c.Close()
	defer s.Close()
	buf := make([]byte, 1<<16)
	for {
		n, err := s.Read(buf)
		if n > 0 && !deaf.Load() {
			if _, werr := c.Write(buf[:n]); werr != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}
