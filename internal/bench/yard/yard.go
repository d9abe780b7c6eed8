// Package yard holds the yardsticks: what other programs, or the bare engine
// underneath, do with the same bytes on the same disk in the same minute.
//
// A yardstick does less than the vault (it checks nobody's signature, keeps no
// custody) and is as durable: it flushes before it says that it is done.
package yard

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"
)

// Age is the age program with a recipient to seal to.
type Age struct {
	Program   string
	Recipient string
}

// Seal seals the file in to the new file out and flushes it. It tells how long
// that took, the start of the program included, and how long the program computed.
func (a Age) Seal(ctx context.Context, in, out string) (took, computed time.Duration, err error) {
	began := time.Now()
	cmd := exec.CommandContext(ctx, a.Program, "-r", a.Recipient, "-o", out, in)
	if said, err := cmd.CombinedOutput(); err != nil {
		return 0, 0, fmt.Errorf("age: %w: %s", err, said)
	}
	if err := flush(out); err != nil {
		return 0, 0, fmt.Errorf("age: %w", err)
	}
	return time.Since(began), cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), nil
}

func flush(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// Server is a running yardstick program (internal/bench/cmd/yardstick).
type Server struct {
	Addr string // host:port

	cmd *exec.Cmd
	in  io.Closer
}

// StartServer starts the program over a folder of its own. It ends with Stop, or
// with this process.
func StartServer(program, dir, recipient string) (*Server, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	cmd := exec.Command(program, dir, recipient)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the yardstick: %w", err)
	}
	s := &Server{cmd: cmd, in: in}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start the yardstick: %w", err), s.Stop())
	}
	s.Addr = strings.TrimSpace(line)
	return s, nil
}

// PID is the process's id.
func (s *Server) PID() int { return s.cmd.Process.Pid }

// Stop ends the program.
func (s *Server) Stop() error { return errors.Join(s.in.Close(), s.cmd.Wait()) }
