package uploadtest_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/daemontest"
)

// overhead bounds what goes over a line for one request beside the payload: its head.
const overhead = 4 << 10

// countingLine leads to a vault. It counts what it carries there, and kills the vault
// and starts it again after so many bytes each time.
type countingLine struct {
	t      *testing.T
	daemon *daemontest.Daemon

	mu      sync.Mutex // held while bytes are carried: one way at a time
	cuts    []int64
	carried int64
	since   int64 // bytes carried since the last cut
}

// client comes over the line.
func (l *countingLine) client() *http.Client {
	transport := &http.Transport{DialContext: l.dial, DisableKeepAlives: true}
	l.t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

func (l *countingLine) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	l.mu.Lock() // it waits for a vault that is being started
	defer l.mu.Unlock()
	c, err := (&net.Dialer{}).DialContext(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	return &counted{Conn: c, line: l}, nil
}

// counted is one connection of the line.
type counted struct {
	net.Conn
	line *countingLine
}

// Write carries bytes, up to where the vault is killed.
func (c *counted) Write(b []byte) (n int, err error) {
	l := c.line
	l.mu.Lock()
	defer l.mu.Unlock()
	last := len(l.cuts) > 0 && l.since+int64(len(b)) >= l.cuts[0]
	if last {
		b = b[:l.cuts[0]-l.since]
	}
	n, err = c.Conn.Write(b)
	l.carried += int64(n)
	l.since += int64(n)
	if !last || err != nil {
		return n, err
	}
	if err := l.kill(c.Conn); err != nil {
		l.t.Error(err)
	}
	return n, net.ErrClosed
}

// kill ends the vault once it has read what was carried: what the kernel holds is no
// buffer of the vault's.
func (l *countingLine) kill(c net.Conn) error {
	defer c.Close()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for range 30_000 {
		if left, err := unread(c); err != nil {
			return err
		} else if left == 0 {
			break
		}
		<-tick.C
	}
	l.cuts, l.since = l.cuts[1:], 0
	if err := l.daemon.Kill(); err != nil {
		return err
	}
	return l.daemon.Start(l.t.Context())
}

// unread is how many bytes the other end of a connection on this machine has not
// read, in the kernel's own table.
func unread(c net.Conn) (n int64, err error) {
	table, err := os.ReadFile("/proc/net/tcp")
	if err != nil {
		return 0, err
	}
	ends := fmt.Sprintf("0100007F:%04X 0100007F:%04X ", c.RemoteAddr().(*net.TCPAddr).Port, c.LocalAddr().(*net.TCPAddr).Port)
	_, rest, ok := strings.Cut(string(table), ends)
	if !ok {
		return 0, fmt.Errorf("%s is no connection", ends)
	}
	var state, sent int64
	_, err = fmt.Sscanf(rest, "%X %X:%X", &state, &sent, &n)
	return n, err
}
