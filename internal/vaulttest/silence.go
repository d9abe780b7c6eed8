package vaulttest

import "syscall"

// PID is the process.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Pause makes the process fall silent, the way a suspended machine does: it
// neither computes nor answers, and its connections stay open.
func (p *Process) Pause() { p.T.Helper(); p.must(p.cmd.Process.Signal(syscall.SIGSTOP)) }

// Resume lets a paused process go on.
func (p *Process) Resume() { p.T.Helper(); p.must(p.cmd.Process.Signal(syscall.SIGCONT)) }
