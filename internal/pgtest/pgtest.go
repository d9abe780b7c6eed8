// Package pgtest gives tests a real PostgreSQL that is theirs alone.
//
// It promises a private cluster in a temporary folder, reached over a Unix
// socket only (TCP on 127.0.0.1 when asked), and that nothing of it is left
// behind: a janitor process reads a pipe whose other end is this process, so
// however the test ends (return, panic, time-out, kill -9) the server is stopped
// and the folder removed.
//
// A cluster can have a streaming replica, asynchronous or synchronous, that takes
// its place; it can be killed, restarted and frozen at any moment.
//
// It assumes PostgreSQL 13 or later is installed; where it is not, a test fails
// and says what to install, for a skipped test proves nothing. The server
// refuses to run as root, so root runs it as the user postgres.
//
// It does not protect the data from other processes of the same user (trust
// authentication behind a folder of mode 0700) and is for tests only.
package pgtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// Options choose how a cluster behaves. The zero value is a durable cluster on
// a socket, which is what a crash test needs.
type Options struct {
	// NoFsync gives up durability for speed: for tests of logic only.
	NoFsync bool
	// TCP also listens on a free port of 127.0.0.1, for tests that put a
	// faulty network between client and server.
	TCP bool
	// Settings are further lines of postgresql.conf.
	Settings map[string]string
}

// Cluster is one PostgreSQL server and its folder.
type Cluster struct {
	dir  string // holds the socket and, unless another process started it, the data
	port int    // 0: the socket only
	bin  string
	as   *owner
	srv  *server  // nil: not running
	jan  *janitor // nil: another process's cluster

	frozen bool
}

// New starts a cluster for one test and stops it when the test ends.
func New(t testing.TB, o Options) *Cluster {
	t.Helper()
	c, err := Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Stop(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// Start makes a cluster and returns once it answers. Stop ends it; so does the
// end of this process.
func Start(ctx context.Context, o Options) (*Cluster, error) {
	c, err := start(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("start a private postgresql: %w", err)
	}
	return c, nil
}

func start(ctx context.Context, o Options) (*Cluster, error) {
	c, err := install(ctx, o)
	if err != nil {
		return nil, err
	}
	if c.jan, err = hire(c.dir, c.as); err != nil {
		return nil, errors.Join(err, os.RemoveAll(c.dir))
	}
	if err := c.Restart(ctx); err != nil {
		return nil, errors.Join(err, c.Stop())
	}
	return c, nil
}

// URL names a database of the cluster for a PostgreSQL client, as the
// superuser vault, over the socket.
func (c *Cluster) URL(database string) string {
	url := "postgres://vault@/" + database + "?sslmode=disable&host=" + c.dir
	if c.port != 0 {
		url += "&port=" + strconv.Itoa(c.port) // it names the socket, too
	}
	return url
}

// Addr is the TCP address (host:port) of a cluster started with Options.TCP,
// else empty.
func (c *Cluster) Addr() string {
	if c.port == 0 {
		return ""
	}
	return fmt.Sprintf("127.0.0.1:%d", c.port)
}

// Dir is the folder of the cluster's socket, the value for Env.
func (c *Cluster) Dir() string { return c.dir }

// DataDir is where the server keeps its files: for tests that look for traces
// on disk. Empty for a cluster that another process started.
func (c *Cluster) DataDir() string {
	if c.jan == nil {
		return ""
	}
	return filepath.Join(c.dir, "data")
}

// errShared refuses to disturb other tests.
var errShared = errors.New("this postgresql is another process's: start one of your own with pgtest.New")

// Kill ends the server as a crash would: no goodbye to clients, no checkpoint.
// Restart brings it back through crash recovery.
func (c *Cluster) Kill() error {
	if c.jan == nil {
		return errShared
	}
	if c.srv == nil {
		return nil
	}
	err := c.wake()
	srv := c.srv
	c.srv = nil
	return errors.Join(err, srv.end(syscall.SIGKILL), c.jan.watch(0))
}

// Restart starts the server unless it runs and returns once it answers.
func (c *Cluster) Restart(ctx context.Context) error {
	if c.jan == nil {
		return errShared
	}
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	for try := 1; c.srv == nil; try++ {
		err := c.life(ctx)
		if err == nil {
			return nil
		}
		if !errors.Is(err, errEarly) || try == startTries {
			return fmt.Errorf("%w\n%s", err, c.tail())
		}
	}
	return nil
}

// life starts the server once.
func (c *Cluster) life(ctx context.Context) error {
	srv, err := launch(c.bin, c.dir, c.as)
	if err != nil {
		return err
	}
	err = c.jan.watch(srv.cmd.Process.Pid)
	if err == nil {
		err = srv.ready(ctx, func(ctx context.Context) error { return c.Exec(ctx, "postgres", "SELECT 1") })
	}
	if err != nil {
		return errors.Join(err, srv.end(syscall.SIGQUIT), c.jan.watch(0))
	}
	c.srv = srv
	return nil
}

// Stop ends the server and removes its folder. It is nothing for a cluster
// that another process started, and for one that is stopped.
func (c *Cluster) Stop() error {
	if c.jan == nil {
		return nil
	}
	err := c.wake()
	if c.srv != nil {
		err = errors.Join(err, c.srv.end(syscall.SIGQUIT), c.jan.watch(0))
	}
	err = errors.Join(err, c.jan.dismiss())
	c.srv, c.jan = nil, nil
	if err != nil {
		return fmt.Errorf("stop the private postgresql in %s: %w", c.dir, err)
	}
	return nil
}

// wake lets a frozen server hear that it is to end.
func (c *Cluster) wake() error {
	if c.srv == nil || !c.frozen {
		return nil
	}
	return c.Thaw()
}

// tail is the end of the server's log, for the message of a failed start.
func (c *Cluster) tail() string {
	b, err := os.ReadFile(filepath.Join(c.dir, "log"))
	if err != nil {
		return "no server log: " + err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	return strings.Join(lines[max(0, len(lines)-10):], "\n")
}
