package trialtest

import (
	"bytes"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
)

// What a Line does when the vault says commit.
const (
	carries  = iota // it carries everything
	swallows        // it breaks before the database hears it: not done
	deafens         // it breaks after: done, and nobody learns it
)

// Line is the network between a vault and PostgreSQL. It breaks at a commit, when it
// is told to.
type Line struct {
	mode     atomic.Int32
	listener net.Listener
	wait     sync.WaitGroup
}

// Between makes a line to a database server.
func Between(t testing.TB, server string) *Line {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	line := &Line{listener: l}
	line.wait.Go(func() { line.serve(server) })
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		line.wait.Wait()
	})
	return line
}

// Addr is where the vault finds the database.
func (l *Line) Addr() string { return l.listener.Addr().String() }

// next says what happens at the next commit. The line of a vault that has none is
// sound.
func (l *Line) next(f Fault) {
	switch {
	case l == nil:
	case f == LineBreaks:
		l.mode.Store(swallows)
	case f == LineBreaksLate:
		l.mode.Store(deafens)
	default:
		l.mode.Store(carries)
	}
}

func (l *Line) serve(server string) {
	for {
		vault, err := l.listener.Accept()
		if err != nil {
			return // closed
		}
		database, err := net.Dial("tcp", server)
		if err != nil {
			_ = vault.Close()
			continue
		}
		var deaf atomic.Bool
		l.wait.Go(func() { l.up(vault, database, &deaf) })
		l.wait.Go(func() { down(vault, database, &deaf) })
	}
}

// up carries what the vault says, until it hangs up or the line breaks.
func (l *Line) up(vault, database net.Conn, deaf *atomic.Bool) {
	buf := make([]byte, 1<<16)
	for {
		n, err := vault.Read(buf)
		if bytes.Contains(buf[:n], []byte("commit\x00")) {
			switch l.mode.Load() {
			case swallows:
				n, err = 0, io.EOF
			case deafens:
				deaf.Store(true)
				err = io.EOF // after this
			}
		}
		if _, broken := database.Write(buf[:n]); broken != nil || err != nil {
			_ = database.(*net.TCPConn).CloseWrite() // the server ends what it has heard
			return
		}
	}
}

// down carries what the database answers, unless the vault is not to hear it.
func down(vault, database net.Conn, deaf *atomic.Bool) {
	defer func() { _, _ = vault.Close(), database.Close() }()
	buf := make([]byte, 1<<16)
	for {
		n, err := database.Read(buf)
		if n > 0 && !deaf.Load() {
			if _, broken := vault.Write(buf[:n]); broken != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}
