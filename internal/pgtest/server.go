package pgtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// startTime bounds how long a server may take to answer, crash recovery
// included.
const startTime = 60 * time.Second

// startTries bounds how often a server that ends early is started again; each
// takes it some ten milliseconds.
const startTries = 100

// server is one life of the server process.
type server struct {
	cmd    *exec.Cmd
	exited chan struct{} // closed when the process is gone and reaped
}

func launch(bin, dir string, as *owner) (*server, error) {
	log, err := os.OpenFile(filepath.Join(dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	cmd := exec.Command(filepath.Join(bin, "postgres"), "-D", filepath.Join(dir, "data"))
	cmd.SysProcAttr = as.attr()
	cmd.Dir = dir
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the server: %w", err)
	}
	s := &server{cmd, make(chan struct{})}
	go func() {
		defer close(s.exited)
		// How it ended is in its log; that it ended is all there is to know.
		_ = cmd.Wait()
	}()
	return s, nil
}

// end signals the process and returns when it is gone.
func (s *server) end(sig syscall.Signal) error {
	err := s.cmd.Process.Signal(sig)
	<-s.exited
	if errors.Is(err, os.ErrProcessDone) {
		return nil
	}
	return err
}

// errEarly is a server that ended before it answered. After a kill that is no
// fault: the next start must wait until the last process of the dead server has
// let go of the shared memory.
var errEarly = errors.New("the server ended before it answered")

// ready returns once the server answers a query.
func (s *server) ready(ctx context.Context, ask func(context.Context) error) error {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		err := ask(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-tick.C:
		case <-s.exited:
			return errEarly
		case <-ctx.Done():
			return fmt.Errorf("the server does not answer: %w", err)
		}
	}
}
