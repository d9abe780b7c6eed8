package nodetest

import "syscall"

// dieWithParent ends a node when the test ends without its cleanups, as a
// time-out does.
func dieWithParent() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
