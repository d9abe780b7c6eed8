package pgtest

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// Freeze makes the server fall silent, the way a suspended machine or a cut line
// does: connections stay open, new ones are taken by the system, and nobody
// answers. Thaw lets it go on as if nothing had happened.
func (c *Cluster) Freeze() error { return c.signal(syscall.SIGSTOP) }

// Thaw ends a Freeze.
func (c *Cluster) Thaw() error { return c.signal(syscall.SIGCONT) }

// signal reaches the server and its children. The server first, so that a frozen
// one starts no more of them.
func (c *Cluster) signal(sig syscall.Signal) error {
	if c.srv == nil {
		return errors.New("the postgresql does not run")
	}
	pid := c.srv.cmd.Process.Pid
	err := syscall.Kill(pid, sig)
	list, listErr := children(pid)
	err = errors.Join(err, listErr)
	for _, p := range list {
		if e := syscall.Kill(p, sig); !errors.Is(e, syscall.ESRCH) {
			err = errors.Join(err, e)
		}
	}
	c.frozen = sig == syscall.SIGSTOP
	return err
}

// children lists the processes whose parent is pid.
func children(pid int) ([]int, error) {
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return nil, err
	}
	var out []int
	for _, path := range stats {
		b, err := os.ReadFile(path)
		if errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ESRCH) {
			continue // it has ended
		}
		if err != nil {
			return nil, err
		}
		var state string
		var parent int
		if _, err := fmt.Sscan(string(b[bytes.LastIndexByte(b, ')')+1:]), &state, &parent); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		if parent != pid {
			continue
		}
		child, err := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		if err != nil {
			return nil, err
		}
		out = append(out, child)
	}
	return out, nil
}
