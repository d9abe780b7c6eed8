package s3test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/relatingfield/vault/internal/daemontest"
)

// startTime bounds how long a server may take to answer.
const startTime = 60 * time.Second

// health is where the server says that it answers.
const health = "/health"

// running is one life of the server process.
type running struct {
	cmd    *exec.Cmd
	log    string
	exited chan struct{} // closed when the process is gone and reaped
}

func (s *Server) launch(program string) (*running, error) {
	name := filepath.Join(s.dir, "log")
	log, err := os.OpenFile(name, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	// Keys by the environment: a command line is seen by every process.
	args := []string{"--port", s.addr, "--region", Region, "--health", health, "--quiet", "posix"}
	if !keepsAttributes(s.Files()) {
		args = append(args, "--sidecar", s.sidecar())
	}
	cmd := exec.Command(program, append(args, s.Files())...)
	cmd.Env = []string{"ROOT_ACCESS_KEY=" + s.access, "ROOT_SECRET_KEY=" + s.secret}
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C is for the test, which then ends the server
	daemontest.DieWithParent(cmd.SysProcAttr)
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the server: %w", err)
	}
	r := &running{cmd, name, make(chan struct{})}
	go func() {
		defer close(r.exited)
		// How it ended is in its log; that it ended is all there is to know.
		_ = cmd.Wait()
	}()
	return r, nil
}

// kill returns when the process is gone.
func (r *running) kill() error {
	err := r.cmd.Process.Kill()
	<-r.exited
	if errors.Is(err, os.ErrProcessDone) {
		return nil
	}
	return err
}

// ready returns once the server answers.
func (r *running) ready(ctx context.Context, addr string) error {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	asker := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for {
		err := ask(ctx, asker, "http://"+addr+health)
		if err == nil {
			return nil
		}
		select {
		case <-tick.C:
		case <-r.exited:
			return fmt.Errorf("the server ended before it answered\n%s", r.said())
		case <-ctx.Done():
			return fmt.Errorf("the server does not answer: %w\n%s", err, r.said())
		}
	}
}

// said is the server's log.
func (r *running) said() string {
	b, err := os.ReadFile(r.log)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

func ask(ctx context.Context, asker *http.Client, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := asker.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil || resp.StatusCode != http.StatusOK {
		return errors.Join(fmt.Errorf("it answered %d", resp.StatusCode), err)
	}
	return nil
}
