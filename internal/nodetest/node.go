package nodetest

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The most that a process may take to answer and to end.
const (
	startTime = time.Minute
	stopTime  = time.Minute
)

// Node is one server process.
type Node struct {
	Origin string // where clients come: http://127.0.0.1:PORT
	Dir    string // home, tmp, out and log of this process
	Vault  *Vault

	t      testing.TB
	cmd    *exec.Cmd
	exited chan struct{} // closed when the process is gone and reaped
}

// Start runs one more node of the vault and returns when it answers.
func (v *Vault) Start() *Node {
	v.t.Helper()
	v.nodes++
	dir := v.folder("node" + strconv.Itoa(v.nodes))
	cmd := v.command(dir, "serve")
	cmd.SysProcAttr = dieWithParent()
	log, err := os.OpenFile(filepath.Join(dir, "log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	v.must(err)
	defer log.Close()
	cmd.Stderr = log
	said, err := cmd.StdoutPipe()
	v.must(err)
	v.must(cmd.Start())
	n := &Node{Dir: dir, Vault: v, t: v.t, cmd: cmd, exited: make(chan struct{})}
	v.t.Cleanup(n.Stop)
	n.Origin = n.announced(said)
	return n
}

// announced waits until the node says where it answers, and keeps all that it
// ever says.
func (n *Node) announced(said io.Reader) string {
	n.t.Helper()
	origin := make(chan string, 1)
	go func() {
		defer close(n.exited)
		keep(said, filepath.Join(n.Dir, "out"), origin)
		_ = n.cmd.Wait() // how it ended is in its state
	}()
	late := time.NewTimer(startTime)
	defer late.Stop()
	select {
	case o := <-origin:
		return o
	case <-n.exited:
	case <-late.C:
	}
	n.t.Fatalf("the server does not answer:\n%s", n.Log())
	return ""
}

func keep(said io.Reader, path string, origin chan<- string) {
	out, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return
	}
	defer out.Close()
	lines := bufio.NewScanner(io.TeeReader(said, out))
	for lines.Scan() {
		if _, at, ok := strings.Cut(lines.Text(), "The vault answers at "); ok {
			origin <- at
		}
	}
}

// Log is what the node wrote to its log so far.
func (n *Node) Log() string {
	n.t.Helper()
	b, err := os.ReadFile(filepath.Join(n.Dir, "log"))
	if err != nil {
		n.t.Fatal(err)
	}
	return string(b)
}

// PID is the process.
func (n *Node) PID() int { return n.cmd.Process.Pid }

// Stop asks the node to end and waits until it has.
func (n *Node) Stop() {
	n.t.Helper()
	n.Resume()
	n.signal(syscall.SIGTERM)
	ctx, cancel := context.WithTimeout(context.Background(), stopTime)
	defer cancel()
	select {
	case <-n.exited:
	case <-ctx.Done():
		n.t.Errorf("the server did not stop:\n%s", n.Log())
		n.Kill()
	}
}

// Kill ends the node as a crash would, and waits until it is gone.
func (n *Node) Kill() {
	n.t.Helper()
	n.signal(syscall.SIGKILL)
	<-n.exited
}

// Pause makes the node fall silent, as a machine does that is suspended: it
// neither computes nor answers, and its connections stay open.
func (n *Node) Pause() { n.t.Helper(); n.signal(syscall.SIGSTOP) }

// Resume lets a paused node go on.
func (n *Node) Resume() { n.t.Helper(); n.signal(syscall.SIGCONT) }

// signal is nothing for a process that has ended.
func (n *Node) signal(s syscall.Signal) {
	n.t.Helper()
	select {
	case <-n.exited:
	default:
		if err := n.cmd.Process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
			n.t.Error(err)
		}
	}
}
