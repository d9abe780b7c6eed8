//go:build !linux

package daemontest

import "syscall"

// DieWithParent does nothing here: the system has no such promise.
func DieWithParent(*syscall.SysProcAttr) {}
