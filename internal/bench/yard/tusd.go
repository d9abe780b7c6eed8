package yard

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"syscall"

	"github.com/relatingfield/vault/internal/daemontest"
	"github.com/relatingfield/vault/internal/realserver"
)

// Tusd is a running tusd that keeps uploads as files. It flushes nothing.
type Tusd struct {
	Addr string // host:port

	cmd *exec.Cmd
}

// StartTusd starts tusd over a folder of its own.
func StartTusd(ctx context.Context, dir string) (*Tusd, error) {
	t, err := startTusd(ctx, dir)
	if err != nil {
		return nil, fmt.Errorf("start tusd: %w", err)
	}
	return t, nil
}

func startTusd(ctx context.Context, dir string) (*Tusd, error) {
	program, err := realserver.Build(realserver.Tus)
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	addr := l.Addr().String()
	host, port, err := net.SplitHostPort(addr)
	if err = errors.Join(err, l.Close(), os.MkdirAll(dir, 0o700)); err != nil {
		return nil, err
	}
	cmd := exec.Command(program, "-host", host, "-port", port, "-upload-dir", dir, "-disable-cors", "-expose-metrics=false", "-verbose=false")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	daemontest.DieWithParent(cmd.SysProcAttr)
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	t := &Tusd{addr, cmd}
	if err := reachable(ctx, addr); err != nil {
		return nil, errors.Join(err, t.Stop())
	}
	return t, nil
}

// PID is the process's id.
func (t *Tusd) PID() int { return t.cmd.Process.Pid }

// Stop ends tusd.
func (t *Tusd) Stop() error {
	if err := t.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stop tusd: %w", err)
	}
	_ = t.cmd.Wait() // it was killed
	return nil
}
