package store_test

import (
	"bytes"
	"errors"
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
		p.wg.Go(func() { p.up(c, s) })
		p.wg.Go(func() {
			_, _ = io.Copy(c, s)
			c.Close()
		})
	}
}

// up carries what the client says.
func (p *proxy) up(c, s net.Conn) {
	defer c.Close()
	defer s.Close()
	buf := make([]byte, 1<<16)
	for {
		n, err := c.Read(buf)
		mode := p.mode.Load()
		said := mode != pass && bytes.Contains(buf[:n], []byte("commit\x00"))
		if said && mode == swallow {
			return
		}
		if said && mode == deafen {
			// The server hears it and finishes: its answer goes nowhere, and
			// its hanging up tells that it is done.
			c.Close()
			_, werr := s.Write(buf[:n])
			cerr := s.(*net.TCPConn).CloseWrite()
			if errors.Join(werr, cerr) == nil {
				_, _ = io.Copy(io.Discard, s)
			}
			return
		}
		if _, werr := s.Write(buf[:n]); werr != nil || err != nil {
			return
		}
	}
}
