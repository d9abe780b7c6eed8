package daemontest

import "syscall"

// DieWithParent lets the system kill a process when the one that started it ends,
// in whatever way.
func DieWithParent(a *syscall.SysProcAttr) { a.Pdeathsig = syscall.SIGKILL }
